/* The size of one deflate block from its symbol counts: the codes, the header,
 * and the choice among stored, fixed and dynamic. */
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


void code_litlens(const Symbols *t, Forest *f, const Histogram *const *h, int lanes,
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
