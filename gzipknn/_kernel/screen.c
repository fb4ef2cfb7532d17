#include "screen.h"
#include "bitmaps.h"
#include "hashes.h"

#include <stdlib.h>
#include <string.h>

enum {
    WEIGHT_BITS = 4,
    TAG_BITS = 12, /* bits of a string's hash, in addition to those of its bucket */
    TEXT_SHIFT = TAG_BITS + WEIGHT_BITS,
    AHEAD = 8,     /* strings ahead at which two cache lines of postings are prefetched */
    LINE = 16
};

/* ---- the different strings of one text ---- */

typedef struct {
    Powers powers;
    uint64_t *hash;       /* hashes of its prefixes */
    uint64_t *seen;       /* a hash table: the text's number in the high half, the code in the low */
    int seen_bits;
} Strings;

static inline uint32_t code_of(const Screen *x, uint64_t hash)
{
    return (uint32_t)(hash >> (64 - x->tag_bits - x->bucket_bits));
}

/* Return the bits of a code in the filter of strings: two of the 64 bits of its bucket. */
static inline uint64_t held_bits(const Screen *x, uint32_t code)
{
    return (uint64_t)1 << (code >> (x->tag_bits - 6) & 63) | (uint64_t)1 << (code * 0x9E3779B1u >> 26);
}

/* Return whether a code is new in a text. Each text has its own number above 0. */
static inline int is_new(Strings *s, uint32_t code, uint32_t number)
{
    const uint32_t mask = (uint32_t)(((uint64_t)1 << s->seen_bits) - 1);
    uint32_t at = code * 0x9E3779B1u >> (32 - s->seen_bits);
    for (; s->seen[at] >> 32 == number; at = (at + 1) & mask)
        if ((uint32_t)s->seen[at] == code)
            return 0;
    s->seen[at] = (uint64_t)number << 32 | code;
    return 1;
}

/* Make room for texts of up to `longest` bytes with up to `most` strings each. */
static int strings_begin(Strings *s, size_t longest, size_t most)
{
    memset(s, 0, sizeof *s);
    powers_init(&s->powers);
    for (s->seen_bits = 8; s->seen_bits < 32 && (size_t)1 << s->seen_bits < 2 * most; s->seen_bits++)
        ;
    if ((size_t)1 << s->seen_bits < most + 1)
        return 0;
    s->hash = malloc((longest + 1) * sizeof *s->hash);
    s->seen = calloc((size_t)1 << s->seen_bits, sizeof *s->seen);
    return s->hash && s->seen;
}

static void strings_end(Strings *s)
{
    free(s->hash);
    free(s->seen);
}

/* ---- the index ---- */

static void *allocate(Screen *x, size_t count, size_t size)
{
    x->nbytes += count * size;
    return malloc(count * size + 1);
}

typedef struct {
    const uint8_t *bytes;
    const int64_t *offsets;
    const uint8_t *sizes;
    const uint8_t *weights; /* NULL: n-grams of all sizes at every position */
} Source;

/* Count a string, or write its posting. Weighted strings count at each occurrence, n-grams once
 * in each text (`number` above 0). */
static void add(Screen *x, Strings *s, size_t j, size_t at, uint32_t length, uint32_t weight,
                int64_t *total, int put, uint32_t number)
{
    uint32_t code = code_of(x, string_hash(&s->powers, s->hash, at, length)), b = code >> x->tag_bits;
    if (number && !is_new(s, code, number))
        return;
    if (!put) {
        x->bucket[b + 1]++;
        *total += weight;
        x->held[b] |= held_bits(x, code);
        return;
    }
    uint32_t to = x->bucket[b];
    if (to == x->postings) /* this happens only if Python has written to the texts meanwhile */
        return;
    x->bucket[b]++;
    x->posting[to] = (uint32_t)j << TEXT_SHIFT | (code & ((1u << x->tag_bits) - 1)) << WEIGHT_BITS |
                     weight;
}

/* Go through all texts: the first time, count the strings of each bucket; the second time, write
 * their postings. */
