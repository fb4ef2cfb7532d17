/* Common prefixes, eight bytes at a time. */
#ifndef GZIPKNN_PREFIX_H
#define GZIPKNN_PREFIX_H

#include <stdint.h>
#include <string.h>

#if defined(__GNUC__) && defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ \
    && !defined(GZIPKNN_PORTABLE)
#define FIRST_DIFFERENCE(x) (__builtin_ctzll(x) >> 3)
#endif

/* Return the length of the common prefix of a and b, at most `limit`. */
static inline int common_prefix(const uint8_t *a, const uint8_t *b, int limit)
{
    int n = 0;
    while (n + 8 <= limit) {
        uint64_t x, y;
        memcpy(&x, a + n, 8);
        memcpy(&y, b + n, 8);
        if (x != y) {
#ifdef FIRST_DIFFERENCE
            return n + FIRST_DIFFERENCE(x ^ y);
#else
            break;
#endif
        }
        n += 8;
    }
    while (n < limit && a[n] == b[n])
        n++;
    return n;
}

#endif
