/* The sum of many bitmaps, 64 counts at once. */
#ifndef GZIPKNN_BITMAPS_H
#define GZIPKNN_BITMAPS_H

#include <stddef.h>
#include <stdint.h>

#include "poll.h"

static inline size_t bitmap_words(size_t bits)
{
    return (bits + 63) / 64;
}

/* Add to each of `n` sums the number of bitmaps in which its bit is set. The bitmaps are stored
 * one after the other. Those with the `count` numbers in `which` are added. */
void bitmaps_add(const uint64_t *bitmaps, const uint32_t *which, size_t count, uint32_t *sums, size_t n, Poll *poll);

#endif
