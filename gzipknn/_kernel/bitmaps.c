/* Bitmaps are added like numbers in binary, bit by bit in parallel: word w of plane p holds
 * bit p of the 64 counts that belong to word w of the bitmaps. */
#include "bitmaps.h"

#include <string.h>

enum {
    BLOCK = 128,  /* words: the planes stay in the nearest cache */
    PLANES = 8,
    AT_ONCE = 4,
    MOST = 252    /* bitmaps in a round: counts of 8 bits, and a multiple of AT_ONCE */
};

static const uint64_t NO_BITS[BLOCK];

/* Add two units of words to a third, which keeps the sum's low bits. */
static inline void add_units(uint64_t *low, const uint64_t *b, const uint64_t *c, uint64_t *high)
{
    for (int i = 0; i < UNIT; i++) {
        const uint64_t half = low[i] ^ b[i];
        high[i] = (low[i] & b[i]) | (half & c[i]);
        low[i] = half ^ c[i];
    }
}

/* Count one block of words of up to MOST bitmaps. */
static void count_block(uint64_t planes[PLANES][BLOCK], int used, const uint64_t *bitmaps, size_t words,
                        const uint32_t *which, size_t count, size_t from, size_t size)
{
    memset(planes, 0, PLANES * sizeof planes[0]);
    for (size_t k = 0; k < count; k += AT_ONCE) {
        const uint64_t *b[AT_ONCE];
        for (size_t j = 0; j < AT_ONCE; j++)
            b[j] = k + j < count ? bitmaps + which[k + j] * words + from : NO_BITS;
        for (size_t w = 0; w < size; w += UNIT) {
            uint64_t twos[2][UNIT], carry[UNIT];
            add_units(planes[0] + w, b[0] + w, b[1] + w, twos[0]);
            add_units(planes[0] + w, b[2] + w, b[3] + w, twos[1]);
            add_units(planes[1] + w, twos[0], twos[1], carry);
            for (int p = 2; p < used; p++)
                for (int i = 0; i < UNIT; i++) {
                    const uint64_t both = planes[p][w + (size_t)i] & carry[i];
                    planes[p][w + (size_t)i] ^= carry[i];
                    carry[i] = both;
                }
        }
    }
}

/* The low 8 bits of a word, each in a byte of its own. */
static inline uint64_t spread(uint64_t word)
{
    const uint64_t each = (word & 255) * 0x0101010101010101u & 0x8040201008040201u;
    return (each + 0x7F7F7F7F7F7F7F7Fu) >> 7 & 0x0101010101010101u;
}

static void add_counts(uint64_t planes[PLANES][BLOCK], int used, uint32_t *sums, size_t n)
{
    for (size_t at = 0; at < n; at += 8) {
        uint64_t counts = 0;
        for (int p = 0; p < used; p++)
            counts += spread(planes[p][at / 64] >> at % 64) << p;
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
        int used = 2;
        while (now >> used)
            used++;
        for (size_t from = 0; from < words; from += BLOCK) {
            const size_t size = words - from < BLOCK ? words - from : BLOCK;
            count_block(planes, used, bitmaps, words, which + k, now, from, size);
            const size_t left = n - 64 * from;
            add_counts(planes, used, sums + 64 * from, left < 64 * size ? left : 64 * size);
            if (poll_steps(poll, size * (now + 64)))
                return;
        }
    }
}
