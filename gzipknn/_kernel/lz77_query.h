/* A query and its matches with one text: the parts that both lz77 searches share. Functions that
 * are called for every match are in this header, so that the compiler can inline them. The rest
 * is in lz77_query.c. */
#ifndef GZIPKNN_LZ77_QUERY_H
#define GZIPKNN_LZ77_QUERY_H

#include "prefix.h"
#include "suffixes.h"

#include <stdlib.h>

enum { SEARCH_STEPS = 16 /* steps that a binary search among suffixes counts as */ };

/* The bits that are saved, and their worth. */
typedef struct {
    int64_t saved, worth;
} Saving;

/* A match. It may also be used from a later beginning on. */
typedef struct {
    uint32_t begin, end;
    Saving saving;    /* of the best sequence of matches that ends with this one */
} Match;

typedef struct {
    const uint8_t *bytes;
    uint32_t size;
    uint32_t *order;  /* its suffixes in order */
    uint8_t *shared;  /* by rank: the length of the prefix shared with the suffix one rank before */
    Match *matches;   /* its matches in one text */
    size_t match_count, match_room;
} Lz77Query;

/* Put the suffixes of a query in order. Returns KERNEL_OK, KERNEL_NO_MEMORY or KERNEL_STOPPED.
 * Call lz77_query_end even after a failure. */
int lz77_query_begin(Lz77Query *q, const uint8_t *bytes, size_t size, Poll *poll);
void lz77_query_end(Lz77Query *q);

/* The sums before each position of a text. If `step` is 1, they are sums of bits, and each bit is
 * worth 1. If `step` is 2, each sum of bits is followed by the sum of their worth, so that both
 * are in one cache line. The sums wrap around. */
typedef struct {
    const uint32_t *bits;
    uint32_t step;
} Before;

/* Return the worth of the bits saved by the matches that save the most bits together. Each match
 * may begin later than it does, but must not overlap the one before. A match that replaces B bits
 * of worth V at price M saves B - M bits, which are worth (B - M) V / B, rounded down. If several
 * choices save equally many bits, the one of most worth counts. */
int64_t lz77_best_matches(Before before, uint32_t match, Match *matches, size_t count, Poll *poll);

/* Make room for one more item. Return NULL if there is no memory. */
static inline void *grow(void *items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return items;
    void *more = realloc(items, (*room * 2 + 1024) * size);
    if (more)
        *room = *room * 2 + 1024;
    return more;
}

static inline int note_match(Lz77Query *q, uint32_t begin, uint32_t end)
{
    Match *matches = grow(q->matches, q->match_count, &q->match_room, sizeof *matches);
    if (!matches)
        return 0;
    q->matches = matches;
    matches[q->match_count].begin = begin;
    matches[q->match_count++].end = end;
    return 1;
}

/* Return the length of the longest match of the first `left` bytes of s among the suffixes of the
 * query with ranks from `first` to below `end`. `where` is the rank at which it was found. */
static inline uint32_t longest_match(const Lz77Query *q, uint32_t first, uint32_t end,
                                     const uint8_t *s, uint32_t left, uint32_t *where)
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

#endif
