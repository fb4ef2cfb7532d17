/* The lz77 measure. A text costs the bits of its bytes; a string of it that
 * stands in the query too can be had for the price of a match instead. Only
 * strings that cost more are worth it, and these are rare: an inverted index
 * from the shortest such strings to the positions where they begin finds all
 * matches of all texts without looking at the rest. */
#include "lz77.h"
#include "hashes.h"
#include "prefix.h"

#include <stdlib.h>
#include <string.h>

enum {
    AHEAD = 8,        /* places whose texts are fetched early */
    SEARCH_STEPS = 16 /* of a binary search among suffixes */
};

/* ---- a text by itself ---- */

int lz77_own(const uint8_t *bytes, const int64_t *offsets, size_t texts, const uint16_t *literal,
             uint32_t copy, uint16_t *own, Poll *poll)
{
    size_t longest = 0;
    int status = LZ77_NO_MEMORY;
    for (size_t j = 0; j < texts; j++) {
        size_t size = (size_t)(offsets[j + 1] - offsets[j]);
        longest = size > longest ? size : longest;
    }
    uint32_t *order = malloc((longest + 1) * sizeof *order);
    uint32_t *room = malloc((3 * longest + 1) * sizeof *room);
    uint8_t *shared = malloc(longest + 1);
    uint8_t *repeat = malloc(longest + 1);
    uint64_t *cost = malloc((longest + 1) * sizeof *cost);
    if (!order || !room || !shared || !repeat || !cost)
        goto done;
    for (size_t j = 0; j < texts; j++) {
        const uint8_t *s = bytes + offsets[j];
        const uint16_t *alone = literal + offsets[j];
        uint16_t *out = own + offsets[j];
        uint32_t size = (uint32_t)(offsets[j + 1] - offsets[j]);
        suffix_order(s, size, order, room, poll);
        if (!poll->stopped)
            shared_prefixes(s, size, order, shared, poll);
        if (!poll->stopped)
            longest_repeats(size, order, shared, room, repeat, poll);
        if (poll_steps(poll, size))
            goto stopped;
        /* The cheapest way from each position to the end. */
        cost[size] = 0;
        for (uint32_t i = size; i-- > 0;) {
            uint64_t by_literal = alone[i] + cost[i + 1], by_copy = copy + cost[i + repeat[i]];
            if (repeat[i] == 0 || by_literal <= by_copy)
                repeat[i] = 0;
            cost[i] = repeat[i] ? by_copy : by_literal;
            if (poll_at(poll, i))
                goto stopped;
        }
        for (uint32_t i = 0; i < size;) {
            uint32_t length = repeat[i];
            if (length == 0) {
                out[i] = alone[i];
                i++;
                continue;
            }
            for (uint32_t n = 0; n < length; n++)
                out[i + n] = (uint16_t)(copy * (n + 1) / length - copy * n / length);
            i += length;
        }
    }
    status = LZ77_OK;
stopped:
    if (poll->stopped)
        status = LZ77_STOPPED;
done:
    free(order);
    free(room);
    free(shared);
    free(repeat);
    free(cost);
    return status;
}

/* ---- keys ---- */

/* Find the key of each position: its length, or 0 where none is long enough. */
static void key_lengths(const uint32_t *bits, size_t size, uint32_t match, uint8_t *lengths,
                        Poll *poll)
{
    size_t end = 0;
    for (size_t i = 0; i < size; i++) {
        if (end < i)
            end = i;
        while (end < size && end - i < REPEAT_MAX && bits[end] - bits[i] <= match)
            end++;
        lengths[i] = bits[end] - bits[i] > match ? (uint8_t)(end - i) : 0;
        if (poll_at(poll, i))
            return;
    }
}

/* ---- the index ---- */

static void *allocate(Lz77Index *ix, size_t count, size_t size)
{
    if (count > SIZE_MAX / 2 / size)
        return NULL;
    ix->nbytes += count * size;
    return malloc(count * size + 1);
}

typedef struct {
    Powers powers;
    uint64_t *hash;   /* of the prefixes of one text */
    uint8_t *length;  /* of its keys */
} Keys;

/* Go through all keys: the first time counting those of each bucket, the second
 * time putting them there. */
