/* The size of one deflate block from its symbol counts: the codes, the header, and the choice
 * among stored, fixed and dynamic blocks. */
#include "block.h"
#include "huffman_codes.h"

#include <math.h>
#include <string.h>

enum {
    MAX_LENGTH_CODE_BITS = 7,
    REPEAT = 16,
    ZEROS_SHORT = 17,
    ZEROS_LONG = 18
};

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
    memset(t->far_symbol, NO_DIST, sizeof t->far_symbol);
    for (dist = 1; dist < WINDOW; dist++)
        t->far_symbol[far_index(dist)] = t->dist_symbol[dist];

    /* What the r-th equal code length in a row adds. The first three are plain codes. The fourth
     * turns them into one plain code and a repeat, which covers up to six lengths. Then this begins
     * again, but now the third code starts a repeat. */
    for (int r = 1; r <= LITLEN_SYMBOLS; r++) {
        int in_chunk = r <= 7 ? r : (r - 8) % 6 + 1;
        int least = r <= 7 ? 4 : 3;
        t->run_codes[r] = (int8_t)(in_chunk < least ? 1 : in_chunk == least ? -2 : 0);
        t->run_repeats[r] = in_chunk == least;
    }
    /* The codes for n zeros between two used symbols: long runs, short runs and plain zeros. */
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
#if defined(__SSE2__) && !defined(GZIPKNN_PORTABLE)
#include <emmintrin.h>

/* Return a bit for each of sixteen counts that is not zero. */
static inline uint64_t sixteen(const uint16_t *freq)
{
    const __m128i zero = _mm_setzero_si128();
    __m128i a = _mm_cmpeq_epi16(_mm_loadu_si128((const __m128i *)freq), zero);
    __m128i b = _mm_cmpeq_epi16(_mm_loadu_si128((const __m128i *)(freq + 8)), zero);
    return (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(a, b)) ^ 0xffffu;
}
#else
static inline uint64_t sixteen(const uint16_t *freq)
{
    uint64_t any[4], bits = 0;
    memcpy(any, freq, sizeof any);
    if (any[0] | any[1] | any[2] | any[3])
        for (int i = 0; i < 16; i++)
            bits |= (uint64_t)(freq[i] != 0) << i;
    return bits;
}
#endif

static inline uint64_t thirty_two(const uint16_t *freq)
{
    return sixteen(freq) | sixteen(freq + 16) << 16;
}

Occurring litlens_occurring(const uint16_t *freq)
{
    Occurring o;
    uint64_t sum = 0;
    for (int i = 0; i < 4; i++)
        o.bits[i] = thirty_two(freq + 64 * i) | thirty_two(freq + 64 * i + 32) << 32;
    o.bits[4] = thirty_two(freq + 256);
    /* Bits are counted in bytes, which have room for 5 times 8. */
    for (int i = 0; i < 5; i++) {
        uint64_t pairs = o.bits[i] - (o.bits[i] >> 1 & UINT64_MAX / 3);
        uint64_t fours = (pairs & UINT64_MAX / 5) + (pairs >> 2 & UINT64_MAX / 5);
        sum += (fours + (fours >> 4)) & UINT64_MAX / 17;
    }
    o.count = 0;
    for (int i = 0; i < 64; i += 8)
        o.count += sum >> i & 255;
    return o;
}

Occurring occurring(const uint16_t *freq)
{
    Occurring o = {{thirty_two(freq), 0, 0, 0, 0}, 0};
    return o;
}

void insert_by_count(const Occurring *const *o, int block, int *order)
{
    int at = block;
    for (; at > 0 && o[order[at - 1]]->count > o[block]->count; at--)
        order[at] = order[at - 1];
    order[at] = block;
}

/* Count the codes that describe the code lengths of one alphabet. */
static void describe(const Symbols *t, const Forest *f, Description *d)
{
    uint32_t repeats = 0, run = 0, run_length = 0, next = 0;
    for (int i = 0; i < f->symbols; i++) {
        uint32_t symbol = f->used[i], bits = f->length[symbol];
        uint32_t same = (bits == run_length) & (symbol == next);
        run = (run & (0u - same)) + 1;
        run_length = bits;
        next = symbol + 1;
        d->codes[bits]++;
        if (run >= 4) {
            d->codes[bits] = (uint16_t)(d->codes[bits] + t->run_codes[run] - 1);
            repeats += t->run_repeats[run];
        }
    }
    d->codes[REPEAT] = (uint16_t)(d->codes[REPEAT] + repeats);
    d->zeros += f->zeros;
}

void code_litlens(const Symbols *t, Forest *f, const Histogram *const *h, const Occurring *const *o,
                  int lanes, Description *d, uint32_t *bits)
{
    const uint16_t *freq[LANES] = {0};
    for (int x = 0; x < lanes; x++)
        freq[x] = h[x]->litlen;
    code_lengths(t, f, freq, o, lanes, 288, MAX_CODE_BITS, bits);
    for (int x = 0; x < lanes; x++) {
        memset(&d[x], 0, sizeof d[x]);
        describe(t, &f[x], &d[x]);
    }
}