static int add_all(Screen *x, Strings *s, const Source *from, int64_t *totals, int put, Poll *poll)
{
    for (size_t j = 0; j < x->texts; j++) {
        const int64_t start = from->offsets[j];
        const size_t size = (size_t)(from->offsets[j + 1] - start);
        const uint32_t number = (uint32_t)(put ? x->texts + j + 1 : j + 1);
        prefix_hashes(from->bytes + start, size, s->hash, poll);
        if (poll->stopped)
            return KERNEL_STOPPED;
        if (from->weights) {
            const uint8_t *sizes = from->sizes + start, *weights = from->weights + start;
            for (size_t i = 0; i < size; i++) {
                /* These are read once, because Python may write to them meanwhile. */
                uint32_t length = ((const volatile uint8_t *)sizes)[i];
                uint32_t weight = ((const volatile uint8_t *)weights)[i] & 15;
                if (length > 0 && length <= size - i)
                    add(x, s, j, i, length, weight, &totals[j], put, 0);
                if (poll_at(poll, i))
                    return KERNEL_STOPPED;
            }
        } else {
            for (int n = 0; n < x->lengths; n++)
                for (size_t i = 0; i + x->length[n] <= size; i++) {
                    add(x, s, j, i, x->length[n], 1, &totals[j], put, number);
                    if (poll_at(poll, i))
                        return KERNEL_STOPPED;
                }
        }
        if (poll_steps(poll, size))
            return KERNEL_STOPPED;
    }
    return KERNEL_OK;
}

/* ---- n-grams that many texts contain ---- */

/* The n-grams of one bucket, by their tags. */
typedef struct {
    uint32_t postings[1 << TAG_BITS];
    uint32_t number[1 << TAG_BITS]; /* the number of its bitmap, from 1 on; 0: it has none */
} Tags;

static inline uint32_t tag_of(uint32_t posting)
{
    return posting >> WEIGHT_BITS & ((1 << TAG_BITS) - 1);
}

/* Return whether a bitmap takes less memory than so many postings. */
static inline int is_common(const Screen *x, uint32_t postings)
{
    return postings * sizeof *x->posting > bitmap_words(x->texts) * sizeof *x->common;
}

/* Number the common n-grams of a bucket, after the `count` earlier ones. Return the new count. */
static size_t number_common(const Screen *x, Tags *t, uint32_t start, uint32_t end, size_t count)
{
    memset(t, 0, sizeof *t);
    for (uint32_t at = start; at < end; at++)
        t->postings[tag_of(x->posting[at])]++;
    for (size_t tag = 0; tag < (size_t)1 << TAG_BITS; tag++)
        if (is_common(x, t->postings[tag]))
            t->number[tag] = (uint32_t)++count;
    return count;
}

static void set_bit(Screen *x, size_t number, uint32_t text, uint32_t code)
{
    x->common_code[number] = code;
    x->common[number * bitmap_words(x->texts) + text / 64] |= (uint64_t)1 << text % 64;
}

/* Replace the postings of common n-grams by bitmaps, and move the other postings up. */
static int move_common(Screen *x, Tags *t, Poll *poll)
{
    const size_t buckets = (size_t)1 << x->bucket_bits;
    size_t count = 0;
    for (size_t b = 0; b < buckets; b++) {
        const uint32_t start = x->bucket[b], end = x->bucket[b + 1];
        if (is_common(x, end - start))
            count = number_common(x, t, start, end, count);
        if (poll_steps(poll, 1 + end - start))
            return KERNEL_STOPPED;
    }
    const size_t items = count * bitmap_words(x->texts);
    x->common_code = allocate(x, count, sizeof *x->common_code);
    x->common = allocate(x, items, sizeof *x->common);
    if (!x->common_code || !x->common)
        return KERNEL_NO_MEMORY;
    memset(x->common, 0, items * sizeof *x->common);
    uint32_t to = 0;
    for (size_t b = 0, start = 0, end; b < buckets; b++, start = end) {
        end = x->bucket[b + 1];
        x->bucket[b] = to;
        const uint32_t size = (uint32_t)(end - start);
        if (is_common(x, size))
            x->commons = number_common(x, t, (uint32_t)start, (uint32_t)end, x->commons);
        for (size_t at = start; at < end; at++) {
            const uint32_t posting = x->posting[at], tag = tag_of(posting);
            if (is_common(x, size) && t->number[tag] > 0)
                set_bit(x, t->number[tag] - 1, posting >> TEXT_SHIFT, (uint32_t)b << x->tag_bits | tag);
            else
                x->posting[to++] = posting;
        }
        if (poll_steps(poll, 1 + size))
            return KERNEL_STOPPED;
    }
    x->bucket[buckets] = to;
    uint32_t *fewer = realloc(x->posting, to * sizeof *x->posting + 1);
    x->posting = fewer ? fewer : x->posting;
    x->nbytes -= (x->postings - to) * sizeof *x->posting;
    x->postings = to;
    return KERNEL_OK;
}

