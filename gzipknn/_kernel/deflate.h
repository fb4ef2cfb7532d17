/* The exact length of the raw deflate stream that zlib would make, without making it. See
 * deflate.c for the parse, and block_size.c for the sizes of blocks. */
#ifndef GZIPKNN_DEFLATE_H
#define GZIPKNN_DEFLATE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "poll.h"

enum {
    MIN_MATCH = 3,
    MAX_MATCH = 258,
    WINDOW = 32768,
    MAX_DISTANCE = WINDOW - MAX_MATCH - MIN_MATCH - 1,
    TOO_FAR = 4096,         /* a match of three bytes that is farther back does not pay */
    HASH_SIZE = 32768,
    BLOCK_SYMBOLS = 16383,  /* a block ends at this many symbols */
    LITLEN_SYMBOLS = 286,
    DIST_SYMBOLS = 30,
    END_OF_BLOCK = 256,
    NO_DIST = 31,           /* the distance symbol that literals count */
    N_LOG_N_SHIFT = 12,
    LANES = 3,              /* blocks that are sized side by side */
    BATCH = 4 * LANES       /* blocks that are sorted first, so that similar ones are side by side */
};

/* The limits of the search at one level, from zlib's documented table. */
typedef struct {
    int good;   /* a pending match this long cuts the chain to a quarter */
    int lazy;   /* a pending match this long is not reconsidered */
    int nice;   /* a match this long ends the search */
    int chain;  /* the largest number of candidates */
} Effort;

static inline uint32_t hash3(const uint8_t *s)
{
    return ((uint32_t)s[0] << 10 ^ (uint32_t)s[1] << 5 ^ s[2]) & (HASH_SIZE - 1);
}

const Effort *effort_of(int level);  /* NULL outside 4..9 */

/* How often each symbol occurs in a block. The end-of-block symbol is counted from the start. */
typedef struct {
    uint16_t litlen[288];
    uint16_t dist[32];
} Histogram;

/* A bit for each symbol of an alphabet that occurs, and, for literals and lengths, their
 * number. */
typedef struct {
    uint64_t bits[5];
    uint32_t count;
} Occurring;

/* Small constant tables, built once and shared. */
typedef struct {
    uint16_t length_symbol[MAX_MATCH + 1];  /* by length; 0 for length 1 */
    uint8_t far_symbol[768];                /* by far_index */
    uint8_t dist_symbol[WINDOW];            /* by distance; 0: NO_DIST */
    int8_t run_codes[LITLEN_SYMBOLS + 2];
    uint8_t run_repeats[LITLEN_SYMBOLS + 2];
    uint32_t zero_codes[LITLEN_SYMBOLS + 2];
    uint32_t n_log_n[BLOCK_SYMBOLS + 2];    /* to base 2, shifted, rounded up */
} Symbols;

/* Return where the symbol of a distance is in a small table. The symbol depends only on the
 * exponent of the distance less one and on a bit of its mantissa. */
static inline uint32_t far_index(uint32_t dist)
{
    float less = (float)((int32_t)dist - 1);
    uint32_t bits;
    memcpy(&bits, &less, sizeof bits);
    return bits >> 22;
}

void symbols_init(Symbols *t);
void symbols_init_bounds(Symbols *t);  /* the additional table that the bounds need */

void histogram_clear(Histogram *h);
uint32_t extra_bits(const Histogram *h);
uint32_t fixed_bits(const Histogram *h);   /* without extra bits and header */
/* Return the bit position after a block that starts at bit position `at`. */
uint64_t block_end(const Symbols *t, const Histogram *h, uint64_t at,
                   uint64_t stored_bytes, int may_store);

/* The code lengths of a block in bits, without extra bits. A stored block has none. */
typedef struct {
    uint8_t litlen[288];
    uint8_t dist[32];
    int stored;
} Codes;
void block_codes(const Symbols *t, const Histogram *h, uint64_t stored_bytes, int may_store,
                 Codes *codes);
uint32_t match_extra_bits(const Symbols *t, int length, uint32_t dist);

