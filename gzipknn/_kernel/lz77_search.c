/* A query against all texts of an index: look up its keys, put the places of all of
 * them in order, then measure the matches of one text after the other. */
#include "lz77.h"
#include "hashes.h"
#include "lz77_query.h"

#include <stdlib.h>
#include <string.h>

enum { AHEAD = 8 /* places whose texts are fetched early */ };

/* A key that stands in the query, and the ranks of the suffixes it begins. */
typedef struct {
    uint32_t first, end;
    uint32_t length;
    uint32_t before;  /* the byte before it, if always the same, else NO_BYTE + 1 */
} Found;

/* What of the query stands in the index. */
typedef struct {
    uint64_t *hash;   /* of the query's prefixes */
    Found *found;
    size_t founds, found_room;
    /* Places of found keys: the position, then the index of the key. */
    uint64_t *places, *sorted;
    size_t count, place_room;
} Hits;

static uint32_t byte_before(const Lz77Query *q, uint32_t first, uint32_t end)
{
    uint32_t at = q->order[first], before = at ? q->bytes[at - 1] : NO_BYTE + 1;
    for (uint32_t r = first + 1; r < end && before <= NO_BYTE; r++)
        if (q->order[r] == 0 || q->bytes[q->order[r] - 1] != before)
            before = NO_BYTE + 1;
    return before;
}

/* Note the places of one key, which stands at some ranks. No text is looked at
 * yet: that waits until the places are in order. Where the byte before agrees as
 * well, the match begins earlier; so it has been, or will be, noted there. */
static int find_key(const Lz77Index *ix, const Lz77Query *q, Hits *hits, uint32_t rank,
                    uint32_t length, uint64_t hash, Poll *poll)
{
    uint32_t b = (uint32_t)(hash >> (64 - ix->bucket_bits)), before = 0;
    const Place *place = ix->places + ix->bucket[b], *end = ix->places + ix->bucket[b + 1];
    int is_new = 1;
    poll_steps(poll, (size_t)(end - place));
    for (; place < end; place++) {
        if (place->tag != (uint8_t)hash || place->length != length)
            continue;
        if (is_new) {
            Found *found = grow(hits->found, hits->founds, &hits->found_room, sizeof *found);
            if (!found)
                return 0;
            hits->found = found;
            found += hits->founds++;
            found->first = rank;
            found->end = rank + 1;
            found->length = length;
            while (q->shared[found->end] >= length)
                found->end++;
            /* A longest key's predecessor may be too long to be one. */
            found->before = length == REPEAT_MAX ? NO_BYTE + 1
                                                 : byte_before(q, rank, found->end);
            before = found->before;
            is_new = 0;
            poll_steps(poll, found->end - rank);
        }
        if (poll_steps(poll, 1))
            break;
        if (place->before == before)
            continue;
        uint64_t *places = grow(hits->places, hits->count, &hits->place_room, sizeof *places);
        if (!places)
            return 0;
        hits->places = places;
        places[hits->count++] = (uint64_t)place->position << 32 | (hits->founds - 1);
    }
    return 1;
}

static int find_keys(const Lz77Index *ix, const Lz77Query *q, Hits *hits, Poll *poll)
{
    Powers powers;
    uint64_t key[REPEAT_MAX + 1]; /* by length */
    powers_init(&powers);
    for (uint32_t r = 0; r < q->size; r++) {
        uint32_t at = q->order[r], most = q->size - at;
        if (most > ix->longest_key)
            most = ix->longest_key;
        most = gate_most(ix->gate, &powers, hits->hash, at, most);
        /* What is shared with the rank before has been looked up there. */
        for (uint32_t length = q->shared[r] + 1u; length <= most; length++) {
            if (!ix->has_key[length])
                continue;
            key[length] = string_hash(&powers, hits->hash, at, length);
            FETCH(ix->places + ix->bucket[key[length] >> (64 - ix->bucket_bits)]);
        }
        for (uint32_t length = q->shared[r] + 1u; length <= most; length++) {
            if (!ix->has_key[length])
                continue;
            if (!find_key(ix, q, hits, r, length, key[length], poll))
                return KERNEL_NO_MEMORY;
            if (poll->stopped)
                return KERNEL_STOPPED;
        }
        if (poll_steps(poll, 1 + most))
            return KERNEL_STOPPED;
    }
    return KERNEL_OK;
}