int screen_build(Screen *x, const uint8_t *bytes, const int64_t *offsets, size_t texts,
                 const uint8_t *sizes, size_t n_sizes, const uint8_t *weights, int64_t *totals, Poll *poll)
{
    const Source from = {bytes, offsets, sizes, weights};
    const size_t total = (size_t)(offsets[texts] - offsets[0]);
    const size_t each = weights ? 1 : n_sizes; /* the most strings at a position */
    size_t longest = 0;
    uint8_t has[256] = {0};
    Strings s;
    int status = KERNEL_NO_MEMORY;
    memset(x, 0, sizeof *x);
    x->nbytes = sizeof *x;
    x->texts = texts;
    if (texts > SCREEN_TEXTS || (each > 0 && total >= UINT32_MAX / each))
        return KERNEL_TOO_LARGE;
    for (size_t i = 0; i < n_sizes; i++)
        has[((const volatile uint8_t *)sizes)[i]] = 1;
    for (int n = 1; n < 256; n++)
        if (has[n])
            x->length[x->lengths++] = (uint8_t)n;
    for (size_t j = 0; j < texts; j++) {
        size_t size = (size_t)(offsets[j + 1] - offsets[j]);
        longest = size > longest ? size : longest;
        totals[j] = 0;
    }
    for (x->bucket_bits = 12; x->bucket_bits < 26 && (size_t)1 << x->bucket_bits < total * each / 16;)
        x->bucket_bits++;
    x->tag_bits = x->bucket_bits + TAG_BITS <= 32 ? TAG_BITS : 32 - x->bucket_bits;
    const size_t buckets = (size_t)1 << x->bucket_bits;
    x->bucket = allocate(x, buckets + 1, sizeof *x->bucket);
    x->held = allocate(x, buckets, sizeof *x->held);
    int has_strings = strings_begin(&s, longest, longest * each);
    if (x->bucket && x->held && has_strings) {
        memset(x->bucket, 0, (buckets + 1) * sizeof *x->bucket);
        memset(x->held, 0, buckets * sizeof *x->held);
        status = add_all(x, &s, &from, totals, 0, poll);
    }
    if (status == KERNEL_OK) {
        for (size_t b = 0; b < buckets; b++)
            x->bucket[b + 1] += x->bucket[b];
        x->postings = x->bucket[buckets];
        x->posting = allocate(x, x->postings, sizeof *x->posting);
        status = KERNEL_NO_MEMORY;
        if (x->posting) {
            /* text 0 with weight 0, in case Python writes to the texts meanwhile */
            memset(x->posting, 0, x->postings * sizeof *x->posting);
            status = add_all(x, &s, &from, totals, 1, poll);
        }
        /* Each bucket now holds its end, which is where the next one begins. */
        memmove(x->bucket + 1, x->bucket, buckets * sizeof *x->bucket);
        x->bucket[0] = 0;
    }
    if (status == KERNEL_OK && !weights) {
        Tags *tags = malloc(sizeof *tags);
        status = tags ? move_common(x, tags, poll) : KERNEL_NO_MEMORY;
        free(tags);
    }
    strings_end(&s);
    return status;
}

void screen_free(Screen *x)
{
    free(x->bucket);
    free(x->posting);
    free(x->held);
    free(x->common);
    free(x->common_code);
}

