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

/* The heap of one alphabet, and the code lengths that come of it. */
typedef struct {
    uint32_t heap[2 * 512];
    uint16_t popped[MAX_NODES];  /* two by two: the children of the nodes made */
    uint16_t used[LITLEN_SYMBOLS + 18];  /* symbols with a code, ascending */
    uint8_t length[640];         /* by node */
    uint32_t count;              /* nodes in the heap */
    uint32_t made;
    uint32_t weight;             /* sum of the frequencies of the nodes made */
    int symbols;                 /* how many are used */
} Forest;

/* List the symbols that occur, ascending; `used` has room for all and 16 more. */
static inline uint32_t used_symbols(const uint16_t *freq, uint32_t elements, uint16_t *used)
{
    uint32_t count = 0;
    for (uint32_t s = 0; s < elements; s += 16) {
        uint64_t any[4];
        memcpy(any, freq + s, sizeof any);
        if (!(any[0] | any[1] | any[2] | any[3]))
            continue;
        for (uint32_t i = s; i < s + 16; i++) {
            used[count] = (uint16_t)i;
            count += freq[i] != 0;
        }
    }
    return count;
}

/* A description's code lengths, to be coded themselves. */
typedef struct {
    uint16_t codes[32];
    uint32_t zeros;
} Description;

/* The literals and lengths; adds their bits. */
void code_litlens(const Symbols *t, Forest *f, const Histogram *const *h, int lanes,
                  Description *d, uint32_t *bits);
/* The rest: distances and the description; adds their bits. */
void code_rest(const Symbols *t, Forest *f, const Histogram *const *h, int lanes, Description *d,
               uint32_t *bits);
void spread_zeros(Description *d);
uint32_t description_extra_bits(const uint16_t *codes);
/* Bit position after a block whose dynamic code would take `dynamic` bits. */
uint64_t cheapest(const Histogram *h, uint32_t dynamic, uint64_t at, uint64_t stored_bytes,
                  int may_store);

#endif