static int sort_keys(Lz77Index *ix, Keys *k, int put, Poll *poll)
{
    for (size_t j = 0; j < ix->texts; j++) {
        const uint32_t start = ix->start[j], size = ix->start[j + 1] - start;
        prefix_hashes(ix->bytes + start, size, k->hash, poll);
        key_lengths(ix->bits + start, size, ix->match, k->length, poll);
        if (poll_steps(poll, size))
            return LZ77_STOPPED;
        for (uint32_t i = 0; i < size; i++) {
            uint32_t length = k->length[i];
            if (poll_at(poll, i))
                return LZ77_STOPPED;
            if (length == 0)
                continue;
            uint64_t h = string_hash(&k->powers, k->hash, i, length);
            uint32_t b = (uint32_t)(h >> (64 - ix->bucket_bits));
            if (!put) {
                ix->bucket[b + 1]++;
                ix->has_key[length] = 1;
                if (length > ix->longest_key)
                    ix->longest_key = length;
                gate_open(ix->gate, &k->powers, k->hash, i, length);
                continue;
            }
            Place *place = &ix->places[ix->bucket[b]++];
            place->position = start + i;
            place->tag = (uint8_t)h;
            place->length = (uint8_t)length;
            place->before = i ? ix->bytes[start + i - 1] : NO_BYTE;
        }
    }
    return LZ77_OK;
}

int lz77_index(Lz77Index *ix, const uint8_t *bytes, const int64_t *offsets, size_t texts,
               const uint16_t *own, uint32_t match, Poll *poll)
{
    Keys k = {.hash = NULL, .length = NULL};
    size_t total = (size_t)(offsets[texts] - offsets[0]), longest = 0;
    int status = LZ77_NO_MEMORY;
    memset(ix, 0, sizeof *ix);
    ix->nbytes = sizeof *ix;
    ix->texts = texts;
    ix->match = match;
    ix->bucket_bits = 8;
    while (ix->bucket_bits < 31 && (size_t)1 << ix->bucket_bits < total / 2)
        ix->bucket_bits++;
    const size_t buckets = (size_t)1 << ix->bucket_bits;
    ix->start = allocate(ix, texts + 1, sizeof *ix->start);
    ix->bytes = allocate(ix, total, 1);
    ix->bits = allocate(ix, total + 1, sizeof *ix->bits);
    ix->bucket = allocate(ix, buckets + 1, sizeof *ix->bucket);
    ix->gate = allocate(ix, GATE_WORDS, sizeof *ix->gate);
    if (!ix->start || !ix->bytes || !ix->bits || !ix->bucket || !ix->gate)
        return LZ77_NO_MEMORY;
    for (size_t j = 0; j <= texts; j++) {
        ix->start[j] = (uint32_t)(offsets[j] - offsets[0]);
        if (j > 0 && ix->start[j] - ix->start[j - 1] > longest)
            longest = ix->start[j] - ix->start[j - 1];
    }
    memcpy(ix->bytes, bytes + offsets[0], total);
    ix->bits[0] = 0;
    for (size_t i = 0; i < total; i++)
        ix->bits[i + 1] = ix->bits[i] + own[offsets[0] + (int64_t)i];
    if (poll_steps(poll, total))
        return LZ77_STOPPED;
    memset(ix->bucket, 0, (buckets + 1) * sizeof *ix->bucket);
    memset(ix->gate, 0, GATE_WORDS * sizeof *ix->gate);
    powers_init(&k.powers);
    k.hash = malloc((longest + 1) * sizeof *k.hash);
    k.length = malloc(longest + 1);
    if (k.hash && k.length)
        status = sort_keys(ix, &k, 0, poll);
    if (status == LZ77_OK) {
        for (size_t b = 0; b < buckets; b++)
            ix->bucket[b + 1] += ix->bucket[b];
        ix->places = allocate(ix, ix->bucket[buckets], sizeof *ix->places);
        status = ix->places ? sort_keys(ix, &k, 1, poll) : LZ77_NO_MEMORY;
        /* Each now tells where it ends, which is where the next begins. */
        memmove(ix->bucket + 1, ix->bucket, buckets * sizeof *ix->bucket);
        ix->bucket[0] = 0;
    }
    free(k.hash);
    free(k.length);
    return status;
}

