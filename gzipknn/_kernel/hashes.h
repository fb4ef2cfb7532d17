/* Hashes of the strings of a text, each in constant time. */
#ifndef GZIPKNN_HASHES_H
#define GZIPKNN_HASHES_H

#include "suffixes.h"

#define MULTIPLIER 0x9E3779B97F4A7C15u

/* The tables of large corpora do not fit in the caches, so they are prefetched. */
#ifdef __GNUC__
#define FETCH(address) __builtin_prefetch(address)
#else
#define FETCH(address) ((void)0)
#endif

typedef struct {
    uint64_t power[REPEAT_MAX + 1];
} Powers;

static inline void powers_init(Powers *p)
{
    p->power[0] = 1;
    for (int n = 1; n <= REPEAT_MAX; n++)
        p->power[n] = p->power[n - 1] * MULTIPLIER;
}

/* Write the hashes of the prefixes of s: size + 1 items. */
static inline void prefix_hashes(const uint8_t *s, size_t size, uint64_t *hash, Poll *poll)
{
    hash[0] = 0;
    for (size_t i = 0; i < size; i++) {
        hash[i + 1] = hash[i] * MULTIPLIER + s[i] + 1;
        if (poll_at(poll, i))
            return;
    }
}

/* Return the hash of `length` bytes from `at` on. */
static inline uint64_t string_hash(const Powers *p, const uint64_t *hash, size_t at,
                                   uint32_t length)
{
    uint64_t h = hash[at + length] - hash[at] * p->power[length];
    h ^= h >> 32;
    h *= 0xD6E8FEB86659FD93u;
    return h ^ h >> 32;
}

/* A filter of strings longer than GATE bytes, by the hashes of their first GATE, 2 * GATE, ...
 * bytes. It saves most look-ups of long strings. */
enum { GATE = 12, GATE_BITS = 20, GATE_WORDS = 1 << (GATE_BITS - 6) };

static inline void gate_open(uint64_t *gate, const Powers *p, const uint64_t *hash, size_t at,
                             uint32_t length)
{
    for (uint32_t first = GATE; first < length; first *= 2) {
        uint64_t h = string_hash(p, hash, at, first);
        gate[h >> (70 - GATE_BITS)] |= (uint64_t)1 << (h >> (64 - GATE_BITS) & 63);
    }
}

/* Return a length, at most `most`, beyond which no string at `at` is in the filter. */
static inline uint32_t gate_most(const uint64_t *gate, const Powers *p, const uint64_t *hash,
                                 size_t at, uint32_t most)
{
    for (uint32_t first = GATE; first < most; first *= 2) {
        uint64_t h = string_hash(p, hash, at, first);
        if (!(gate[h >> (70 - GATE_BITS)] >> (h >> (64 - GATE_BITS) & 63) & 1))
            most = first;
    }
    return most;
}

#endif
