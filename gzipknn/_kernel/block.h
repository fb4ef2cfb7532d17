/* What the files that size one block share: see block_size.c and
 * block_bounds.c. */
#ifndef GZIPKNN_BLOCK_H
#define GZIPKNN_BLOCK_H

#include "deflate.h"

#include <string.h>

enum {
    MAX_NODES = 2 * LITLEN_SYMBOLS,
    MAX_CODE_BITS = 15,
    LENGTH_CODES = 19
};

/* The number of the lowest bit that is set. */
#if defined(__GNUC__)
#define LOWEST_BIT(x) ((uint32_t)__builtin_ctzll(x))
#else
static inline uint32_t LOWEST_BIT(uint64_t x)
{
    uint32_t n = 0;
    for (; !(x & 255); x >>= 8)
        n += 8;
    for (; !(x & 1); x >>= 1)
        n++;
    return n;
}
#endif

/* The heap of one alphabet, and the code lengths that come of it. */
typedef struct {
    uint64_t heap[2 * 512];
    uint16_t popped[MAX_NODES];  /* two by two: the children of the nodes made */
    uint16_t used[LITLEN_SYMBOLS + 18];  /* symbols with a code, ascending */
    uint8_t length[640];         /* by node */
    uint32_t count;              /* nodes in the heap */
    uint32_t made;
    uint32_t weight;             /* sum of the frequencies of the nodes made */
    int symbols;                 /* how many are used */
    uint32_t zeros;              /* between them, as in Symbols */
} Forest;

/* A description's code lengths, to be coded themselves. */
typedef struct {
    uint16_t codes[32];
    uint32_t zeros;
} Description;

/* The literals and lengths; adds their bits. */
void code_litlens(const Symbols *t, Forest *f, const Histogram *const *h, const Occurring *const *o,
                  int lanes, Description *d, uint32_t *bits);
Occurring litlens_occurring(const uint16_t *freq);
Occurring occurring(const uint16_t *freq);  /* the same of 32 counts */
/* Put a block where it belongs among those before, ordered by how many symbols occur. */
void insert_by_count(const Occurring *const *o, int block, int *order);
/* The rest: distances and the description; adds their bits. */
void code_rest(const Symbols *t, Forest *f, const Histogram *const *h, int lanes, Description *d,
               uint32_t *bits);
void spread_zeros(Description *d);
uint32_t description_extra_bits(const uint16_t *codes);
/* Bit position after a block whose dynamic code would take `dynamic` bits. */
uint64_t cheapest(const Histogram *h, uint32_t dynamic, uint64_t at, uint64_t stored_bytes,
                  int may_store);

#endif
