/* One query against an indexed corpus: the tables that are made once for the query. */
#ifndef GZIPKNN_QUERY_H
#define GZIPKNN_QUERY_H

#include "tables.h"

enum { OPEN_MAX = DEPTH_MAX + SEPARATOR_MAX };

/* Memory for one query at a time. It can be used again. */
typedef struct Workspace {
    struct Workspace *next;  /* the next unused workspace */
    const Index *ix;
    Poll *poll;           /* the poll of this query */

    /* The query, the separator and, during a pair, its text. */
    uint8_t *whole;
    size_t room;
    size_t skipped;       /* bytes at its beginning that no text can reach */

    /* `whole` without the skipped bytes. All positions in the query's tables count from here. */
    uint8_t *joint;
    size_t query;         /* the bytes of the query here, at most WINDOW */
    size_t end;           /* the bytes of query and separator */

    /* Tables of this query. */
    int tabled;
    unsigned crowd;       /* the length of the longest hash chain */
    uint32_t *reach;      /* by node: the match that the query offers there */
    uint16_t *slots;      /* by node with CUT_OFF and the byte that follows (by hash): the last such
                           * query position */
    uint32_t slot_mask;
    uint32_t *follows;    /* a bit (by hash) for each node with CUT_OFF and byte that follows */
    int follows_shift;
    uint16_t *node;       /* by query position: its deepest node */
    uint16_t *same;       /* by query position: the position before it in its slot */
    size_t open[OPEN_MAX]; /* query positions whose match may run into the text, last first */
    int opens;
    uint16_t *head, *prev; /* hash chains over the query; 0: no position */
    uint16_t *crowds;     /* by hash: the length of the chain */
    uint16_t *number;     /* by query position: its place on its chain, from 1 */
    uint32_t *match;      /* by query position from `parsed` on: the longest match; OPEN_END if it
                           * may run into the text */
    Parse parse;          /* the parse as far as no match can end in the text */
    size_t parsed;        /* where that parse stops */

    /* The parse up to `settled` does not depend on the text. It has these values: */
    size_t settled;
    uint64_t bits;        /* without the last block */
    size_t block_start;   /* of the last block, in `whole` */
    uint32_t symbols;     /* in the last block */
    Histogram counts;     /* of the last block */

    /* This pair. */
    uint32_t *longest;    /* by text position: the longest match; in long pairs only at 0 */
    uint32_t *steps;      /* by text position: what the parse does there */
    int limited;          /* whether hash chains may be longer than the search follows them */

    /* Places on the hash chains over the text, made up to `numbered` when they are needed. */
    size_t numbered;
    uint16_t *text_crowds; /* by hash: the number of positions, modulo 2^16 */
    uint16_t *text_number; /* by text position: the number of positions before it on its chain */

    /* The hash chains over the text, made up to `chained` when they are needed. */
    size_t chained;
    uint32_t *text_head;  /* by hash: the last position + 1 */
    uint16_t *link;       /* by text position: the distance to the one before on its chain; 0: none */

    /* The general way. */
    Chains *chains, *once;
    uint32_t next_origin;
    int resumable;        /* whether `parse` and `chains` are those of this query */
} Workspace;

Workspace *workspace_new(const Index *ix);
void workspace_free(Workspace *w);

/* Make the tables of a query. Returns KERNEL_OK, KERNEL_NO_MEMORY or KERNEL_STOPPED. A workspace
 * must not be used again after a stop. */
int query_begin(Workspace *w, const uint8_t *query, size_t size, Poll *poll);

/* Return the longest match at query position i, among the nearest `limit` query positions on its
 * hash chain. A match ends at `stop` at the latest. */
uint32_t match_in_query(const Workspace *w, size_t i, size_t stop, int limit);

/* Run the parse as far as no match can end in the text. */
void parse_whole(Workspace *w);

/* Return the slot of a node and the byte that follows it. */
static inline uint32_t slot_of(const Workspace *w, uint32_t node, uint8_t byte)
{
    uint32_t slot = (node << 8 | byte) * 2654435769u;
    return (slot ^ slot >> 15) & w->slot_mask;
}

/* Return which bit of `follows` belongs to a node and the byte that follows it. */
static inline uint32_t follows_bit(const Workspace *w, uint32_t node, uint8_t byte)
{
    return (node << 8 | byte) * 2654435769u >> w->follows_shift;
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
