/* Bitmaps are added like binary numbers, 64 counts in parallel: word w of plane p holds bit p of
 * the 64 counts that belong to word w of the bitmaps. */
#include "bitmaps.h"

#include <string.h>

enum {
    BLOCK = 128,  /* words of a plane; the planes fit in the first-level cache */
    PLANES = 8,
    AT_ONCE = 4,
    MOST = 252    /* bitmaps in a round: counts have 8 bits, and this is a multiple of AT_ONCE */
};

static const uint64_t NO_BITS[BLOCK];

/* Add four bitmaps to the lowest two planes. `fours` is the carry. */
static void add_four(uint64_t *restrict ones, uint64_t *restrict twos, uint64_t *restrict fours,
                     const uint64_t *restrict a, const uint64_t *restrict b, const uint64_t *restrict c,
                     const uint64_t *restrict d, size_t size)
{
    for (size_t w = 0; w < size; w++) {
        const uint64_t ab = a[w] ^ b[w], cd = c[w] ^ d[w], low = ones[w] ^ ab;
        const uint64_t first = (a[w] & b[w]) | (ab & ones[w]), second = (c[w] & d[w]) | (cd & low);
        const uint64_t high = twos[w] ^ first;
        fours[w] = (twos[w] & first) | (high & second);
        ones[w] = low ^ cd;
        twos[w] = high ^ second;
    }
}

/* Add a carry to a plane. The carry becomes that to the next plane. */
static void add_carry(uint64_t *restrict plane, uint64_t *restrict carry, size_t size)
{
    for (size_t w = 0; w < size; w++) {
        const uint64_t both = plane[w] & carry[w];
        plane[w] ^= carry[w];
        carry[w] = both;
    }
}

/* Count the bits of one block of words in up to MOST bitmaps. */
static void count_block(uint64_t planes[PLANES][BLOCK], const uint64_t *bitmaps, size_t words,
                        const uint32_t *which, size_t count, size_t from, size_t size)
{
    uint64_t carry[BLOCK];
    memset(planes, 0, PLANES * sizeof planes[0]);
    for (size_t k = 0; k < count; k += AT_ONCE) {
        const uint64_t *b[AT_ONCE];
        for (size_t j = 0; j < AT_ONCE; j++)
            b[j] = k + j < count ? bitmaps + which[k + j] * words + from : NO_BITS;
        add_four(planes[0], planes[1], carry, b[0], b[1], b[2], b[3], size);
        for (int p = 2; p < PLANES && (k + AT_ONCE) >> p; p++)
            add_carry(planes[p], carry, size);
    }
}

/* Transpose a matrix of 8 by 8 bits. */
static inline uint64_t transpose(uint64_t x)
{
    uint64_t swapped = (x ^ x >> 7) & 0x00AA00AA00AA00AAu;
    x ^= swapped ^ swapped << 7;
    swapped = (x ^ x >> 14) & 0x0000CCCC0000CCCCu;
    x ^= swapped ^ swapped << 14;
    swapped = (x ^ x >> 28) & 0x00000000F0F0F0F0u;
    return x ^ swapped ^ swapped << 28;
}

static void add_counts(uint64_t planes[PLANES][BLOCK], uint32_t *sums, size_t n)
{
    for (size_t at = 0; at < n; at += 8) {
        uint64_t bits = 0;
        for (int p = 0; p < PLANES; p++)
            bits |= (planes[p][at / 64] >> at % 64 & 255) << 8 * p;
        const uint64_t counts = transpose(bits);
        const size_t here = n - at < 8 ? n - at : 8;
        for (size_t i = 0; i < here; i++)
            sums[at + i] += (uint32_t)(counts >> 8 * i & 255);
    }
}

void bitmaps_add(const uint64_t *bitmaps, const uint32_t *which, size_t count, uint32_t *sums, size_t n, Poll *poll)
{
    const size_t words = bitmap_words(n);
    uint64_t planes[PLANES][BLOCK];
    for (size_t k = 0; k < count; k += MOST) {
        const size_t now = count - k < MOST ? count - k : MOST;
        for (size_t from = 0; from < words; from += BLOCK) {
            const size_t size = words - from < BLOCK ? words - from : BLOCK;
            count_block(planes, bitmaps, words, which + k, now, from, size);
            const size_t left = n - 64 * from;
            add_counts(planes, sums + 64 * from, left < 64 * size ? left : 64 * size);
            if (poll_steps(poll, size * (now + 64)))
                return;
        }
    }
}
