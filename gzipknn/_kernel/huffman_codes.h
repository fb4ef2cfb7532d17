/* Huffman code lengths, as zlib computes them with a heap. Ties affect the lengths, so each tie must
 * be broken as in zlib. This is a header, so that the compiler knows the sizes and makes one fast
 * routine for each alphabet. This saves 3 % of the time of all lengths. */
#ifndef GZIPKNN_HUFFMAN_CODES_H
#define GZIPKNN_HUFFMAN_CODES_H

#include "block.h"

#include <string.h>

/* A word of the heap is ordered by its lower half: by frequency, then by depth. The depth is at most
 * 19, because the counts of a deep tree grow like the Fibonacci numbers. The upper half is the
 * node's number, which does not affect the order. */
#define DEPTH_BITS 5
#define DEPTH_MASK ((1u << DEPTH_BITS) - 1)
#define NODE_SHIFT 32
#define EMPTY ((uint64_t)UINT32_MAX)

/* Put v at node k and let it sink by one level. Words below the last level are EMPTY, so that the
 * number of steps does not depend on the values. */
static inline size_t sink_one(uint64_t *heap, size_t k, uint64_t *v)
{
    size_t below = 2 * k;
    uint64_t child = heap[below], right = heap[below + 1], value = *v;
#if defined(__x86_64__) && defined(__GNUC__) && !defined(GZIPKNN_PORTABLE)
    /* The same as below with conditional moves. Compilers would use branches, which cannot be
     * predicted here. */
    uint64_t kept;
    __asm__("cmpl %k[right], %k[child]\n\t"
            "cmovae %[right], %[child]\n\t"
            "sbbq $-1, %[below]\n\t"
            "movq %[child], %[kept]\n\t"
            "cmpl %k[value], %k[child]\n\t"
            "cmovae %[value], %[kept]\n\t"
            "cmovae %[child], %[value]"
            : [child] "+&r"(child), [below] "+&r"(below), [value] "+&r"(value), [kept] "=&r"(kept)
            : [right] "r"(right)
            : "cc");
    heap[k] = kept;
    *v = value;
    return below;
#else
    /* Values are selected by masks, because branches could not be predicted here. */
    uint64_t is_right = (uint32_t)right <= (uint32_t)child;
    child ^= (child ^ right) & (0u - is_right);
    uint64_t moved = (value ^ child) & (0u - (uint64_t)((uint32_t)value > (uint32_t)child));
    heap[k] = value ^ moved;
    *v = child ^ moved;
    return below + (size_t)is_right;
#endif
}

static inline void sink(uint64_t *heap, size_t k, uint64_t v, int levels)
{
    for (int i = 0; i < levels; i++)
        k = sink_one(heap, k, &v);
    heap[k] = v;
}
/* Merge the two least nodes of each heap until fewer than `least` are left. The heaps must have
 * equal counts. Working on several heaps side by side hides latency. */
static inline void merge(Forest *f, int lanes, uint32_t least, int levels, uint32_t first)
{
    uint32_t count = f[0].count;
    uint32_t made[LANES];
    for (int x = 0; x < lanes; x++)
        made[x] = f[x].made;
    while (count >= least) {
        uint64_t a[LANES], v[LANES];
        size_t k[LANES];
        for (int x = 0; x < lanes; x++) {
            a[x] = f[x].heap[1];
            v[x] = f[x].heap[count];
            f[x].heap[count] = EMPTY;
            k[x] = 1;
        }
        count--;
        for (int i = 0; i < levels; i++)
            for (int x = 0; x < lanes; x++)
                k[x] = sink_one(f[x].heap, k[x], &v[x]);
        for (int x = 0; x < lanes; x++) {
            f[x].heap[k[x]] = v[x];
            uint64_t b = f[x].heap[1];
            uint32_t da = (uint32_t)a[x] & DEPTH_MASK, db = (uint32_t)b & DEPTH_MASK;
            uint32_t freq = ((uint32_t)a[x] >> DEPTH_BITS) + ((uint32_t)b >> DEPTH_BITS);
            f[x].popped[2 * made[x]] = (uint16_t)(a[x] >> NODE_SHIFT);
            f[x].popped[2 * made[x] + 1] = (uint16_t)(b >> NODE_SHIFT);
            f[x].weight += freq;
            v[x] = (uint64_t)(first + made[x]++) << NODE_SHIFT | freq << DEPTH_BITS | ((da > db ? da : db) + 1);
            k[x] = 1;
        }
        for (int i = 0; i < levels; i++)
            for (int x = 0; x < lanes; x++)
                k[x] = sink_one(f[x].heap, k[x], &v[x]);
        for (int x = 0; x < lanes; x++)
            f[x].heap[k[x]] = v[x];
    }
    for (int x = 0; x < lanes; x++) {
        f[x].made = made[x];
        f[x].count = count;
    }
}

static inline int levels_of(uint32_t count)
{
    int levels = 1;
    while (2u << levels <= count)
        levels++;
    return levels;
}

static inline void merge_to(Forest *f, int lanes, uint32_t to, uint32_t first)
{
#define DOWN_TO(n) (to > (n) ? to : (n))
    switch (levels_of(f->count)) {
    case 8: merge(f, lanes, DOWN_TO(256), 8, first); /* fall through */
    case 7: merge(f, lanes, DOWN_TO(128), 7, first); /* fall through */
    case 6: merge(f, lanes, DOWN_TO(64), 6, first); /* fall through */
    case 5: merge(f, lanes, DOWN_TO(32), 5, first); /* fall through */
    case 4: merge(f, lanes, DOWN_TO(16), 4, first); /* fall through */
    case 3: merge(f, lanes, DOWN_TO(8), 3, first); /* fall through */
    case 2: merge(f, lanes, DOWN_TO(4), 2, first); /* fall through */
    default: merge(f, lanes, DOWN_TO(2), 1, first);
    }
}

