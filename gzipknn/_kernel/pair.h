/* One pair of a query and a text of the corpus. */
#ifndef GZIPKNN_PAIR_H
#define GZIPKNN_PAIR_H

#include "query.h"

/* How the length of a pair is found. */
enum {
    PAIR_SHORT,   /* one block, and every match is within reach */
    PAIR_LONG,    /* the tables still hold, step by step */
    PAIR_GENERAL  /* by the hash chains that zlib walks */
};

int pair_way(const Workspace *w, size_t text);

/* Ask early for what a pair with this text reads of the index. */
void pair_fetch(const Index *ix, size_t text);

/* Count the symbols of a short pair, which is one block. */
void pair_count(Workspace *w, size_t text, Histogram *h);

/* The length of a pair that is found in this way, which is not the short one; any
 * number if it was stopped. */
uint64_t pair_length(Workspace *w, size_t text, int way);

#endif