void lz77_free(Lz77Index *ix)
{
    free(ix->start);
    free(ix->bytes);
    free(ix->bits);
    free(ix->bucket);
    free(ix->places);
    free(ix->gate);
}

/* ---- a query ---- */

/* A key that stands in the query, and the ranks of the suffixes it begins. */
typedef struct {
    uint32_t first, end;
    uint32_t length;
    uint32_t before;  /* the byte before it, if always the same, else NO_BYTE + 1 */
} Found;

/* A match: it may also begin later. */
typedef struct {
    uint32_t begin, end;
    int64_t saved;    /* by the best matches up to here of which it is the last */
} Match;

typedef struct {
    const uint8_t *bytes;
    uint32_t size;
    uint32_t *order;
    uint8_t *shared;
    uint64_t *hash;
    Found *found;
    size_t founds, found_room;
    /* Places of found keys: the position, then the index of the key. */
    uint64_t *places, *sorted;
    size_t count, place_room;
    Match *matches;   /* in one text */
    size_t match_count, match_room;
} Query;

/* Room for one more item; NULL if there is none. */
static void *grow(void *items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return items;
    void *more = realloc(items, (*room * 2 + 1024) * size);
    if (more)
        *room = *room * 2 + 1024;
    return more;
}

static int note_match(Query *q, uint32_t begin, uint32_t end)
{
    Match *matches = grow(q->matches, q->match_count, &q->match_room, sizeof *matches);
    if (!matches)
        return 0;
    q->matches = matches;
    matches[q->match_count].begin = begin;
    matches[q->match_count++].end = end;
    return 1;
}

