/* The size of a block by and by: cheap lower bounds first, the exact size only
 * where it is still wanted. */
#include "block.h"

#include <string.h>

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