void spread_zeros(Description *d)
{
    d->codes[0] = (uint16_t)(d->zeros & 1023);
    d->codes[ZEROS_SHORT] = (uint16_t)(d->zeros >> 10 & 1023);
    d->codes[ZEROS_LONG] = (uint16_t)(d->zeros >> 20);
}

uint32_t description_extra_bits(const uint16_t *codes)
{
    return codes[REPEAT] * 2u + codes[ZEROS_SHORT] * 3u + codes[ZEROS_LONG] * 7u;
}

void code_rest(const Symbols *t, Forest *f, const Histogram *const *h, int lanes, Description *d,
               uint32_t *bits)
{
    uint16_t dist[LANES][32];
    const uint16_t *freq[LANES] = {0};
    Occurring occur[LANES];
    const Occurring *o[LANES] = {0};
    for (int x = 0; x < lanes; x++) {
        memcpy(dist[x], h[x]->dist, sizeof dist[x]);
        dist[x][30] = dist[x][NO_DIST] = 0;
        freq[x] = dist[x];
        occur[x] = occurring(dist[x]);
        o[x] = &occur[x];
    }
    code_lengths(t, f, freq, o, lanes, 32, MAX_CODE_BITS, bits);
    for (int x = 0; x < lanes; x++) {
        describe(t, &f[x], &d[x]);
        spread_zeros(&d[x]);
        memset(f[x].length, 0, LENGTH_CODES);
        freq[x] = d[x].codes;
        occur[x] = occurring(d[x].codes);
    }
    code_lengths(t, f, freq, o, lanes, 32, MAX_LENGTH_CODE_BITS, bits);
    for (int x = 0; x < lanes; x++) {
        int last = LENGTH_CODES - 1;
        while (last >= 3 && f[x].length[length_code_order[last]] == 0)
            last--;
        bits[x] += description_extra_bits(d[x].codes);
        bits[x] += 3u * (uint32_t)(last + 1) + 5 + 5 + 4;
    }
}

static void dynamic_bits(const Symbols *t, const Histogram *const *h, const Occurring *const *o, int lanes,
                         uint32_t *bits)
{
    Forest f[LANES];
    Description d[LANES];
    for (int x = 0; x < lanes; x++)
        bits[x] = 0;
    code_litlens(t, f, h, o, lanes, d, bits);
    code_rest(t, f, h, lanes, d, bits);
}

static uint32_t dynamic_bits_of_one(const Symbols *t, const Histogram *h)
{
    Occurring occur = litlens_occurring(h->litlen);
    const Occurring *o = &occur;
    uint32_t bits;
    dynamic_bits(t, &h, &o, 1, &bits);
    return bits;
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

/* Return how a block is written. `fixed` and `dynamic` are its bits, extra bits included. */
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

uint64_t cheapest(const Histogram *h, uint32_t dynamic, uint64_t at, uint64_t stored_bytes,
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
    return cheapest(h, dynamic_bits_of_one(t, h), at, stored_bytes, may_store);
}

/* Write the lengths of the codes of one alphabet. */
static void copy_lengths(const Symbols *t, const uint16_t *freq, uint32_t elements, uint8_t *lengths)
{
    Forest f;
    Occurring occur = elements == 32 ? occurring(freq) : litlens_occurring(freq);
    const Occurring *o = &occur;
    uint32_t bits = 0;
    code_lengths(t, &f, &freq, &o, 1, elements, MAX_CODE_BITS, &bits);
    for (int i = 0; i < f.symbols; i++)
        lengths[f.used[i]] = f.length[f.used[i]];
}

void block_codes(const Symbols *t, const Histogram *h, uint64_t stored_bytes, int may_store,
                 Codes *codes)
{
    uint32_t dynamic = dynamic_bits_of_one(t, h), extra = extra_bits(h);
    uint16_t dist[32];
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
        copy_lengths(t, h->litlen, 288, codes->litlen);
        copy_lengths(t, dist, 32, codes->dist);
    }
}

void one_block_bytes(const Symbols *t, const Histogram *h, const uint64_t *input_bytes, int blocks,
                     uint64_t *bytes)
{
    Occurring occur[BATCH];
    const Occurring *all[BATCH];
    int order[BATCH];
    for (int b = 0; b < blocks; b++) {
        occur[b] = litlens_occurring(h[b].litlen);
        all[b] = &occur[b];
        insert_by_count(all, b, order);
    }
    for (int b = 0; b < blocks; b += LANES) {
        const Histogram *each[LANES] = {0};
        const Occurring *o[LANES] = {0};
        uint32_t dynamic[LANES];
        int lanes = blocks - b < LANES ? blocks - b : LANES;
        for (int x = 0; x < lanes; x++) {
            each[x] = &h[order[b + x]];
            o[x] = all[order[b + x]];
        }
        dynamic_bits(t, each, o, lanes, dynamic);
        for (int x = 0; x < lanes; x++)
            bytes[order[b + x]] = (cheapest(each[x], dynamic[x], 0, input_bytes[order[b + x]], 1) + 7) >> 3;
    }
}
