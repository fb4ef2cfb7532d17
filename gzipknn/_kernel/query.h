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
    uint8_t *whole;
    size_t room;
    size_t skipped;       /* bytes at its beginning that are out of the text's reach */

    /* What is left of it; all positions in the query's tables count from here. */
    uint8_t *joint;
    size_t query;         /* bytes, WINDOW at most */
    size_t end;           /* of query and separator */

    /* Tables of this query. */
    int tabled;
    unsigned crowd;       /* its fullest hash chain */
    uint32_t *reach;      /* by node: the match that the query offers there */
    uint16_t *slots;      /* by node with CUT_OFF and the byte that follows (by hash): the last such
                           * query position, */
    uint32_t slot_mask;
    uint16_t *node;       /* by query position: its deepest node, */
    uint16_t *same;       /* and the position before it in its slot */
    size_t open[OPEN_MAX]; /* query positions whose match may run into the text, last first */
    int opens;
    uint16_t *head, *prev; /* hash chains over the query; position, 0: none */
    uint16_t *crowds;     /* by hash: the length of the chain */
    uint16_t *number;     /* by query position: how far up its chain, from 1 */
    uint32_t *match;      /* by query position from `parsed` on: longest match; OPEN_END: up to the
                           * text */
    Parse parse;          /* the parse as far as no match can end in the text */
    size_t parsed;        /* up to here */
    size_t settled;       /* the parse up to here does not depend on the text, */
    uint64_t bits;        /* is so long without the last block, which */
    size_t block_start;   /* begins there (in the whole), */
    uint32_t symbols;     /* has so many symbols, */
    Histogram counts;     /* and these */

    /* This pair. */
    uint32_t *longest;    /* by text position: longest match; in long pairs at 0 only */
    uint32_t *steps;      /* and what the parse does there */
    int limited;          /* hash chains may be fuller than the search looks at */
    size_t numbered;      /* hash chains over the text, where needed: up to here */
    uint16_t *text_crowds; /* by hash: the positions, modulo 2^16, */
    uint16_t *text_number; /* by text position: those before it on its chain; */
    size_t chained;       /* up to here */
    uint32_t *text_head;  /* by hash: the last position + 1, */
    uint16_t *link;       /* by text position: how far back the one before on its chain is, 0: none */

    /* The general way. */
    Chains *chains, *once;
    uint32_t next_origin;
    int resumable;        /* `parse` and `chains` are those of this query */
} Workspace;

Workspace *workspace_new(const Index *ix);
void workspace_free(Workspace *w);

/* Returns KERNEL_OK, KERNEL_NO_MEMORY or KERNEL_STOPPED. A workspace that anything was
 * stopped in must not be used again. */
int query_begin(Workspace *w, const uint8_t *query, size_t size, Poll *poll);

/* Longest match at query position i, among the nearest `limit` query positions on
 * its hash chain; what lies before `stop` takes part. */
uint32_t match_in_query(const Workspace *w, size_t i, size_t stop, int limit);

/* Run the parse as far as no match can end in the text. */
void parse_whole(Workspace *w);

/* The slot of a node and the byte that follows it. */
static inline uint32_t slot_of(const Workspace *w, uint32_t node, uint8_t byte)
{
    uint32_t slot = (node << 8 | byte) * 2654435769u;
    return (slot ^ slot >> 15) & w->slot_mask;
}

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
