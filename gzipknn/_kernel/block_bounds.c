/* The size of a block in steps: first cheap lower bounds, and the exact size only if it is still
 * wanted. */
#include "block.h"

#include <string.h>

/* The least header without the description: the sizes of the alphabets, and the lengths of the
 * length codes. These go at least down to the code of length 4, because of up to 30 distance codes
 * one has at most this length. */
#define HEADER_AT_LEAST (5 + 5 + 4 + 3 * 12)

/* Return the entropy, rounded down, of counts. `spent` is the sum of their c log c, each rounded
 * up by less than one unit. */
static uint32_t entropy_bits(const Symbols *t, uint32_t total, uint64_t spent)
{
    uint64_t all = t->n_log_n[total];
    return all > spent + 1 ? (uint32_t)((all - spent - 1) >> N_LOG_N_SHIFT) : 0;
}

/* Return a lower bound on the bits that describe an alphabet: one bit per code and the extra bits,
 * if each repeat covers six equal lengths in a row. */
static uint32_t description_at_least(uint32_t used, uint32_t zeros)
{
    return used / 2 + (zeros & 1023) + 4 * (zeros >> 10 & 1023) + 8 * (zeros >> 20);
}

/* Return a lower bound on the bits of an alphabet's symbols and of its description. */
static uint32_t alphabet_at_least(const Symbols *t, const uint16_t *freq, const Occurring *o)
{
    uint64_t spent = 0;
    uint32_t total = 0, zeros = 0, next = 0, count = 0;
    for (uint32_t word = 0; word < 5; word++)
        for (uint64_t bits = o->bits[word]; bits; bits &= bits - 1) {
            uint32_t symbol = 64 * word + LOWEST_BIT(bits), n = freq[symbol];
            total += n;
            spent += t->n_log_n[n];
            zeros += t->zero_codes[symbol - next];
            next = symbol + 1;
            count++;
        }
    return entropy_bits(t, total, spent) + description_at_least(count, zeros);
}

static uint32_t distances_at_least(const Symbols *t, const Histogram *h)
{
    uint16_t dist[32];
    memcpy(dist, h->dist, sizeof dist);
    dist[30] = dist[NO_DIST] = 0;
    Occurring o = occurring(dist);
    /* If fewer than two distances occur, zlib adds unused codes. */
    return (o.bits[0] & (o.bits[0] - 1)) == 0 ? 0 : alphabet_at_least(t, dist, &o);
}

static uint64_t bytes_at_least(uint32_t fixed, uint32_t dynamic, uint64_t input_bytes)
{
    uint64_t bytes = ((fixed < dynamic ? fixed : dynamic) + 3 + 7) >> 3;
    return input_bytes + 5 < bytes ? input_bytes + 5 : bytes;
}

void sizing_start(const Symbols *t, Sizing *z)
{
    z->occurring = litlens_occurring(z->counts.litlen);
    z->extra = extra_bits(&z->counts);
    z->fixed = fixed_bits(&z->counts) + z->extra;
    z->rest = HEADER_AT_LEAST + distances_at_least(t, &z->counts) + z->extra;
    z->at_least = 0;
}

void sizing_bound(const Symbols *t, Sizing *z)
{
    z->at_least = bytes_at_least(
        z->fixed, alphabet_at_least(t, z->counts.litlen, &z->occurring) + z->rest, z->input_bytes);
}

/* Continue with up to LANES blocks. */
static void finish_some(const Symbols *t, Sizing *const *z, int lanes, int (*wanted)(void *, const Sizing *),
                        void *data)
{
    Forest f[LANES];
    Description d[LANES];
    const Histogram *h[LANES] = {0};
    const Occurring *o[LANES] = {0};
    uint32_t bits[LANES] = {0};
    for (int x = 0; x < lanes; x++) {
        h[x] = &z[x]->counts;
        o[x] = &z[x]->occurring;
    }
    code_litlens(t, f, h, o, lanes, d, bits);
    for (int x = 0; x < lanes; x++) {
        /* The bits of literals and lengths are exact now. Their description takes at least its
         * entropy. */
        uint64_t spent = 0;
        uint32_t total = 0;
        Description e = d[x];
        spread_zeros(&e);
        for (int c = 0; c < LENGTH_CODES; c++) {
            total += e.codes[c];
            spent += t->n_log_n[e.codes[c]];
        }
        uint32_t dynamic = bits[x] + entropy_bits(t, total, spent) +
                           description_extra_bits(e.codes) + z[x]->rest;
        z[x]->at_least = bytes_at_least(z[x]->fixed, dynamic, z[x]->input_bytes);
        z[x]->exact = wanted(data, z[x]);
        if (!z[x]->exact)
            continue;
        code_rest(t, &f[x], &h[x], 1, &d[x], &bits[x]);
        z[x]->at_least = (cheapest(h[x], bits[x], 0, z[x]->input_bytes, 1) + 7) >> 3;
    }
}

void sizing_finish(const Symbols *t, Sizing *z, int blocks, int (*wanted)(void *, const Sizing *),
                   void *data)
{
    const Occurring *all[BATCH];
    int order[BATCH];
    for (int b = 0; b < blocks; b++) {
        all[b] = &z[b].occurring;
        insert_by_count(all, b, order);
    }
    for (int b = 0; b < blocks; b += LANES) {
        Sizing *each[LANES] = {0};
        int lanes = blocks - b < LANES ? blocks - b : LANES;
        for (int x = 0; x < lanes; x++)
            each[x] = &z[order[b + x]];
        finish_some(t, each, lanes, wanted, data);
    }
}
