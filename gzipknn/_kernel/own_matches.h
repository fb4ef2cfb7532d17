/* The longest earlier match at every position of one text, and the length of its stream. */
#ifndef GZIPKNN_OWN_MATCHES_H
#define GZIPKNN_OWN_MATCHES_H

#include "deflate.h"

/* The positions that share a hash. Positions are numbers that grow from one text to the next. */
typedef struct {
    uint32_t last;         /* the last position on the chain */
    uint32_t root;         /* the last position that is in the tree */
    uint16_t count;        /* the number of positions so far; it wraps around */
    uint16_t behind;       /* the number of positions behind the window; it wraps around */
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
    uint16_t place;        /* its place on its chain */
    uint16_t is_replaced;  /* by a later position that agrees for the greatest length of a match */
} Position;

/* Memory for one text at a time. It can be used again. */
typedef struct {
    Chain chain[HASH_SIZE];
    Late late[HASH_SIZE];
    Position position[WINDOW];
    uint32_t origin;  /* the number of the text's byte 0 */
} Finder;

void finder_clear(Finder *f);

typedef struct {
    unsigned crowd;   /* the largest number of positions on one chain within the window */
    uint64_t length;  /* the length in bytes of the stream of the text without its lead */
} OwnMatches;

/* Find the match of each position in `lead` bytes and the text after them, as words of tables.h.
 * `own` may be NULL. The search of level `e` must continue to the longest match. */
OwnMatches own_matches(Finder *f, const Symbols *t, const Effort *e, const uint8_t *s, size_t size,
                       size_t lead, uint32_t *own, Poll *poll);

#endif
