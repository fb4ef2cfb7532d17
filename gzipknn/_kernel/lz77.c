/* The lz77 measure. A text costs the bits of its bytes; a string of it that
 * stands in the query too can be had for the price of a match instead. Only
 * strings that cost more are worth it, and these are rare: an inverted index
 * from the shortest such strings to the positions where they begin finds all
 * matches of all texts without looking at the rest. */
#include "lz77.h"
#include "prefix.h"

#include <stdlib.h>
#include <string.h>

enum {
    POLL_EVERY = 1 << 20, /* bytes */
    GATE = 12,            /* keys longer than this are announced by their first 12, 24, ... bytes */
    GATE_BITS = 20,
    AHEAD = 8             /* places whose texts are fetched early */
};

/* The tables of large corpora lie outside the caches: say early what will be read. */
#ifdef __GNUC__
#define FETCH(address) __builtin_prefetch(address)
#else
#define FETCH(address) ((void)0)
#endif

/* ---- a text by itself ---- */

int lz77_own(const uint8_t *bytes, const int64_t *offsets, size_t texts, const uint16_t *literal,
             uint32_t copy, uint16_t *own, Lz77Poll poll, void *poll_data)
{
    size_t longest = 0, since = 0;
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
        if ((since += size) > POLL_EVERY) {
            since = 0;
            if (poll && poll(poll_data)) {
                status = LZ77_STOPPED;
                goto done;
            }
        }
        suffix_order(s, size, order);
        shared_prefixes(s, size, order, shared);
        longest_repeats(size, order, shared, room, repeat);
        /* The cheapest way from each position to the end. */
        cost[size] = 0;
        for (uint32_t i = size; i-- > 0;) {
            uint64_t by_literal = alone[i] + cost[i + 1], by_copy = copy + cost[i + repeat[i]];
            if (repeat[i] == 0 || by_literal <= by_copy)
                repeat[i] = 0;
            cost[i] = repeat[i] ? by_copy : by_literal;
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
done:
    free(order);
    free(room);
    free(shared);
    free(repeat);
    free(cost);
    return status;
}

/* ---- keys ---- */

#define MULTIPLIER 0x9E3779B97F4A7C15u

typedef struct {
    uint64_t power[REPEAT_MAX + 1];
} Powers;

static void powers_init(Powers *p)
{
    p->power[0] = 1;
    for (int n = 1; n <= REPEAT_MAX; n++)
        p->power[n] = p->power[n - 1] * MULTIPLIER;
}

/* Hashes of the prefixes of s: size + 1 items. */
static void prefix_hashes(const uint8_t *s, size_t size, uint64_t *hash)
{
    hash[0] = 0;
    for (size_t i = 0; i < size; i++)
        hash[i + 1] = hash[i] * MULTIPLIER + s[i] + 1;
}

static inline uint64_t key_hash(const Powers *p, const uint64_t *hash, size_t at, uint32_t length)
{
    uint64_t h = hash[at + length] - hash[at] * p->power[length];
    h ^= h >> 32;
    h *= 0xD6E8FEB86659FD93u;
    return h ^ h >> 32;
}

/* Find the key of each position: its length, or 0 where none is long enough. */
static void key_lengths(const uint32_t *bits, size_t size, uint32_t match, uint8_t *lengths)
{
    size_t end = 0;
    for (size_t i = 0; i < size; i++) {
        if (end < i)
            end = i;
        while (end < size && end - i < REPEAT_MAX && bits[end] - bits[i] <= match)
            end++;
        lengths[i] = bits[end] - bits[i] > match ? (uint8_t)(end - i) : 0;
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

static inline void gate_open(Lz77Index *ix, uint64_t hash)
{
    ix->long_keys[hash >> (70 - GATE_BITS)] |= (uint64_t)1 << (hash >> (64 - GATE_BITS) & 63);
}

static inline int gate_is_open(const Lz77Index *ix, uint64_t hash)
{
    return ix->long_keys[hash >> (70 - GATE_BITS)] >> (hash >> (64 - GATE_BITS) & 63) & 1;
}

typedef struct {
    Powers powers;
    uint64_t *hash;   /* of the prefixes of one text */
    uint8_t *length;  /* of its keys */
} Keys;

/* Go through all keys: the first time counting those of each bucket, the second
 * time putting them there. */
static int sort_keys(Lz77Index *ix, Keys *k, int put, Lz77Poll poll, void *poll_data)
{
    size_t since = 0;
    for (size_t j = 0; j < ix->texts; j++) {
        const uint32_t start = ix->start[j], size = ix->start[j + 1] - start;
        if ((since += size) > POLL_EVERY) {
            since = 0;
            if (poll && poll(poll_data))
                return LZ77_STOPPED;
        }
        prefix_hashes(ix->bytes + start, size, k->hash);
        key_lengths(ix->bits + start, size, ix->match, k->length);
        for (uint32_t i = 0; i < size; i++) {
            uint32_t length = k->length[i];
            if (length == 0)
                continue;
            uint64_t h = key_hash(&k->powers, k->hash, i, length);
            uint32_t b = (uint32_t)(h >> (64 - ix->bucket_bits));
            if (!put) {
                ix->bucket[b + 1]++;
                ix->has_key[length] = 1;
                if (length > ix->longest_key)
                    ix->longest_key = length;
                for (uint32_t first = GATE; first < length; first *= 2)
                    gate_open(ix, key_hash(&k->powers, k->hash, i, first));
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
               const uint16_t *own, uint32_t match, Lz77Poll poll, void *poll_data)
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
    ix->long_keys = allocate(ix, (size_t)1 << (GATE_BITS - 6), sizeof *ix->long_keys);
    if (!ix->start || !ix->bytes || !ix->bits || !ix->bucket || !ix->long_keys)
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
    memset(ix->bucket, 0, (buckets + 1) * sizeof *ix->bucket);
    memset(ix->long_keys, 0, ((size_t)1 << (GATE_BITS - 6)) * sizeof *ix->long_keys);
    powers_init(&k.powers);
    k.hash = malloc((longest + 1) * sizeof *k.hash);
    k.length = malloc(longest + 1);
    if (k.hash && k.length)
        status = sort_keys(ix, &k, 0, poll, poll_data);
    if (status == LZ77_OK) {
        for (size_t b = 0; b < buckets; b++)
            ix->bucket[b + 1] += ix->bucket[b];
        ix->places = allocate(ix, ix->bucket[buckets], sizeof *ix->places);
        status = ix->places ? sort_keys(ix, &k, 1, poll, poll_data) : LZ77_NO_MEMORY;
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
    free(ix->long_keys);
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
static int find_key(const Lz77Index *ix, Query *q, uint32_t rank, uint32_t length, uint64_t hash)
{
    uint32_t b = (uint32_t)(hash >> (64 - ix->bucket_bits)), before = 0;
    const Place *place = ix->places + ix->bucket[b], *end = ix->places + ix->bucket[b + 1];
    int is_new = 1;
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
        }
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

static int find_keys(const Lz77Index *ix, Query *q, Lz77Poll poll, void *poll_data)
{
    Powers powers;
    uint64_t key[REPEAT_MAX + 1]; /* by length */
    size_t since = 0;
    powers_init(&powers);
    for (uint32_t r = 0; r < q->size; r++) {
        uint32_t at = q->order[r], most = q->size - at;
        if (most > ix->longest_key)
            most = ix->longest_key;
        for (uint32_t first = GATE; first < most; first *= 2)
            if (!gate_is_open(ix, key_hash(&powers, q->hash, at, first)))
                most = first;
        /* What is shared with the rank before has been looked up there. */
        for (uint32_t length = q->shared[r] + 1u; length <= most; length++) {
            if (!ix->has_key[length])
                continue;
            key[length] = key_hash(&powers, q->hash, at, length);
            FETCH(ix->places + ix->bucket[key[length] >> (64 - ix->bucket_bits)]);
        }
        for (uint32_t length = q->shared[r] + 1u; length <= most; length++) {
            if (!ix->has_key[length])
                continue;
            size_t before = q->count;
            if (!find_key(ix, q, r, length, key[length]))
                return LZ77_NO_MEMORY;
            if ((since += 1 + q->count - before) > POLL_EVERY) {
                since = 0;
                if (poll && poll(poll_data))
                    return LZ77_STOPPED;
            }
        }
    }
    return LZ77_OK;
}

/* Order the places by position. */
static int sort_places(Query *q, uint32_t positions)
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
        for (size_t i = 0; i < q->count; i++)
            q->sorted[count[q->places[i] >> (32 + at) & (DIGITS - 1)]++] = q->places[i];
        uint64_t *sorted = q->sorted;
        q->sorted = q->places;
        q->places = sorted;
    }
    return LZ77_OK;
}

/* The longest match of s, of which `left` bytes count, among the suffixes of
 * the query of these ranks. */
static uint32_t longest_match(const Query *q, uint32_t first, uint32_t end, const uint8_t *s,
                              uint32_t left)
{
    uint32_t best = 0;
    while (first < end) {
        uint32_t middle = first + (end - first) / 2, at = q->order[middle];
        uint32_t most = q->size - at < left ? q->size - at : left;
        uint32_t length = (uint32_t)common_prefix(q->bytes + at, s, (int)most);
        best = length > best ? length : best;
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
                           uint32_t text_end)
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
            uint32_t length = longest_match(q, first, last, ix->bytes + p, left);
            /* Too short if it is another string with the key's hash. */
            if (length < least || p + length <= end)
                break;
            end = p + length;
            Match *matches = grow(q->matches, q->match_count, &q->match_room, sizeof *matches);
            if (!matches)
                return LZ77_NO_MEMORY;
            q->matches = matches;
            matches[q->match_count].begin = p;
            matches[q->match_count++].end = end;
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
static int64_t best_matches(const Lz77Index *ix, Match *matches, size_t count)
{
    int64_t best = 0, best_apart = 0;
    size_t apart = 0; /* matches that end before this one begins */
    for (size_t i = 0; i < count; i++) {
        const uint32_t *bits = ix->bits;
        uint32_t begin = matches[i].begin, end = matches[i].end;
        for (; matches[apart].end <= begin; apart++)
            if (matches[apart].saved > best_apart)
                best_apart = matches[apart].saved;
        int64_t saved = best_apart + (uint32_t)(bits[end] - bits[begin]);
        for (size_t j = apart; j < i; j++) {
            int64_t after = matches[j].saved + (uint32_t)(bits[end] - bits[matches[j].end]);
            saved = after > saved ? after : saved;
        }
        matches[i].saved = saved - ix->match;
        best = matches[i].saved > best ? matches[i].saved : best;
    }
    return best;
}

int lz77_savings(const Lz77Index *ix, const uint8_t *query, size_t size, int64_t *savings,
                 Lz77Poll poll, void *poll_data)
{
    Query q = {.bytes = query, .size = (uint32_t)size};
    int status = LZ77_NO_MEMORY;
    q.order = malloc((size + 1) * sizeof *q.order);
    q.shared = malloc(size + 1);
    q.hash = malloc((size + 1) * sizeof *q.hash);
    if (!q.order || !q.shared || !q.hash)
        goto done;
    suffix_order(query, q.size, q.order);
    shared_prefixes(query, q.size, q.order, q.shared);
    prefix_hashes(query, size, q.hash);
    status = find_keys(ix, &q, poll, poll_data);
    if (status == LZ77_OK)
        status = sort_places(&q, ix->start[ix->texts]);
    if (status != LZ77_OK)
        goto done;
    size_t i = 0, since = 0;
    for (size_t j = 0; j < ix->texts; j++) {
        size_t first = i;
        uint32_t end = ix->start[j + 1];
        while (i < q.count && q.places[i] >> 32 < end)
            i++;
        savings[j] = 0;
        if (first == i)
            continue;
        q.match_count = 0;
        status = measure_matches(ix, &q, q.places + first, i - first, end);
        if (status != LZ77_OK)
            goto done;
        savings[j] = best_matches(ix, q.matches, q.match_count);
        if ((since += i - first) > POLL_EVERY) {
            since = 0;
            if (poll && poll(poll_data)) {
                status = LZ77_STOPPED;
                goto done;
            }
        }
    }
done:
    free(q.order);
    free(q.shared);
    free(q.hash);
    free(q.found);
    free(q.places);
    free(q.sorted);
    free(q.matches);
    return status;
}
