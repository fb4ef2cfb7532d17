/* A query of the lz77 measure and its matches with one text: what the two searches
 * share. What they call for every match is in this header, so that the compiler can
 * inline it; the rest is in lz77_query.c. */
#ifndef GZIPKNN_LZ77_QUERY_H
#define GZIPKNN_LZ77_QUERY_H

#include "prefix.h"
#include "suffixes.h"

#include <stdlib.h>

enum { SEARCH_STEPS = 16 /* of a binary search among suffixes */ };

/* Bits saved, and what they are worth. */
typedef struct {
    int64_t saved, worth;
} Saving;

/* A match: it may also begin later. */
typedef struct {
    uint32_t begin, end;
    Saving saving;    /* by the best matches up to here of which it is the last */
} Match;

typedef struct {
    const uint8_t *bytes;
    uint32_t size;
    uint32_t *order;  /* of its suffixes */
    uint8_t *shared;  /* by rank: the prefix shared with the suffix one rank before */
    Match *matches;   /* in one text */
    size_t match_count, match_room;
} Lz77Query;

/* Put the suffixes of a query in order. Returns KERNEL_OK, KERNEL_NO_MEMORY or
 * KERNEL_STOPPED; call lz77_query_end in each case. */
int lz77_query_begin(Lz77Query *q, const uint8_t *bytes, size_t size, Poll *poll);
void lz77_query_end(Lz77Query *q);

/* What the matches are worth that save most bits together, if each may begin later,
 * but none may overlap the one before. `bits` are those before each position of the
 * text, and `worth` is what these are worth; NULL if each bit is worth one. A match that
 * replaces B bits of worth V at the price of M saves B - M bits, which are worth
 * (B - M) V / B, rounded down. Of matches that save equally many bits, the most worth count. */
int64_t lz77_best_matches(const uint32_t *bits, const uint32_t *worth, uint32_t match,
                          Match *matches, size_t count, Poll *poll);

/* Room for one more item; NULL if there is none. */
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

/* The longest match of s, of which `left` bytes count, among the suffixes of
 * the query of these ranks; `where` is the rank it was found at. */
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