/* ---- a query ---- */

/* Collect the codes of the query's strings. */
static int find_codes(const Screen *x, const Strings *s, size_t size, uint32_t **codes,
                      size_t *count, Poll *poll)
{
    size_t room = 0;
    for (size_t i = 0; i < size; i++) {
        if (room - *count < (size_t)x->lengths) {
            room = 2 * room + 4096;
            uint32_t *more = realloc(*codes, room * sizeof *more);
            if (!more)
                return 0;
            *codes = more;
        }
        for (int n = 0; n < x->lengths && x->length[n] <= size - i; n++) {
            uint32_t code = code_of(x, string_hash(&s->powers, s->hash, i, x->length[n]));
            FETCH(x->held + (code >> x->tag_bits));
            (*codes)[(*count)++] = code;
        }
        if (poll_at(poll, i))
            break;
    }
    return 1;
}

/* Keep only the codes that may be in the index. */
static size_t filter_codes(const Screen *x, uint32_t *codes, size_t count)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        const uint32_t b = codes[i] >> x->tag_bits;
        const uint64_t bits = held_bits(x, codes[i]);
        if ((x->held[b] & bits) == bits) {
            FETCH(x->bucket + b);
            codes[found++] = codes[i];
        }
    }
    return found;
}

/* Return the number of the bitmap of a code, or the number of bitmaps if it has none. */
static size_t find_common(const Screen *x, uint32_t code)
{
    size_t low = 0, high = x->commons;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (x->common_code[middle] < code)
            low = middle + 1;
        else
            high = middle;
    }
    return low < x->commons && x->common_code[low] == code ? low : x->commons;
}

int screen_shared(const Screen *x, const uint8_t *query, size_t size, uint32_t *shared, Poll *poll)
{
    Strings s = {.hash = NULL};
    uint32_t *codes = NULL;
    size_t count = 0;
    int status = KERNEL_NO_MEMORY;
    memset(shared, 0, x->texts * sizeof *shared);
    powers_init(&s.powers);
    s.hash = malloc((size + 1) * sizeof *s.hash);
    if (!s.hash)
        goto done;
    prefix_hashes(query, size, s.hash, poll);
    if (!find_codes(x, &s, size, &codes, &count, poll))
        goto done;
    if (poll->stopped) {
        status = KERNEL_STOPPED;
        goto done;
    }
    count = filter_codes(x, codes, count);
    free(s.hash);
    if (!strings_begin(&s, 0, count))
        goto done;
    /* First the numbers of bitmaps, and after them the codes that have none. */
    size_t common = 0, different = 0;
    for (size_t i = 0; i < count && !poll_at(poll, i); i++)
        if (is_new(&s, codes[i], 1)) {
            const size_t number = find_common(x, codes[i]);
            if (number < x->commons) {
                codes[different++] = codes[common];
                codes[common++] = (uint32_t)number;
            } else {
                codes[different++] = codes[i];
            }
        }
    bitmaps_add(x->common, codes, common, shared, x->texts, poll);
    for (size_t i = common; i < different && !poll->stopped; i++) {
        if (i + AHEAD < different) {
            const uint32_t *next = x->posting + x->bucket[codes[i + AHEAD] >> x->tag_bits];
            FETCH(next);
            FETCH(next + LINE);
        }
        const uint32_t b = codes[i] >> x->tag_bits, end = x->bucket[b + 1];
        const uint32_t tag = codes[i] & ((1u << x->tag_bits) - 1);
        for (uint32_t at = x->bucket[b]; at < end; at++) {
            const uint32_t posting = x->posting[at];
            /* 0 if the tags agree; without a branch, because it could not be predicted */
            const uint32_t other = (posting >> WEIGHT_BITS ^ tag) & ((1 << TAG_BITS) - 1);
            shared[posting >> TEXT_SHIFT] += posting & 15 & ((other - 1) >> TAG_BITS);
        }
        poll_steps(poll, 1 + end - x->bucket[b]);
    }
    status = poll->stopped ? KERNEL_STOPPED : KERNEL_OK;
done:
    strings_end(&s);
    free(codes);
    return status;
}
