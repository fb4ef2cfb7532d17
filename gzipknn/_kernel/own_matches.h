/* The longest earlier match at every position of one text, and the length of its stream. */
#ifndef GZIPKNN_OWN_MATCHES_H
#define GZIPKNN_OWN_MATCHES_H

#include "deflate.h"

/* The positions that share a hash, by numbers that go up from one text to the next. */
typedef struct {
    uint32_t last;         /* position on the chain, */
    uint32_t root;         /* and the last one that is in the tree */
    uint16_t count;        /* of positions so far; wraps */
    uint16_t behind;       /* so many of them the window has left behind; wraps */
} Chain;

/* Positions of a chain that are not yet in its tree, if its root is not the last. */
typedef struct {
    uint32_t first, last;
} Late;

/* The positions of a chain form a binary search tree, ordered by the bytes that
 * follow them. A node is older than its parent. */
typedef struct {
    uint32_t less, greater;
    uint32_t next_late;
    uint16_t place;        /* on its chain */
    uint16_t is_replaced;  /* by a later one that agrees as far as a match goes */
} Position;

/* Memory for one text at a time; reusable. */
typedef struct {
    Chain chain[HASH_SIZE];
    Late late[HASH_SIZE];
    Position position[WINDOW];
    uint32_t origin;  /* number of the text's byte 0 */
} Finder;

void finder_clear(Finder *f);

typedef struct {
    unsigned crowd;   /* the most positions on one chain within the window */
    uint64_t length;  /* bytes of the stream of the text without its lead */
} OwnMatches;

/* Of `lead` bytes and the text behind them: what the search of level `e` finds at each
 * position, as words of tables.h; `own` may be NULL. The level must be one whose search
 * goes on to the longest match. */
OwnMatches own_matches(Finder *f, const Symbols *t, const Effort *e, const uint8_t *s, size_t size,
                       size_t lead, uint32_t *own, Poll *poll);

#endif