/* Order the places by position. */
static int sort_places(Hits *hits, uint32_t positions, Poll *poll)
{
    enum { DIGIT = 11, DIGITS = 1 << DIGIT };
    size_t count[DIGITS];
    hits->sorted = malloc((hits->count + 1) * sizeof *hits->sorted);
    if (!hits->sorted)
        return KERNEL_NO_MEMORY;
    for (int at = 0; at < 32 && positions >> at != 0; at += DIGIT) {
        memset(count, 0, sizeof count);
        for (size_t i = 0; i < hits->count; i++)
            count[hits->places[i] >> (32 + at) & (DIGITS - 1)]++;
        for (size_t d = 0, sum = 0; d < DIGITS; d++) {
            size_t n = count[d];
            count[d] = sum;
            sum += n;
        }
        for (size_t i = 0; i < hits->count; i++) {
            hits->sorted[count[hits->places[i] >> (32 + at) & (DIGITS - 1)]++] = hits->places[i];
            if (poll_at(poll, i))
                return KERNEL_STOPPED;
        }
        uint64_t *sorted = hits->sorted;
        hits->sorted = hits->places;
        hits->places = sorted;
    }
    return KERNEL_OK;
}

/* The matches of one text that do not lie within others, in order. */
static int measure_matches(const Lz77Index *ix, Lz77Query *q, const Hits *hits,
                           const uint64_t *places, size_t count, uint32_t text_end, Poll *poll)
{
    uint32_t end = 0;  /* of the last match; those noted later must go on behind it */
    uint32_t done = 0; /* what begins before has been looked at without a key */
    const size_t fetchable = (size_t)(hits->places + hits->count - places); /* of later texts, too */
    for (size_t i = 0; i < count; i++) {
        if (i + AHEAD < fetchable) {
            FETCH(ix->bytes + (places[i + AHEAD] >> 32));
            FETCH(ix->bits + (places[i + AHEAD] >> 32));
        }
        const Found *found = &hits->found[(uint32_t)places[i]];
        uint32_t p = (uint32_t)(places[i] >> 32), first = found->first, last = found->end;
        uint32_t least = found->length;
        while (p >= done) {
            uint32_t left = text_end - p < REPEAT_MAX ? text_end - p : REPEAT_MAX;
            uint32_t where, length = longest_match(q, first, last, ix->bytes + p, left, &where);
            if (poll_steps(poll, SEARCH_STEPS))
                return KERNEL_STOPPED;
            /* Too short if it is another string with the key's hash. */
            if (length < least || p + length <= end)
                break;
            end = p + length;
            if (!note_match(q, p, end))
                return KERNEL_NO_MEMORY;
            /* A match as long as can be: what begins later may end later, though
             * the byte before agrees. */
            if (length < REPEAT_MAX)
                break;
            done = ++p;
            first = 0;
            last = q->size;
            least = 1;
        }
    }
    return KERNEL_OK;
}

int lz77_savings(const Lz77Index *ix, const uint8_t *query, size_t size, int64_t *savings, Poll *poll)
{
    Lz77Query q;
    Hits hits = {.hash = NULL}; /* and all else 0 */
    int status = lz77_query_begin(&q, query, size, poll);
    if (status == KERNEL_OK) {
        hits.hash = malloc((size + 1) * sizeof *hits.hash);
        status = hits.hash ? KERNEL_OK : KERNEL_NO_MEMORY;
    }
    if (status == KERNEL_OK) {
        prefix_hashes(query, size, hits.hash, poll);
        status = find_keys(ix, &q, &hits, poll);
    }
    if (status == KERNEL_OK)
        status = sort_places(&hits, ix->start[ix->texts], poll);
    if (status != KERNEL_OK)
        goto done;
    size_t i = 0;
    for (size_t j = 0; j < ix->texts; j++) {
        size_t first = i;
        uint32_t end = ix->start[j + 1];
        while (i < hits.count && hits.places[i] >> 32 < end)
            i++;
        savings[j] = 0;
        if (first == i)
            continue;
        q.match_count = 0;
        status = measure_matches(ix, &q, &hits, hits.places + first, i - first, end, poll);
        if (status != KERNEL_OK)
            goto done;
        savings[j] = lz77_best_matches(ix->bits, ix->worth, ix->match, q.matches, q.match_count, poll);
        if (poll_steps(poll, i - first)) {
            status = KERNEL_STOPPED;
            goto done;
        }
    }
done:
    free(hits.hash);
    free(hits.found);
    free(hits.places);
    free(hits.sorted);
    lz77_query_end(&q);
    return status;
}
