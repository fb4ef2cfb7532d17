/* The longest match at each position of a text, among the query and the text. */
#ifndef GZIPKNN_MATCHES_H
#define GZIPKNN_MATCHES_H

#include "query.h"

/* Make w->longest, with flags where the tables can't tell, in a short pair. The text
 * is in w->joint. */
void look_up(Workspace *w, size_t text);

/* The match at text position i where the tables could not tell; `flags` are what is
 * known of it otherwise. */
uint32_t settle(Workspace *w, size_t text, size_t i, uint32_t flags);

/* The match that a search finds at text position i which looks at so many
 * candidates, if one that looked at all would find `match`. */
uint32_t match_within(Workspace *w, size_t text, size_t i, uint32_t match, int limit);

/* The same by that search itself. */
uint32_t search_back(Workspace *w, size_t text, size_t i, int limit);

/* Forget the text's hash chains. */
void forget_text(Workspace *w);

#endif
