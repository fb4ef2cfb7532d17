/* Declarations that block_size.c and block_bounds.c share. Both compute the size of a block. */
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

/* The heap of one alphabet, and the code lengths that result from it. */
typedef struct {
    uint64_t heap[2 * 512];
    uint16_t popped[MAX_NODES];  /* in pairs: the children of each inner node */
    uint16_t used[LITLEN_SYMBOLS + 18];  /* symbols with a code, ascending */
    uint8_t length[640];         /* the code length of each node */
    uint32_t count;              /* the number of nodes in the heap */
    uint32_t made;               /* the number of inner nodes */
    uint32_t weight;             /* the sum of their frequencies */
    int symbols;                 /* the number of symbols with a code */
    uint32_t zeros;              /* the codes for zeros between them, as in Symbols */
} Forest;

/* Counts of the codes that describe code lengths. These codes have lengths themselves. */
typedef struct {
    uint16_t codes[32];
    uint32_t zeros;
} Description;

/* Code the literals and lengths, and add their bits. */
void code_litlens(const Symbols *t, Forest *f, const Histogram *const *h, const Occurring *const *o,
                  int lanes, Description *d, uint32_t *bits);
Occurring litlens_occurring(const uint16_t *freq);
Occurring occurring(const uint16_t *freq);  /* the same for 32 counts */
/* Insert a block into the order of the blocks before it, by the number of symbols that occur. */
void insert_by_count(const Occurring *const *o, int block, int *order);
/* Code the distances and the description, and add their bits. */
void code_rest(const Symbols *t, Forest *f, const Histogram *const *h, int lanes, Description *d,
               uint32_t *bits);
void spread_zeros(Description *d);
uint32_t description_extra_bits(const uint16_t *codes);
/* Return the bit position after a block whose dynamic code would take `dynamic` bits. */
uint64_t cheapest(const Histogram *h, uint32_t dynamic, uint64_t at, uint64_t stored_bytes,
                  int may_store);

#endif
