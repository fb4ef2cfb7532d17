/* One query against an indexed corpus: what is made of the query once. */
#ifndef GZIPKNN_QUERY_H
#define GZIPKNN_QUERY_H

#include "tables.h"

enum { OPEN_MAX = DEPTH_MAX + SEPARATOR_MAX };

/* Memory for one query at a time; reusable. */
typedef struct Workspace {
    struct Workspace *next;  /* of those that lie ready */
    const Index *ix;
    Poll *poll;           /* of this query */

    /* The query, the separator and, while a pair is looked at, its text. */
    uint8_t *joint;
    size_t room;
    size_t query;         /* bytes */
    size_t end;           /* of query and separator */

    /* Tables of this query. */
    int tabled;
    unsigned crowd;       /* its fullest hash chain */
    uint16_t *crowds;     /* all of them */
    uint16_t *text_crowds; /* of the text up to some position, else 0 */
    uint32_t *reach;      /* by node: the match that the query offers there */
    uint16_t *last;       /* by node with CUT_OFF: the last query position that ends there; */
    uint16_t *same;       /* by query position: the one before that ends at the same node */
    size_t open[OPEN_MAX]; /* query positions whose match may run into the text, last first */
    int opens;
    uint16_t *head, *prev; /* hash chains over the query; position, 0: none */
    uint32_t *match;      /* by query position: longest match; OPEN_END: up to the text */
    size_t settled;       /* the parse up to here does not depend on the text */
    Histogram counts;     /* and has these symbols, */
    uint32_t symbols;     /* so many */
    uint32_t *longest;    /* by text position: longest match of this pair */
    uint32_t *steps;      /* and what the parse does there */
    int unsound;          /* this pair's parse depends on more than the tables hold */

    /* The general way. */
    Chains *chains, *once;
    uint32_t next_origin;
    int resumable;
    Parse parse;
} Workspace;

Workspace *workspace_new(const Index *ix);
void workspace_free(Workspace *w);

/* Returns KERNEL_OK, KERNEL_NO_MEMORY or KERNEL_STOPPED. A workspace that anything was
 * stopped in must not be used again. */
int query_begin(Workspace *w, const uint8_t *query, size_t size, Poll *poll);

/* Longest match at query position i, among query positions; what lies before
 * `stop` takes part. */
uint32_t match_in_query(const Workspace *w, size_t i, size_t stop);

static inline size_t text_size(const Index *ix, size_t text)
{
    return ix->start[text + 1] - ix->start[text];
}

static inline void count_literal(Histogram *h, uint8_t byte)
{
    h->litlen[byte]++;
    h->dist[NO_DIST]++;
}

static inline void count_match(const Symbols *t, Histogram *h, uint32_t length, uint32_t dist)
{
    h->litlen[t->length_symbol[length]]++;
    h->dist[t->dist_symbol[dist]]++;
}

#endif
