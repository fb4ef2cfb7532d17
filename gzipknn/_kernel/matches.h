/* The longest match at each position of a text, in the query or in the text before it. */
#ifndef GZIPKNN_MATCHES_H
#define GZIPKNN_MATCHES_H

#include "query.h"

#include <string.h>

/* Fill w->longest for a short pair, whose text is in w->joint. If the tables do not decide a
 * match, it has flags. */
void look_up(Workspace *w, size_t text);

/* Return what the tables tell of the match in the query at `here`, a text position with this node in
 * the tree of contexts. CUT_OFF is dropped if no query position agrees in one byte more than the tree
 * is deep. */
static inline uint32_t undecided(const Workspace *w, uint32_t node, const uint8_t *here)
{
    const uint32_t word = w->reach[node];
    if (!(word & CUT_OFF))
        return word;
    const uint32_t depth = w->ix->shorter[node] & DEPTH_MASK, bit = follows_bit(w, node, here[depth]);
    return w->follows[bit / 32] >> bit % 32 & 1 ? word : word & ~CUT_OFF;
}

/* Return whether there may be a match at the greatest possible distance from `here`, which zlib takes
 * if it is the first on its hash chain. A match of three bytes is too far there. */
static inline int is_at_farthest(const uint8_t *here)
{
    return memcmp(here - MAX_DISTANCE, here, MIN_MATCH + 1) == 0;
}

/* Return the match at text position i if the tables do not decide it. `flags` are the additional
 * reasons for that. */
uint32_t settle(Workspace *w, size_t text, size_t i, uint32_t flags);

/* Return the match that a search with at most `limit` candidates finds at text position i.
 * `match` is what a search without a limit finds. */
uint32_t match_within(Workspace *w, size_t text, size_t i, uint32_t match, int limit);

/* Return the same match by doing that search. */
uint32_t search_back(Workspace *w, size_t text, size_t i, int limit);

/* Forget the text's hash chains. */
void forget_text(Workspace *w);

#endif
