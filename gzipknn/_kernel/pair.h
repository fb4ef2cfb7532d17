/* One pair of a query and a text of the corpus. */
#ifndef GZIPKNN_PAIR_H
#define GZIPKNN_PAIR_H

#include "matches.h"

/* The way in which the length of a pair is found. */
enum {
    PAIR_SHORT,   /* one block, for which no limit of the search matters */
    PAIR_LONG,    /* step by step, with tables */
    PAIR_GENERAL  /* by hash chains, as in zlib */
};

int pair_way(const Workspace *w, size_t text);

/* Prefetch the parts of the index that a pair with this text reads. */
void pair_fetch(const Index *ix, size_t text);

/* Count the symbols of a short pair, which is one block. */
void pair_count(Workspace *w, size_t text, Histogram *h);

/* Return the length of a pair, found in a way other than PAIR_SHORT. If the poll has stopped, the
 * number is meaningless. */
uint64_t pair_length(Workspace *w, size_t text, int way);

/* Do one step of the lazy parse at text position i: take the match unless the next one is longer.
 * Return the length of the step. */
static inline size_t count_step(const Symbols *t, Histogram *h, const uint8_t *s, size_t i,
                                uint32_t here, uint32_t next)
{
    uint32_t length = here >> LENGTH_SHIFT;
    uint32_t dist = (here & WHERE) + ((uint32_t)i & ((here >> 15 & 1) - 1));
    if (length == 0 || next >> LENGTH_SHIFT > length || (length == MIN_MATCH && dist > TOO_FAR)) {
        count_literal(h, s[i]);
        return 1;
    }
    count_match(t, h, length, dist);
    return length;
}

/* Return the longest match at query position i in the pair with the text. */
static inline uint32_t query_match(const Workspace *w, size_t i, size_t joint)
{
    if (i == w->query)
        return w->longest[0];
    return w->match[i] & OPEN_END ? match_in_query(w, i, joint, w->ix->effort->chain) : w->match[i];
}

#endif