/* Shorten the codes that are longer than the limit, as zlib does. Return the new total of frequency
 * times length. */
static uint32_t limit_lengths(Forest *f, const uint16_t *freq, uint32_t elements, int limit)
{
    int per_length[MAX_CODE_BITS + 1] = {0};
    int over = 0;
    for (uint32_t i = 0; i < 2 * f->made; i++) {
        uint32_t node = f->popped[i];
        if (f->length[node] > limit) {
            f->length[node] = (uint8_t)limit;
            over++;
        }
        if (node < elements)
            per_length[f->length[node]]++;
    }
    while (over > 0) {
        int bits = limit - 1;
        while (per_length[bits] == 0)
            bits--;
        per_length[bits]--;
        per_length[bits + 1] += 2;
        per_length[limit]--;
        over -= 2;
    }
    /* The rarest symbols, which were popped first, get the longest codes. */
    uint32_t total = 0, i = 0;
    for (int bits = limit; bits > 0; bits--) {
        for (int n = per_length[bits]; n > 0; i++) {
            uint32_t node = f->popped[i];
            if (node >= elements)
                continue;
            f->length[node] = (uint8_t)bits;
            total += (uint32_t)bits * freq[node];
            n--;
        }
    }
    return total;
}
/* List the symbols that occur, ascending, in the array of the heap, and count the codes for zeros
 * between them. */
static void list_symbols(const Symbols *t, Forest *f, const uint16_t *freq, const Occurring *o)
{
    uint32_t count = 0, zeros = 0, next = 0;
    for (uint32_t word = 0; word < 5; word++)
        for (uint64_t bits = o->bits[word]; bits; bits &= bits - 1) {
            uint32_t s = 64 * word + LOWEST_BIT(bits);
            f->used[count++] = (uint16_t)s;
            f->heap[count] = (uint64_t)s << NODE_SHIFT | (uint32_t)freq[s] << DEPTH_BITS;
            zeros += t->zero_codes[s - next];
            next = s + 1;
        }
    f->zeros = zeros;
    f->count = count;
    f->made = 0;
    f->weight = 0;
}

/* Make heaps of the symbols that occur. The words after their ends are EMPTY, so that the heaps may
 * have different sizes. */
static void plant(const Symbols *t, Forest *f, const uint16_t *const *freq, const Occurring *const *o, int lanes)
{
    uint32_t most = 0;
    for (int x = 0; x < lanes; x++) {
        list_symbols(t, &f[x], freq[x], o[x]);
        most = f[x].count > most ? f[x].count : most;
    }
    int levels = levels_of(most);
    for (int x = 0; x < lanes; x++)
        for (uint32_t i = f[x].count + 1; i < 2u << levels; i++)
            f[x].heap[i] = EMPTY;
    int below = 1;
    uint32_t from = most / 2;
    for (int level = levels - 1; level >= 0; level--, below++)
        for (; from >= 1u << level; from--)
            for (int x = 0; x < lanes; x++)
                sink(f[x].heap, from, f[x].heap[from], below);
}

/* Compute the code lengths from the merged heap. Return the total of frequency times length. */
static uint32_t harvest(const Symbols *t, Forest *f, const uint16_t *freq, uint32_t elements, int limit)
{
    uint8_t *length = f->length;
    uint32_t made = f->made;
    if (made == 0) {
        /* A code has at least two symbols. The lowest free ones are added. */
        int only = f->count ? f->used[0] : 0;
        int second = only == 0 ? 1 : only == 1 ? 2 : 0;
        f->used[0] = (uint16_t)(only < second ? only : second);
        f->used[1] = (uint16_t)(only < second ? second : only);
        f->zeros = t->zero_codes[f->used[0]] + t->zero_codes[f->used[1] - f->used[0] - 1];
        length[only] = length[second] = 1;
        f->symbols = 2;
        return freq[only];
    }
    f->symbols = (int)made + 1;
    int deepest = 0;
    length[elements + made - 1] = 0;
    for (uint32_t i = made; i-- > 0;) {
        int bits = length[elements + i] + 1;
        length[f->popped[2 * i]] = (uint8_t)bits;
        length[f->popped[2 * i + 1]] = (uint8_t)bits;
        deepest = bits > deepest ? bits : deepest;
    }
    if (deepest > limit)
        return limit_lengths(f, freq, elements, limit);
    return f->weight;
}

/* Compute the code lengths for the counts of each of `lanes` alphabets, as zlib assigns them. Add
 * the total of frequency times length to `bits`. */
static void code_lengths(const Symbols *t, Forest *f, const uint16_t *const *freq, const Occurring *const *o,
                         int lanes, uint32_t elements, int limit, uint32_t *bits)
{
    uint32_t least = UINT32_MAX;
    plant(t, f, freq, o, lanes);
    for (int x = 0; x < lanes; x++)
        least = f[x].count < least ? f[x].count : least;
    if (lanes == LANES) {
        for (int x = 0; x < LANES; x++)
            if (f[x].count > least && f[x].count >= 2)
                merge_to(&f[x], 1, least + 1, elements);
        if (least >= 2)
            merge_to(f, LANES, 2, elements);
    }
    for (int x = 0; x < lanes; x++) {
        if (f[x].count >= 2)
            merge_to(&f[x], 1, 2, elements);
        bits[x] += harvest(t, &f[x], freq[x], elements, limit);
    }
}

#endif
