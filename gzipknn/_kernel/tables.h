/* Tables that are computed once for a corpus, so that a pair needs only look-ups. */
#ifndef GZIPKNN_TABLES_H
#define GZIPKNN_TABLES_H

#include "deflate.h"
#include "status.h"

/* A match in one word: flags, length and place. Of two matches at one position, the parse takes
 * the larger word. This is the longer match, or, if both have the same length, that in the text
 * itself, which is nearer. */
#define CUT_OFF (1u << 31)   /* the match may be longer than the tree of contexts is deep there */
#define OPEN_END (1u << 30)  /* the match may run from the query into the text */
#define UNSETTLED (CUT_OFF | OPEN_END)
#define LENGTH_SHIFT 16
#define OWN (1u << 15)       /* the low bits are a distance within the text */
#define WHERE (OWN - 1)      /* without OWN: how far before the text a match in the query begins */

#define NO_TABLES UINT16_MAX
#define OVERCROWDED (UINT16_MAX - 1)

enum {
    SEPARATOR_MAX = 8,   /* there are no tables for longer separators */
    DEPTH_MAX = 32       /* the greatest depth of the tree of contexts */
};

/* A word of `shorter`. */
#define SHORTER_SHIFT 16
#define IS_LEAF (1u << 15)
#define DEPTH_MASK (IS_LEAF - 1)

typedef struct {
    uint32_t key, node;  /* node 0: free slot */
} Edge;

typedef struct {
    const Effort *effort;
    Symbols symbols;
    size_t texts;
    size_t separator_size;
    uint8_t *separator;
    size_t lead;          /* the number of separator bytes that are stored before each text */
    uint8_t *bytes;
    size_t *start;        /* texts + 1 */
    size_t longest;       /* the greatest start[j + 1] - start[j] */
    size_t longest_tabled; /* the same for texts with tables */

    /* Everything below exists only if `tabled`. */
    int tabled;
    uint16_t *crowd;      /* the length of a text's longest hash chain; OVERCROWDED if the search does
                           * not follow all of it; NO_TABLES if the text has no tables */
    uint64_t *length;     /* the length of a text's own stream, or 0 */
    uint32_t *own;        /* a position's longest match in its own text */
    uint16_t *context;    /* a position's deepest node in the tree of contexts */
    size_t *echo_start;   /* texts + 1 */
    uint32_t *echo;       /* positions where the text's first two bytes (with separator) recur */

    /* The tree of contexts, which are frequent strings of the corpus. Parents come before their
     * children, and frequent nodes first. Node 0 is the root. */
    uint32_t nodes;
    uint32_t *parent;
    uint32_t *shorter;    /* by node: the node of its string without the first byte, whether the node
                           * is a leaf, and its depth */
    Edge *edges;
    uint32_t edge_mask;
    size_t nbytes;
} Index;

int index_build(Index *ix, const uint8_t *bytes, const int64_t *offsets, size_t texts,
                const uint8_t *separator, size_t separator_size, int level, Poll *poll);
void index_free(Index *ix);

/* Write the length of each text's own stream in bytes. */
int index_text_lengths(const Index *ix, int64_t *lengths, Poll *poll);

static inline uint32_t index_child(const Index *ix, uint32_t node, uint8_t byte)
{
    uint32_t key = node << 8 | byte;
    uint32_t slot = key * 2654435769u;
    slot ^= slot >> 15;
    for (;; slot++) {
        const Edge *e = &ix->edges[slot & ix->edge_mask];
        if (e->node == 0 || e->key == key)
            return e->node;
    }
}

#endif
