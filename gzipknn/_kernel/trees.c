/* The size of one deflate block from its symbol counts: the codes that zlib's
 * heap would give (ties decide code lengths, and so the header), the header,
 * and the choice among stored, fixed and dynamic. */
#include "deflate.h"

#include <math.h>
#include <string.h>

enum {
    MAX_NODES = 2 * LITLEN_SYMBOLS,
    MAX_CODE_BITS = 15,
    LENGTH_CODES = 19,
    MAX_LENGTH_CODE_BITS = 7,
    REPEAT = 16,
    ZEROS_SHORT = 17,
    ZEROS_LONG = 18
};

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

static const uint8_t length_extra[29] = {
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
static const uint8_t length_code_order[LENGTH_CODES] = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

void histogram_clear(Histogram *h)
{
    memset(h, 0, sizeof *h);
    h->litlen[END_OF_BLOCK] = 1;
}

void symbols_init(Symbols *t)
{
    int length = MIN_MATCH;
    memset(t, 0, sizeof *t);
    for (int s = 0; s < 29; s++)
        for (int n = 0; n < 1 << length_extra[s] && length <= MAX_MATCH; n++)
            t->length_symbol[length++] = (uint16_t)(257 + s);
    t->length_symbol[MAX_MATCH] = 285;

    unsigned dist = 1;
    t->dist_symbol[0] = NO_DIST;
    for (unsigned s = 0; s < DIST_SYMBOLS; s++)
        for (unsigned n = 0; n < 1u << (s < 2 ? 0 : s / 2 - 1) && dist < WINDOW; n++)
            t->dist_symbol[dist++] = (uint8_t)s;

    /* What the r-th equal code length in a row adds: three plain ones at
     * first, which the fourth turns into one and a repeat; the repeat takes up
     * to six, and so on, now from the third on. */
    for (int r = 1; r <= LITLEN_SYMBOLS; r++) {
        int in_chunk = r <= 7 ? r : (r - 8) % 6 + 1;
        int least = r <= 7 ? 4 : 3;
        t->run_codes[r] = (int8_t)(in_chunk < least ? 1 : in_chunk == least ? -2 : 0);
        t->run_repeats[r] = in_chunk == least;
    }
    /* Zeros between two used symbols: plain, short runs, long runs. */
    for (int n = 0; n <= LITLEN_SYMBOLS; n++) {
        int rest = n % 138;
        uint32_t longs = (uint32_t)(n / 138) + (rest > 10);
        uint32_t shorts = rest >= 3 && rest <= 10;
        uint32_t plain = rest < 3 ? (uint32_t)rest : 0;
        t->zero_codes[n] = longs << 20 | shorts << 10 | plain;
    }
}

void symbols_init_bounds(Symbols *t)
{
    for (int n = 0; n <= BLOCK_SYMBOLS + 1; n++)
        t->n_log_n[n] = n < 2 ? 0 : (uint32_t)ceil(n * log2(n) * (1 << N_LOG_N_SHIFT));
}

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
static void code_lengths(Forest *f, const uint16_t *const *freq, int lanes, uint32_t elements,
                         int limit, uint32_t *bits)
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

/* Count the codes that describe the code lengths of one alphabet. */
static uint32_t describe(const Symbols *t, const Forest *f, uint16_t *codes)
{
    uint32_t zeros = 0;
    uint32_t repeats = 0;
    int last = -1, run = 0, run_length = 0;
    for (int i = 0; i < f->symbols; i++) {
        int symbol = f->used[i], bits = f->length[symbol];
        zeros += t->zero_codes[symbol - last - 1];
        run = bits == run_length && symbol == last + 1 ? run + 1 : 1;
        run_length = bits;
        last = symbol;
        codes[bits] = (uint16_t)(codes[bits] + t->run_codes[run]);
        repeats += t->run_repeats[run];
    }
    codes[REPEAT] = (uint16_t)(codes[REPEAT] + repeats);
    return zeros;
}

/* A description's code lengths, to be coded themselves. */
typedef struct {
    uint16_t codes[32];
    uint32_t zeros;
} Description;

/* The literals and lengths; adds their bits. */
static void code_litlens(const Symbols *t, Forest *f, const Histogram *const *h, int lanes,
                         Description *d, uint32_t *bits)
{
    const uint16_t *freq[LANES] = {0};
    for (int x = 0; x < lanes; x++)
        freq[x] = h[x]->litlen;
    code_lengths(f, freq, lanes, 288, MAX_CODE_BITS, bits);
    for (int x = 0; x < lanes; x++) {
        memset(d[x].codes, 0, sizeof d[x].codes);
        d[x].zeros = describe(t, &f[x], d[x].codes);
    }
}

static void spread_zeros(Description *d)
{
    d->codes[0] = (uint16_t)(d->zeros & 1023);
    d->codes[ZEROS_SHORT] = (uint16_t)(d->zeros >> 10 & 1023);
    d->codes[ZEROS_LONG] = (uint16_t)(d->zeros >> 20);
}

static uint32_t description_extra_bits(const uint16_t *codes)
{
    return codes[REPEAT] * 2u + codes[ZEROS_SHORT] * 3u + codes[ZEROS_LONG] * 7u;
}

/* The rest: distances and the description; adds their bits. */
static void code_rest(const Symbols *t, Forest *f, const Histogram *const *h, int lanes,
                      Description *d, uint32_t *bits)
{
    uint16_t dist[LANES][32];
    const uint16_t *freq[LANES] = {0};
    for (int x = 0; x < lanes; x++) {
        memcpy(dist[x], h[x]->dist, sizeof dist[x]);
        dist[x][30] = dist[x][NO_DIST] = 0;
        freq[x] = dist[x];
    }
    code_lengths(f, freq, lanes, 32, MAX_CODE_BITS, bits);
    for (int x = 0; x < lanes; x++) {
        d[x].zeros += describe(t, &f[x], d[x].codes);
        spread_zeros(&d[x]);
        memset(f[x].length, 0, LENGTH_CODES);
        freq[x] = d[x].codes;
    }
    code_lengths(f, freq, lanes, 32, MAX_LENGTH_CODE_BITS, bits);
    for (int x = 0; x < lanes; x++) {
        int last = LENGTH_CODES - 1;
        while (last >= 3 && f[x].length[length_code_order[last]] == 0)
            last--;
        bits[x] += description_extra_bits(d[x].codes);
        bits[x] += 3u * (uint32_t)(last + 1) + 5 + 5 + 4;
    }
}

static void dynamic_bits(const Symbols *t, const Histogram *h, int lanes, uint32_t *bits)
{
    Forest f[LANES];
    Description d[LANES];
    const Histogram *each[LANES] = {0};
    for (int x = 0; x < lanes; x++) {
        each[x] = &h[x];
        bits[x] = 0;
    }
    code_litlens(t, f, each, lanes, d, bits);
    code_rest(t, f, each, lanes, d, bits);
}

uint32_t extra_bits(const Histogram *h)
{
    uint32_t bits = 0;
    for (int s = 8; s < 28; s++)
        bits += (uint32_t)h->litlen[257 + s] * length_extra[s];
    for (int s = 4; s < DIST_SYMBOLS; s++)
        bits += (uint32_t)h->dist[s] * (uint32_t)(s / 2 - 1);
    return bits;
}

uint32_t fixed_bits(const Histogram *h)
{
    uint32_t eight = 0, nine = 0, seven = 0, five = 0;
    for (int s = 0; s < 144; s++)
        eight += h->litlen[s];
    for (int s = 144; s < 256; s++)
        nine += h->litlen[s];
    for (int s = 256; s < 280; s++)
        seven += h->litlen[s];
    for (int s = 280; s < LITLEN_SYMBOLS; s++)
        eight += h->litlen[s];
    for (int s = 0; s < DIST_SYMBOLS; s++)
        five += h->dist[s];
    return 8 * eight + 9 * nine + 7 * seven + 5 * five;
}

uint32_t match_extra_bits(const Symbols *t, int length, uint32_t dist)
{
    const unsigned s = t->dist_symbol[dist];
    return length_extra[t->length_symbol[length] - 257] + (s < 4 ? 0 : s / 2 - 1);
}

enum { STORED, FIXED, DYNAMIC };

/* How a block is written that would take so many bits, extra bits included. */
static inline int cheapest_way(uint32_t fixed, uint32_t dynamic, uint64_t stored_bytes,
                               int may_store)
{
    uint32_t fixed_bytes = (fixed + 3 + 7) >> 3;
    uint32_t bytes = (dynamic + 3 + 7) >> 3;
    int use_fixed = fixed_bytes <= bytes;
    if (may_store && stored_bytes + 4 <= (use_fixed ? fixed_bytes : bytes))
        return STORED;
    return use_fixed ? FIXED : DYNAMIC;
}

/* Bit position after a block whose dynamic code would take `dynamic` bits. */
static uint64_t cheapest(const Histogram *h, uint32_t dynamic, uint64_t at, uint64_t stored_bytes,
                         int may_store)
{
    uint32_t extra = extra_bits(h);
    uint32_t fixed = fixed_bits(h) + extra;
    int way = cheapest_way(fixed, dynamic + extra, stored_bytes, may_store);
    if (way == STORED)
        return ((at + 3 + 7) & ~(uint64_t)7) + 8 * (4 + stored_bytes);
    return at + 3 + (way == FIXED ? fixed : dynamic + extra);
}

uint64_t block_end(const Symbols *t, const Histogram *h, uint64_t at, uint64_t stored_bytes,
                   int may_store)
{
    uint32_t dynamic;
    dynamic_bits(t, h, 1, &dynamic);
    return cheapest(h, dynamic, at, stored_bytes, may_store);
}

/* Lengths of the codes of one alphabet. */
static void copy_lengths(const uint16_t *freq, uint32_t elements, uint8_t *lengths)
{
    Forest f;
    uint32_t bits = 0;
    code_lengths(&f, &freq, 1, elements, MAX_CODE_BITS, &bits);
    for (int i = 0; i < f.symbols; i++)
        lengths[f.used[i]] = f.length[f.used[i]];
}

void block_codes(const Symbols *t, const Histogram *h, uint64_t stored_bytes, int may_store,
                 Codes *codes)
{
    uint32_t dynamic, extra = extra_bits(h);
    uint16_t dist[32];
    dynamic_bits(t, h, 1, &dynamic);
    memset(codes, 0, sizeof *codes);
    switch (cheapest_way(fixed_bits(h) + extra, dynamic + extra, stored_bytes, may_store)) {
    case STORED:
        codes->stored = 1;
        break;
    case FIXED:
        for (int s = 0; s < LITLEN_SYMBOLS; s++)
            codes->litlen[s] = (uint8_t)(s < 144 ? 8 : s < 256 ? 9 : s < 280 ? 7 : 8);
        memset(codes->dist, 5, DIST_SYMBOLS);
        break;
    default:
        memcpy(dist, h->dist, sizeof dist);
        dist[30] = dist[NO_DIST] = 0;
        copy_lengths(h->litlen, 288, codes->litlen);
        copy_lengths(dist, 32, codes->dist);
    }
}

void one_block_bytes(const Symbols *t, const Histogram *h, const uint64_t *input_bytes, int lanes,
                     uint64_t *bytes)
{
    uint32_t dynamic[LANES];
    dynamic_bits(t, h, lanes, dynamic);
    for (int x = 0; x < lanes; x++)
        bytes[x] = (cheapest(&h[x], dynamic[x], 0, input_bytes[x], 1) + 7) >> 3;
}

/* ---- bounds ---- */

/* The least header but for the description: sizes of alphabets, and the length
 * codes' own lengths, which go down to that of 4 at least, as one of at most
 * 30 distance codes is no longer than that. */
#define HEADER_AT_LEAST (5 + 5 + 4 + 3 * 12)

/* Entropy, rounded down, of counts whose c log c (each rounded up, by less
 * than one unit) add up to `spent`. */
static uint32_t entropy_bits(const Symbols *t, uint32_t total, uint64_t spent)
{
    uint64_t all = t->n_log_n[total];
    return all > spent + 1 ? (uint32_t)((all - spent - 1) >> N_LOG_N_SHIFT) : 0;
}

/* Bits of the description of an alphabet: a bit a code and the extra bits, at
 * six equal lengths in a row to a repeat. */
static uint32_t description_at_least(uint32_t used, uint32_t zeros)
{
    return used / 2 + (zeros & 1023) + 4 * (zeros >> 10 & 1023) + 8 * (zeros >> 20);
}

/* Bits of an alphabet's codes and of their description, at least. */
static uint32_t alphabet_at_least(const Symbols *t, const uint16_t *freq, uint32_t elements,
                                  uint32_t least_used)
{
    uint16_t used[LITLEN_SYMBOLS + 18];
    uint64_t spent = 0;
    uint32_t count = used_symbols(freq, elements, used), total = 0, zeros = 0;
    int last = -1;
    for (uint32_t i = 0; i < count; i++) {
        int symbol = used[i];
        uint32_t n = freq[symbol];
        total += n;
        spent += t->n_log_n[n];
        zeros += t->zero_codes[symbol - last - 1];
        last = symbol;
    }
    return entropy_bits(t, total, spent) +
           (count < least_used ? 0 : description_at_least(count, zeros));
}

static uint32_t distances_at_least(const Symbols *t, const Histogram *h)
{
    uint16_t dist[32];
    memcpy(dist, h->dist, sizeof dist);
    dist[30] = dist[NO_DIST] = 0;
    /* With fewer than two distance codes, others are made up. */
    return alphabet_at_least(t, dist, 32, 2);
}

static uint32_t litlens_at_least(const Symbols *t, const Histogram *h)
{
    return alphabet_at_least(t, h->litlen, 288, 0);
}

static uint64_t bytes_at_least(uint32_t fixed, uint32_t dynamic, uint64_t input_bytes)
{
    uint64_t bytes = ((fixed < dynamic ? fixed : dynamic) + 3 + 7) >> 3;
    return input_bytes + 5 < bytes ? input_bytes + 5 : bytes;
}

void sizing_start(const Symbols *t, Sizing *z)
{
    z->extra = extra_bits(&z->counts);
    z->fixed = fixed_bits(&z->counts) + z->extra;
    z->rest = HEADER_AT_LEAST + distances_at_least(t, &z->counts) + z->extra;
    z->at_least = 0;
}

void sizing_bound(const Symbols *t, Sizing *z)
{
    z->at_least = bytes_at_least(z->fixed, litlens_at_least(t, &z->counts) + z->rest,
                                 z->input_bytes);
}

int sizing_finish(const Symbols *t, Sizing *z, int lanes, int (*wanted)(void *, const Sizing *),
                  void *data)
{
    Forest f[LANES];
    Description d[LANES];
    const Histogram *h[LANES] = {0};
    uint32_t bits[LANES] = {0};
    int finished = 0;
    for (int x = 0; x < lanes; x++)
        h[x] = &z[x].counts;
    code_litlens(t, f, h, lanes, d, bits);
    for (int x = 0; x < lanes; x++) {
        /* Literals and lengths are exact now, and what describes them takes
         * its entropy at least. */
        uint64_t spent = 0;
        uint32_t total = 0;
        Description e = d[x];
        spread_zeros(&e);
        for (int c = 0; c < LENGTH_CODES; c++) {
            total += e.codes[c];
            spent += t->n_log_n[e.codes[c]];
        }
        uint32_t dynamic = bits[x] + entropy_bits(t, total, spent) +
                           description_extra_bits(e.codes) + z[x].rest;
        z[x].at_least = bytes_at_least(z[x].fixed, dynamic, z[x].input_bytes);
        z[x].exact = wanted(data, &z[x]);
        if (!z[x].exact)
            continue;
        code_rest(t, &f[x], &h[x], 1, &d[x], &bits[x]);
        z[x].at_least = (cheapest(h[x], bits[x], 0, z[x].input_bytes, 1) + 7) >> 3;
        finished++;
    }
    return finished;
}
