/* Huffman code lengths as zlib's heap gives them: ties decide, and so each tie
 * must fall as it does there. A header, as the compiler makes one fast routine
 * for each alphabet where it sees the sizes: 3 % of all lengths. */
#ifndef GZIPKNN_HUFFMAN_CODES_H
#define GZIPKNN_HUFFMAN_CODES_H

#include "block.h"

#include <string.h>

/* A heap word orders by frequency (16383 symbols and the end: 15 bits), then
 * by depth (19 at most, as the counts of a deep tree grow like Fibonacci's
 * numbers); the node's number in the low bits takes no part in comparisons. */
#define NODE_BITS 10
#define DEPTH_BITS 5
#define NODE_MASK ((1u << NODE_BITS) - 1)
#define FREQ_SHIFT (NODE_BITS + DEPTH_BITS)
#define FREQ_MASK (~((1u << FREQ_SHIFT) - 1))
#define NOT_AFTER(a, b) ((a) <= ((b) | NODE_MASK))
#define EMPTY UINT32_MAX

/* Put v in at the root and let it sink. With EMPTY below the last level, the
 * path is the same number of steps whatever the values are: what v displaces
 * is carried on, and stays where it was. */
static inline size_t sink_one(uint32_t *heap, size_t k, uint32_t *v)
{
    uint32_t left = heap[2 * k], right = heap[2 * k + 1];
#if defined(__x86_64__) && defined(__GNUC__) && !defined(GZIPKNN_PORTABLE)
    /* As below, with conditional moves, which compilers turn into branches (a
     * coin toss each) when they are given a choice; a fifth faster. */
    uint32_t child = left, stay = left | NODE_MASK, value = *v, kept;
    uint32_t *here = heap + k;
    k *= 2;
    __asm__("cmpl %[right], %[stay]\n\t"
            "cmovae %[right], %[child]\n\t"
            "sbbq $-1, %[k]"
            : [child] "+&r"(child), [k] "+&r"(k)
            : [right] "r"(right), [stay] "r"(stay)
            : "cc");
    stay = child | NODE_MASK;
    kept = child;
    __asm__("cmpl %[value], %[stay]\n\t"
            "cmovae %[value], %[kept]\n\t"
            "cmovae %[child], %[value]"
            : [kept] "+&r"(kept), [value] "+&r"(value)
            : [stay] "r"(stay), [child] "r"(child)
            : "cc");
    *here = kept;
    *v = value;
    return k;
#else
    /* Selections by mask: a branch here would be a coin toss. */
    uint32_t is_right = NOT_AFTER(right, left);
    uint32_t child = left ^ ((left ^ right) & (0u - is_right));
    uint32_t moved = (*v ^ child) & (NOT_AFTER(*v, child) - 1u);
    heap[k] = *v ^ moved;
    *v = child ^ moved;
    return 2 * k + is_right;
#endif
}

static inline void sink(uint32_t *heap, size_t k, uint32_t v, int levels)
{
    for (int i = 0; i < levels; i++)
        k = sink_one(heap, k, &v);
    heap[k] = v;
}
/* Merge the two least nodes of each heap until fewer than `least` are left.
 * Heaps side by side hide each other's waiting; their counts are equal. */
static inline void merge(Forest *f, int lanes, uint32_t least, int levels, uint32_t first)
{
    uint32_t count = f[0].count;
    uint32_t made[LANES];
    for (int x = 0; x < lanes; x++)
        made[x] = f[x].made;
    while (count >= least) {
        uint32_t a[LANES], v[LANES];
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
            uint32_t b = f[x].heap[1];
            uint32_t da = a[x] & ~FREQ_MASK, db = b & ~FREQ_MASK;
            uint32_t depth = ((da > db ? da : db) >> NODE_BITS) + 1;
            uint32_t freq = (a[x] & FREQ_MASK) + (b & FREQ_MASK);
            f[x].popped[2 * made[x]] = (uint16_t)(a[x] & NODE_MASK);
            f[x].popped[2 * made[x] + 1] = (uint16_t)(b & NODE_MASK);
            f[x].weight += freq >> FREQ_SHIFT;
            v[x] = freq | depth << NODE_BITS | (first + made[x]++);
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

/* Codes longer than the limit: shorten them as zlib does. Returns the new
 * total of frequency times length. */
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
    /* The rarest (first popped) get the longest. */
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
/* Make a heap of the symbols that occur. */
static void plant(Forest *f, const uint16_t *freq, uint32_t elements)
{
    uint32_t *heap = f->heap;
    uint32_t count = used_symbols(freq, elements, f->used);
    for (uint32_t i = 0; i < count; i++)
        heap[i + 1] = (uint32_t)freq[f->used[i]] << FREQ_SHIFT | f->used[i];
    f->count = count;
    f->made = 0;
    f->weight = 0;
    if (count < 2)
        return;
    int levels = levels_of(count);
    for (uint32_t i = count + 1; i < 2u << levels; i++)
        heap[i] = EMPTY;
    int below = 1;
    uint32_t from = count / 2;
    for (int level = levels - 1; level >= 0; level--, below++)
        for (; from >= 1u << level; from--)
            sink(heap, from, heap[from], below);
}

/* Code lengths from the merged heap; returns frequency times length. */
static uint32_t harvest(Forest *f, const uint16_t *freq, uint32_t elements, int limit)
{
    uint8_t *length = f->length;
    uint32_t made = f->made;
    if (made == 0) {
        /* A code has at least two symbols, the lowest free ones. */
        int only = f->count ? f->used[0] : 0;
        int second = only == 0 ? 1 : only == 1 ? 2 : 0;
        f->used[0] = (uint16_t)(only < second ? only : second);
        f->used[1] = (uint16_t)(only < second ? second : only);
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

/* Code lengths for the counts of each of `lanes` alphabets, as zlib assigns
 * them; adds frequency times length to bits. */
static void code_lengths(Forest *f, const uint16_t *const *freq, int lanes, uint32_t elements, int limit,
                         uint32_t *bits)
{
    uint32_t most = 0, least = UINT32_MAX;
    for (int x = 0; x < lanes; x++) {
        plant(&f[x], freq[x], elements);
        most = f[x].count > most ? f[x].count : most;
        least = f[x].count < least ? f[x].count : least;
    }
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
        bits[x] += harvest(&f[x], freq[x], elements, limit);
    }
}

#endif