/* Write the sizes of up to BATCH streams of one block each, in bytes. */
void one_block_bytes(const Symbols *t, const Histogram *h, const uint64_t *input_bytes, int blocks,
                     uint64_t *bytes);

/* The size of a stream of one block, in steps: first a lower bound, then a better one, and
 * then, if it is still wanted, the exact size. */
typedef struct {
    Histogram counts;
    Occurring occurring;
    uint64_t input_bytes;
    uint64_t at_least;   /* the lower bound in bytes */
    int exact;           /* whether at_least is the exact size */
    uint32_t extra, fixed, rest;
} Sizing;

void sizing_start(const Symbols *t, Sizing *z);  /* needs counts and input_bytes */
void sizing_bound(const Symbols *t, Sizing *z);

/* Continue with up to BATCH blocks. When a better bound is known, `wanted` decides whether the
 * exact size is computed. */
void sizing_finish(const Symbols *t, Sizing *z, int blocks, int (*wanted)(void *, const Sizing *),
                   void *data);

/* A position on its two hash chains: by three bytes, as in zlib, and by five. */
typedef struct {
    uint32_t before, before_long;  /* the numbers of the previous positions on both chains */
    uint32_t place;                /* the place on the chain by three bytes */
} Link;

/* The hash chains of a parse. */
typedef struct {
    uint32_t head[HASH_SIZE], head_long[HASH_SIZE];
    Link link[WINDOW];
    uint32_t origin;  /* chain number of the input's byte 0 */
} Chains;

void chains_clear(Chains *c);

/* The tokens of a stream: the length, distance and bits of each literal (distance 0) or match.
 * There is room for as many tokens as there are bytes. */
typedef struct {
    uint16_t *length, *dist, *bits;
    size_t count;
    size_t priced;  /* the bits of this many tokens are known */
} Tokens;

typedef struct {
    const uint8_t *data;
    size_t size;
    size_t at;          /* the next byte to look at */
    size_t slid;        /* the number of bytes that the window has slid past */
    size_t block_start;
    uint64_t bits;      /* the bit position in the stream */
    unsigned symbols;   /* the number of symbols in this block */
    int length;         /* the length of the pending match, or MIN_MATCH - 1 */
    uint32_t dist;      /* the distance of the pending match */
    int pending;        /* whether the byte before `at` is not counted yet */
    Histogram counts;
    Tokens *tokens;     /* where tokens are written, or NULL */
    Poll *poll;
} Parse;

void parse_begin(Parse *p, Chains *c, const uint8_t *data, size_t size, Poll *poll);
/* Continue while the lookahead is at least `reserve`. If this is stopped, neither the parse nor
 * the chains may be used again. */
void parse_run(Parse *p, Chains *c, const Symbols *t, const Effort *e, size_t reserve);
uint64_t parse_finish(Parse *p, const Symbols *t);

/* The steps of parse_run at one position before and after the search. A length below three
 * means that there is no match. parse_step moves on past the bytes that are decided. */
void parse_slide(Parse *p);
void parse_step(Parse *p, const Symbols *t, int length, uint32_t dist);

/* A match at the greatest possible distance counts if it is the first on its hash chain, unless
 * the window begins there. Return whether the window begins there for position `at` of an
 * input. */
static inline int is_window_start(size_t at, size_t size)
{
    const size_t from = at - MAX_DISTANCE;
    return from == 0 || (from % WINDOW == 0 && size - at < MAX_MATCH + MIN_MATCH + 1);
}

/* Remove the positions from `keep` to `size` from the chains. The window must not have slid. */
void chains_forget(Chains *c, const uint8_t *data, size_t keep, size_t size);

/* Write the tokens of an input. Return the size of its stream in bytes. */
uint64_t deflate_tokens(Chains *c, const Symbols *t, const Effort *e, const uint8_t *data,
                        size_t size, Tokens *tokens, Poll *poll);

uint64_t deflate_length(Chains *c, const Symbols *t, const Effort *e,
                        const uint8_t *data, size_t size, Poll *poll);

#endif
