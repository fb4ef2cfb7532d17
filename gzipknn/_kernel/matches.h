/* The longest match at each position of a text, in the query or in the text before it. */
#ifndef GZIPKNN_MATCHES_H
#define GZIPKNN_MATCHES_H

#include "query.h"

/* Fill w->longest for a short pair, whose text is in w->joint. If the tables do not decide a
 * match, it has flags. */
void look_up(Workspace *w, size_t text);

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
