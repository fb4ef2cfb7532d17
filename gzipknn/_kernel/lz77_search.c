/* A query against all texts of an index: look up its keys, put all of their places in order, and
 * then measure the matches of one text after the other. */
#include "lz77.h"
#include "hashes.h"
#include "lz77_query.h"

#include <stdlib.h>
#include <string.h>

enum { AHEAD = 8 /* places ahead at which texts are prefetched */ };

/* A key that occurs in the query, and the ranks of the suffixes that begin with it. */
typedef struct {
    uint32_t first, end;
    uint32_t length;
} Found;

/* The keys of the query that are in the index, and their places. */
typedef struct {
    const Lz77Index *ix;
    const Lz77Query *query;
    const uint16_t *blocks; /* 0 for blocks whose places are not wanted, or NULL */
    Found *found;
    size_t founds, found_room;
    /* Places of these keys: the position in the high half, the number of the key in the low. */
    uint64_t *places, *sorted;
    size_t count, place_room;
} Hits;

/* Return the byte before a key in the query, or NO_BYTE + 1 if it is not always the same. */
static uint32_t byte_before(const Lz77Query *q, uint32_t first, uint32_t end)
{
    uint32_t at = q->order[first], before = at ? q->bytes[at - 1] : NO_BYTE + 1;
    for (uint32_t r = first + 1; r < end && before <= NO_BYTE; r++)
        if (q->order[r] == 0 || q->bytes[q->order[r] - 1] != before)
            before = NO_BYTE + 1;
    return before;
}

/* Note the places of one key. No text is read before the places are in order. If the byte before
 * a place agrees as well, the match begins earlier, and is noted there. */
static int note_places(void *data, uint32_t rank, uint32_t length, uint32_t key, const Place *place,
                       const Place *end, Poll *poll)
{
    Hits *hits = data;
    uint32_t before = 0;
    int is_new = 1;
    for (; place < end; place++) {
        if (place_key(*place) != key)
            continue;
        if (is_new) {
            Found *found = grow(hits->found, hits->founds, &hits->found_room, sizeof *found);
            if (!found)
                return KERNEL_NO_MEMORY;
            hits->found = found;
            found += hits->founds++;
            found->first = rank;
            found->end = rank + 1;
            found->length = length;
            while (hits->query->shared[found->end] >= length)
                found->end++;
            /* The string that begins one byte before a key of the greatest length may be too
             * long to be a key. */
            before = length == REPEAT_MAX ? NO_BYTE + 1
                                          : byte_before(hits->query, rank, found->end);
            is_new = 0;
            poll_steps(poll, found->end - rank);
        }
        if (poll_steps(poll, 1))
            return KERNEL_STOPPED;
        if (place_before(*place) == before)
            continue;
        if (hits->blocks && !hits->blocks[place->position >> hits->ix->block_bits])
            continue;
        uint64_t *places = grow(hits->places, hits->count, &hits->place_room, sizeof *places);
        if (!places)
            return KERNEL_NO_MEMORY;
        hits->places = places;
        places[hits->count++] = (uint64_t)place->position << 32 | (hits->founds - 1);
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

/* Turn positions in blocks into positions in the bytes of all texts in a row. */
static int place_in_texts(Hits *hits, Poll *poll)
{
    const Lz77Index *ix = hits->ix;
    size_t j = 0;
    uint64_t gap = 0;
    for (size_t i = 0; i < hits->count; i++) {
        const uint32_t block = (uint32_t)(hits->places[i] >> 32 >> ix->block_bits);
        while (block >= ix->first_block[j + 1]) {
            j++;
            gap = (uint64_t)((ix->first_block[j] << ix->block_bits) - ix->start[j]) << 32;
        }
        hits->places[i] -= gap;
        if (poll_at(poll, i))
            return KERNEL_STOPPED;
    }
    return KERNEL_OK;
}

/* Note the matches of one text in order, except those that lie within others. */
static int measure_matches(const Lz77Index *ix, Lz77Query *q, const Hits *hits,
                           const uint64_t *places, size_t count, uint32_t text_end, Poll *poll)
{
    uint32_t end = 0;  /* the end of the last match; later matches must end after it */
    uint32_t done = 0; /* positions before this one were searched without a key */
    const size_t fetchable = (size_t)(hits->places + hits->count - places); /* also of later texts */
    for (size_t i = 0; i < count; i++) {
        if (i + AHEAD < fetchable) {
            FETCH(ix->bytes + (places[i + AHEAD] >> 32));
            FETCH(ix->bits + (places[i + AHEAD] >> 32) * ix->step);
            FETCH(ix->bits + (places[i + AHEAD] >> 32) * ix->step + LINE);
        }
        const Found *found = &hits->found[(uint32_t)places[i]];
        uint32_t p = (uint32_t)(places[i] >> 32), first = found->first, last = found->end;
        uint32_t least = found->length;
        while (p >= done) {
            uint32_t left = text_end - p < REPEAT_MAX ? text_end - p : REPEAT_MAX;
            uint32_t where, length = longest_match(q, first, last, ix->bytes + p, left, &where);
            if (poll_steps(poll, SEARCH_STEPS))
                return KERNEL_STOPPED;
            /* It is too short if another string has the hash of the key. */
            if (length < least || p + length <= end)
                break;
            end = p + length;
            if (!note_match(q, p, end))
                return KERNEL_NO_MEMORY;
            /* After a match of the greatest length, one that begins a byte later may end later,
             * although the byte before agrees. */
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

int lz77_measure(const Lz77Index *ix, Lz77Query *q, const Lz77Wanted *wanted, Poll *poll)
{
    Hits hits = {.ix = ix, .query = q, .blocks = wanted->blocks}; /* and all else 0 */
    int status = lz77_find_keys(ix, q, note_places, &hits, poll);
    if (status == KERNEL_OK)
        status = sort_places(&hits, ix->first_block[ix->texts] << ix->block_bits, poll);
    if (status == KERNEL_OK)
        status = place_in_texts(&hits, poll);
    for (size_t i = 0, j = 0; j < ix->texts && status == KERNEL_OK; j++) {
        const size_t first = i;
        const uint32_t end = ix->start[j + 1];
        int64_t saved = 0;
        while (i < hits.count && hits.places[i] >> 32 < end)
            i++;
        if (wanted->wants && !wanted->wants(wanted->data, j))
            continue;
        if (first < i) {
            q->match_count = 0;
            status = measure_matches(ix, q, &hits, hits.places + first, i - first, end, poll);
            if (status == KERNEL_OK)
                saved = lz77_best_matches((Before){ix->bits, ix->step}, ix->match, q->matches,
                                          q->match_count, poll);
        }
        if (status == KERNEL_OK && !poll_steps(poll, 1 + i - first))
            wanted->take(wanted->data, j, saved);
        else if (status == KERNEL_OK)
            status = KERNEL_STOPPED;
    }
    free(hits.found);
    free(hits.places);
    free(hits.sorted);
    return status;
}

static void note_saved(void *data, size_t text, int64_t saved)
{
    ((int64_t *)data)[text] = saved;
}

int lz77_savings(const Lz77Index *ix, const uint8_t *query, size_t size, int64_t *savings, Poll *poll)
{
    Lz77Query q;
    const Lz77Wanted all = {.take = note_saved, .data = savings};
    int status = lz77_query_begin(&q, query, size, poll);
    if (status == KERNEL_OK)
        status = lz77_measure(ix, &q, &all, poll);
    lz77_query_end(&q);
    return status;
}