static uint32_t byte_before(const Query *q, uint32_t first, uint32_t end)
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
static int find_key(const Lz77Index *ix, Query *q, uint32_t rank, uint32_t length, uint64_t hash,
                    Poll *poll)
{
    uint32_t b = (uint32_t)(hash >> (64 - ix->bucket_bits)), before = 0;
    const Place *place = ix->places + ix->bucket[b], *end = ix->places + ix->bucket[b + 1];
    int is_new = 1;
    poll_steps(poll, (size_t)(end - place));
    for (; place < end; place++) {
        if (place->tag != (uint8_t)hash || place->length != length)
            continue;
        if (is_new) {
            Found *found = grow(q->found, q->founds, &q->found_room, sizeof *found);
            if (!found)
                return 0;
            q->found = found;
            found += q->founds++;
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
        uint64_t *places = grow(q->places, q->count, &q->place_room, sizeof *places);
        if (!places)
            return 0;
        q->places = places;
        places[q->count++] = (uint64_t)place->position << 32 | (q->founds - 1);
    }
    return 1;
}

static int find_keys(const Lz77Index *ix, Query *q, Poll *poll)
{
    Powers powers;
    uint64_t key[REPEAT_MAX + 1]; /* by length */
    powers_init(&powers);
    for (uint32_t r = 0; r < q->size; r++) {
        uint32_t at = q->order[r], most = q->size - at;
        if (most > ix->longest_key)
            most = ix->longest_key;
        most = gate_most(ix->gate, &powers, q->hash, at, most);
        /* What is shared with the rank before has been looked up there. */
        for (uint32_t length = q->shared[r] + 1u; length <= most; length++) {
            if (!ix->has_key[length])
                continue;
            key[length] = string_hash(&powers, q->hash, at, length);
            FETCH(ix->places + ix->bucket[key[length] >> (64 - ix->bucket_bits)]);
        }
        for (uint32_t length = q->shared[r] + 1u; length <= most; length++) {
            if (!ix->has_key[length])
                continue;
            if (!find_key(ix, q, r, length, key[length], poll))
                return LZ77_NO_MEMORY;
            if (poll->stopped)
                return LZ77_STOPPED;
        }
        if (poll_steps(poll, 1 + most))
            return LZ77_STOPPED;
    }
    return LZ77_OK;
}

/* Order the places by position. */
static int sort_places(Query *q, uint32_t positions, Poll *poll)
{
    enum { DIGIT = 11, DIGITS = 1 << DIGIT };
    size_t count[DIGITS];
    q->sorted = malloc((q->count + 1) * sizeof *q->sorted);
    if (!q->sorted)
        return LZ77_NO_MEMORY;
    for (int at = 0; at < 32 && positions >> at != 0; at += DIGIT) {
        memset(count, 0, sizeof count);
        for (size_t i = 0; i < q->count; i++)
            count[q->places[i] >> (32 + at) & (DIGITS - 1)]++;
        for (size_t d = 0, sum = 0; d < DIGITS; d++) {
            size_t n = count[d];
            count[d] = sum;
            sum += n;
        }
        for (size_t i = 0; i < q->count; i++) {
            q->sorted[count[q->places[i] >> (32 + at) & (DIGITS - 1)]++] = q->places[i];
            if (poll_at(poll, i))
                return LZ77_STOPPED;
        }
        uint64_t *sorted = q->sorted;
        q->sorted = q->places;
        q->places = sorted;
    }
    return LZ77_OK;
}

/* The longest match of s, of which `left` bytes count, among the suffixes of
 * the query of these ranks; `where` is the rank it was found at. */
static uint32_t longest_match(const Query *q, uint32_t first, uint32_t end, const uint8_t *s,
                              uint32_t left, uint32_t *where)
{
    uint32_t best = 0;
    while (first < end) {
        uint32_t middle = first + (end - first) / 2, at = q->order[middle];
        uint32_t most = q->size - at < left ? q->size - at : left;
        uint32_t length = (uint32_t)common_prefix(q->bytes + at, s, (int)most);
        if (length > best) {
            best = length;
            *where = middle;
        }
        if (length == left)
            break;
        if (at + length == q->size || q->bytes[at + length] < s[length])
            first = middle + 1;
        else
            end = middle;
    }
    return best;
}

/* The matches of one text that do not lie within others, in order. */
static int measure_matches(const Lz77Index *ix, Query *q, const uint64_t *places, size_t count,
                           uint32_t text_end, Poll *poll)
{
    uint32_t end = 0;  /* of the last match; those noted later must go on behind it */
    uint32_t done = 0; /* what begins before has been looked at without a key */
    const size_t fetchable = (size_t)(q->places + q->count - places); /* of later texts, too */
    for (size_t i = 0; i < count; i++) {
        if (i + AHEAD < fetchable) {
            FETCH(ix->bytes + (places[i + AHEAD] >> 32));
            FETCH(ix->bits + (places[i + AHEAD] >> 32));
        }
        const Found *found = &q->found[(uint32_t)places[i]];
        uint32_t p = (uint32_t)(places[i] >> 32), first = found->first, last = found->end;
        uint32_t least = found->length;
        while (p >= done) {
            uint32_t left = text_end - p < REPEAT_MAX ? text_end - p : REPEAT_MAX;
            uint32_t where, length = longest_match(q, first, last, ix->bytes + p, left, &where);
            if (poll_steps(poll, SEARCH_STEPS))
                return LZ77_STOPPED;
            /* Too short if it is another string with the key's hash. */
            if (length < least || p + length <= end)
                break;
            end = p + length;
            if (!note_match(q, p, end))
                return LZ77_NO_MEMORY;
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
    return LZ77_OK;
}

/* The most that matches save together if each may begin later, but none may
 * overlap the one before. */
static int64_t best_matches(const uint32_t *bits, uint32_t match, Match *matches, size_t count,
                            Poll *poll)
{
    int64_t best = 0, best_apart = 0;
    size_t apart = 0; /* matches that end before this one begins */
    for (size_t i = 0; i < count; i++) {
        uint32_t begin = matches[i].begin, end = matches[i].end;
        for (; matches[apart].end <= begin; apart++)
            if (matches[apart].saved > best_apart)
                best_apart = matches[apart].saved;
        int64_t saved = best_apart + (uint32_t)(bits[end] - bits[begin]);
        for (size_t j = apart; j < i; j++) {
            int64_t after = matches[j].saved + (uint32_t)(bits[end] - bits[matches[j].end]);
            saved = after > saved ? after : saved;
        }
        matches[i].saved = saved - match;
        best = matches[i].saved > best ? matches[i].saved : best;
        if (poll_steps(poll, i - apart))
            break;
    }
    return best;
}

static int query_begin(Query *q, const uint8_t *bytes, size_t size, Poll *poll)
{
    memset(q, 0, sizeof *q);
    q->bytes = bytes;
    q->size = (uint32_t)size;
    q->order = malloc((3 * size + 1) * sizeof *q->order); /* with room to make it */
    q->shared = malloc(size + 1);
    if (!q->order || !q->shared)
        return LZ77_NO_MEMORY;
    suffix_order(bytes, q->size, q->order, q->order + q->size, poll);
    if (!poll->stopped)
        shared_prefixes(bytes, q->size, q->order, q->shared, poll);
    return poll_steps(poll, size) ? LZ77_STOPPED : LZ77_OK;
}

static void query_end(Query *q)
{
    free(q->order);
    free(q->shared);
    free(q->hash);
    free(q->found);
    free(q->places);
    free(q->sorted);
    free(q->matches);
}

int lz77_savings(const Lz77Index *ix, const uint8_t *query, size_t size, int64_t *savings, Poll *poll)
{
    Query q;
    int status = query_begin(&q, query, size, poll);
    if (status == LZ77_OK) {
        q.hash = malloc((size + 1) * sizeof *q.hash);
        status = q.hash ? LZ77_OK : LZ77_NO_MEMORY;
    }
    if (status == LZ77_OK) {
        prefix_hashes(query, size, q.hash, poll);
        status = find_keys(ix, &q, poll);
    }
    if (status == LZ77_OK)
        status = sort_places(&q, ix->start[ix->texts], poll);
    if (status != LZ77_OK)
        goto done;
    size_t i = 0;
    for (size_t j = 0; j < ix->texts; j++) {
        size_t first = i;
        uint32_t end = ix->start[j + 1];
        while (i < q.count && q.places[i] >> 32 < end)
            i++;
        savings[j] = 0;
        if (first == i)
            continue;
        q.match_count = 0;
        status = measure_matches(ix, &q, q.places + first, i - first, end, poll);
        if (status != LZ77_OK)
            goto done;
        savings[j] = best_matches(ix->bits, ix->match, q.matches, q.match_count, poll);
        if (poll_steps(poll, i - first)) {
            status = LZ77_STOPPED;
            goto done;
        }
    }
done:
    query_end(&q);
    return status;
}

/* ---- some texts, without an index ---- */

int lz77_key_sizes(const int64_t *offsets, size_t texts, const uint16_t *own, uint32_t match,
                   uint8_t *sizes, Poll *poll)
{
    size_t longest = 0;
    for (size_t j = 0; j < texts; j++) {
        size_t size = (size_t)(offsets[j + 1] - offsets[j]);
        longest = size > longest ? size : longest;
    }
    uint32_t *bits = malloc((longest + 1) * sizeof *bits);
    if (!bits)
        return LZ77_NO_MEMORY;
    for (size_t j = 0; j < texts; j++) {
        const uint16_t *cost = own + offsets[j];
        const size_t size = (size_t)(offsets[j + 1] - offsets[j]);
        bits[0] = 0;
        for (size_t i = 0; i < size; i++)
            bits[i + 1] = bits[i] + cost[i];
        key_lengths(bits, size, match, sizes + offsets[j], poll);
        if (poll_steps(poll, size))
            break;
    }
    free(bits);
    return poll->stopped ? LZ77_STOPPED : LZ77_OK;
}

enum { FOUR = 4, EIGHT = 8 };

/* Four bytes of the query, and the ranks of the suffixes that begin with them. */
typedef struct {
    uint32_t bytes;
    uint32_t first, end; /* end is 0 where nothing is stored */
} Ranks;

/* What tells quickly whether, and where, the query has a string. */
typedef struct {
    Ranks *slots;
    uint32_t slot_bits;
    uint32_t *rank;      /* of each suffix of the query */
    uint64_t *filter;    /* which beginnings of keys, up to eight bytes, there may be */
    uint32_t filter_bits;
    uint64_t mask[REPEAT_MAX + 1];
    uint64_t salt[REPEAT_MAX + 1];
} Lookup;

/* The first byte lowest, whatever the machine's byte order; compilers make one load of it. */
static inline uint32_t load_four(const uint8_t *s)
{
    return (uint32_t)s[0] | (uint32_t)s[1] << 8 | (uint32_t)s[2] << 16 | (uint32_t)s[3] << 24;
}

static inline uint64_t load_eight(const uint8_t *s)
{
    return (uint64_t)load_four(s) | (uint64_t)load_four(s + FOUR) << 32;
}

/* Which bit of the filter is that of a key of `size` bytes, of which the first eight are these. */
static inline uint32_t filter_bit(const Lookup *l, uint64_t eight, uint32_t size)
{
    return (uint32_t)(((eight & l->mask[size]) + l->salt[size]) * MULTIPLIER >>
                      (64 - l->filter_bits));
}

static uint32_t slot_of(const Lookup *l, uint32_t four)
{
    return four * 0x9E3779B1u >> (32 - l->slot_bits);
}

static void lookup_end(Lookup *l)
{
    free(l->slots);
    free(l->rank);
    free(l->filter);
}

static int lookup_begin(Lookup *l, const Query *q, Poll *poll)
{
    memset(l, 0, sizeof *l);
    l->slot_bits = 8;
    while ((size_t)1 << l->slot_bits < 2 * (size_t)q->size)
        l->slot_bits++;
    l->filter_bits = 14;
    while (l->filter_bits < 24 && (size_t)1 << l->filter_bits < 16 * EIGHT * (size_t)q->size)
        l->filter_bits++;
    l->slots = calloc((size_t)1 << l->slot_bits, sizeof *l->slots);
    l->rank = malloc(((size_t)q->size + 1) * sizeof *l->rank);
    l->filter = calloc((size_t)1 << (l->filter_bits - 6), sizeof *l->filter);
    if (!l->slots || !l->rank || !l->filter)
        return LZ77_NO_MEMORY;
    for (uint32_t r = 0; r < q->size; r++)
        l->rank[q->order[r]] = r;
    for (uint32_t r = 0; r < q->size;) {
        uint32_t first = r++;
        if (q->size - q->order[first] < FOUR)
            continue;
        while (q->shared[r] >= FOUR) /* 0 at the end */
            r++;
        uint32_t four = load_four(q->bytes + q->order[first]), at = slot_of(l, four);
        while (l->slots[at].end != 0)
            at = (at + 1) & ((1u << l->slot_bits) - 1);
        l->slots[at].bytes = four;
        l->slots[at].first = first;
        l->slots[at].end = r;
        if (poll_steps(poll, r - first))
            return LZ77_STOPPED;
    }
    for (uint32_t size = 1; size <= REPEAT_MAX; size++) {
        const uint32_t first = size < EIGHT ? size : EIGHT;
        l->mask[size] = first == EIGHT ? UINT64_MAX : ((uint64_t)1 << 8 * first) - 1;
        l->salt[size] = (uint64_t)first << 59;
    }
    for (uint32_t i = 0; i < q->size; i++) {
        uint8_t head[EIGHT] = {0};
        const uint32_t most = q->size - i < EIGHT ? q->size - i : EIGHT;
        memcpy(head, q->bytes + i, most);
        const uint64_t eight = load_eight(head);
        for (uint32_t size = 1; size <= most; size++) {
            const uint32_t bit = filter_bit(l, eight, size);
            l->filter[bit >> 6] |= (uint64_t)1 << (bit & 63);
        }
        if (poll_at(poll, i))
            return LZ77_STOPPED;
    }
    return LZ77_OK;
}

static const Ranks *find_ranks(const Lookup *l, const uint8_t *s)
{
    uint32_t four = load_four(s), at = slot_of(l, four);
    for (; l->slots[at].end != 0; at = (at + 1) & ((1u << l->slot_bits) - 1))
        if (l->slots[at].bytes == four)
            return &l->slots[at];
    return NULL;
}

static inline uint32_t lowest_bit(uint64_t word)
{
#ifdef __GNUC__
    return (uint32_t)__builtin_ctzll(word);
#else
    uint32_t bit = 0;
    while (!(word >> bit & 1))
        bit++;
    return bit;
#endif
}

/* Which of the 64 positions from `first` on, or those left, begin with a key that
 * the query may have. */
static uint64_t keys_there(const Lookup *l, const Lz77Text *t, uint32_t first)
{
    const uint32_t end = t->size - first < 64 ? t->size : first + 64;
    uint64_t there = 0;
    for (uint32_t p = first; p < end; p++) {
        uint64_t eight;
        if (t->size - p >= EIGHT) {
            eight = load_eight(t->bytes + p);
        } else {
            uint8_t tail[EIGHT] = {0};
            memcpy(tail, t->bytes + p, t->size - p);
            eight = load_eight(tail);
        }
        const uint32_t size = t->sizes[p], bit = filter_bit(l, eight, size);
        there |= (l->filter[bit >> 6] >> (bit & 63) & (size != 0)) << (p - first);
    }
    return there;
}

/* Note the matches of a text, as measure_matches does, and in `bits` what is
 * before each position, of the matches alone. */
static int scan_matches(Query *q, const Lookup *l, const Lz77Text *t, uint32_t *bits, Poll *poll)
{
    uint32_t end = 0;                             /* of the last match noted */
    uint32_t seen = 0, seen_end = 0, seen_at = 0; /* the last match looked at, and where in the query */
    bits[0] = 0;
    for (uint32_t first = 0; first < t->size; first += 64) {
        if (poll_steps(poll, 64))
            return LZ77_STOPPED;
        for (uint64_t there = keys_there(l, t, first); there != 0; there &= there - 1) {
            const uint32_t p = first + lowest_bit(there);
            const uint32_t left = t->size - p < REPEAT_MAX ? t->size - p : REPEAT_MAX;
            /* Read once, and anything: Python may have written to it meanwhile. */
            uint32_t size = *(const volatile uint8_t *)(t->sizes + p);
            size = size < left ? size : left;
            if (size == 0)
                continue;
            uint32_t low = 0, high = q->size, where, length;
            if (p < seen_end) {
                /* The rest of that match, if it stands in the query but once, can't go on there. */
                uint32_t rank = l->rank[seen_at + (p - seen)], rest = seen_end - p;
                if (q->shared[rank] < rest && q->shared[rank + 1] < rest)
                    continue;
            }
            if (size >= FOUR) {
                const Ranks *ranks = find_ranks(l, t->bytes + p);
                if (!ranks)
                    continue;
                low = ranks->first;
                high = ranks->end;
            }
            length = longest_match(q, low, high, t->bytes + p, left, &where);
            poll_steps(poll, SEARCH_STEPS);
            if (length > 0 && length < REPEAT_MAX) {
                seen = p;
                seen_end = p + length;
                seen_at = q->order[where];
            }
            if (length < size || p + length <= end)
                continue;
            if (p > end)
                bits[p] = bits[end];
            for (uint32_t i = p > end ? p : end; i < p + length; i++)
                bits[i + 1] = bits[i] + t->own[i];
            end = p + length;
            if (!note_match(q, p, end))
                return LZ77_NO_MEMORY;
        }
    }
    return LZ77_OK;
}

int lz77_pairs(const Lz77Text *texts, size_t count, uint32_t match, const uint8_t *query,
               size_t size, int64_t *savings, Poll *poll)
{
    Query q;
    Lookup l = {.slots = NULL, .rank = NULL, .filter = NULL};
    uint32_t *bits = NULL;
    size_t longest = 0;
    for (size_t i = 0; i < count; i++)
        longest = texts[i].size > longest ? texts[i].size : longest;
    int status = query_begin(&q, query, size, poll);
    if (status == LZ77_OK)
        status = lookup_begin(&l, &q, poll);
    if (status == LZ77_OK && !(bits = malloc((longest + 1) * sizeof *bits)))
        status = LZ77_NO_MEMORY;
    for (size_t i = 0; i < count && status == LZ77_OK; i++) {
        q.match_count = 0;
        status = scan_matches(&q, &l, &texts[i], bits, poll);
        if (status != LZ77_OK)
            break;
        savings[i] = best_matches(bits, match, q.matches, q.match_count, poll);
        if (poll->stopped)
            status = LZ77_STOPPED;
    }
    free(bits);
    lookup_end(&l);
    query_end(&q);
    return status;
}
