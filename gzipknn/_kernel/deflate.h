/* The length of a raw deflate stream, exactly as zlib would make it, without
 * making it.  See deflate.c for the parse, block_size.c for the sizes. */
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
    TOO_FAR = 4096,         /* a match of three bytes is not worth more */
    HASH_SIZE = 32768,
    BLOCK_SYMBOLS = 16383,  /* a block ends at this many symbols */
    LITLEN_SYMBOLS = 286,
    DIST_SYMBOLS = 30,
    END_OF_BLOCK = 256,
    NO_DIST = 31,           /* where a literal counts its missing distance */
    N_LOG_N_SHIFT = 12,
    LANES = 3,              /* blocks sized side by side */
    BATCH = 4 * LANES       /* blocks that are sorted first, so that those side by side are alike */
};

/* What the search is allowed at one level (zlib's documented table). */
typedef struct {
    int good;   /* a pending match this long cuts the chain to a quarter */
    int lazy;   /* a pending match this long is not reconsidered */
    int nice;   /* a match this long ends the search */
    int chain;  /* candidates looked at */
} Effort;

static inline uint32_t hash3(const uint8_t *s)
{
    return ((uint32_t)s[0] << 10 ^ (uint32_t)s[1] << 5 ^ s[2]) & (HASH_SIZE - 1);
}

const Effort *effort_of(int level);  /* NULL outside 4..9 */

/* How often each symbol occurs in a block.  The end-of-block symbol is
 * included from the start. */
typedef struct {
    uint16_t litlen[288];
    uint16_t dist[32];
} Histogram;

/* Which symbols of an alphabet occur, a bit each; how many, of literals and lengths. */
typedef struct {
    uint64_t bits[5];
    uint32_t count;
} Occurring;

/* Small constant tables, built once and shared. */
typedef struct {
    uint16_t length_symbol[MAX_MATCH + 1];  /* by length; of 1: 0 */
    uint8_t far_symbol[768];                /* by far_index */
    uint8_t dist_symbol[WINDOW];            /* by distance; 0: NO_DIST */
    int8_t run_codes[LITLEN_SYMBOLS + 2];
    uint8_t run_repeats[LITLEN_SYMBOLS + 2];
    uint32_t zero_codes[LITLEN_SYMBOLS + 2];
    uint32_t n_log_n[BLOCK_SYMBOLS + 2];    /* to base 2, shifted, rounded up */
} Symbols;

/* Where in a small table the symbol of a distance is: the exponent of one less and
 * a bit of its mantissa, which are all that the symbol depends on. */
static inline uint32_t far_index(uint32_t dist)
{
    float less = (float)((int32_t)dist - 1);
    uint32_t bits;
    memcpy(&bits, &less, sizeof bits);
    return bits >> 22;
}

void symbols_init(Symbols *t);
void symbols_init_bounds(Symbols *t);  /* what the bounds need too */

void histogram_clear(Histogram *h);
uint32_t extra_bits(const Histogram *h);
uint32_t fixed_bits(const Histogram *h);   /* without extra bits and header */
/* Bit position after a block that starts at bit position `at`. */
uint64_t block_end(const Symbols *t, const Histogram *h, uint64_t at,
                   uint64_t stored_bytes, int may_store);

/* Bits of the codes of such a block, without extra bits; none where it is stored. */
typedef struct {
    uint8_t litlen[288];
    uint8_t dist[32];
    int stored;
} Codes;
void block_codes(const Symbols *t, const Histogram *h, uint64_t stored_bytes, int may_store,
                 Codes *codes);
uint32_t match_extra_bits(const Symbols *t, int length, uint32_t dist);

/* Bytes of streams that are one block each, up to BATCH of them. */
void one_block_bytes(const Symbols *t, const Histogram *h, const uint64_t *input_bytes, int blocks,
                     uint64_t *bytes);

/* The size of a stream of one block, by and by: first a bound, then a better
 * one, then all of it, if still wanted. */
typedef struct {
    Histogram counts;
    Occurring occurring;
    uint64_t input_bytes;
    uint64_t at_least;   /* bytes */
    int exact;           /* at_least is the size */
    uint32_t extra, fixed, rest;
} Sizing;

void sizing_start(const Symbols *t, Sizing *z);  /* needs counts and input_bytes */
void sizing_bound(const Symbols *t, Sizing *z);

/* Go on with up to BATCH of them; asks whether to on the better bound. */
void sizing_finish(const Symbols *t, Sizing *z, int blocks, int (*wanted)(void *, const Sizing *),
                   void *data);

/* One position on its hash chains: by three bytes, as zlib has them, and by five. */
typedef struct {
    uint32_t before, before_long;  /* chain numbers */
    uint32_t place;                /* on the chain by three bytes, counted from some position on */
} Link;

/* The parse: hash chains and where it stands. */
typedef struct {
    uint32_t head[HASH_SIZE], head_long[HASH_SIZE];
    Link link[WINDOW];
    uint32_t origin;  /* chain number of the input's byte 0 */
} Chains;

void chains_clear(Chains *c);

/* What a stream says: of each literal or match its length, distance (0: a
 * literal) and bits. Room for as many as there are bytes. */
typedef struct {
    uint16_t *length, *dist, *bits;
    size_t count;
    size_t priced;  /* those before have their bits */
} Tokens;

typedef struct {
    const uint8_t *data;
    size_t size;
    size_t at;          /* next byte to look at */
    size_t slid;        /* bytes the window has slid past */
    size_t block_start;
    uint64_t bits;      /* position in the stream */
    unsigned symbols;   /* in this block */
    int length;         /* of the pending match, or MIN_MATCH - 1 */
    uint32_t dist;      /* of the pending match */
    int pending;        /* the byte before `at` is not counted yet */
    Histogram counts;
    Tokens *tokens;     /* to note, or NULL */
    Poll *poll;
} Parse;

void parse_begin(Parse *p, Chains *c, const uint8_t *data, size_t size, Poll *poll);
/* Go on while the lookahead is at least `reserve`, or until stopped: then neither
 * the parse nor the chains are of any more use. */
void parse_run(Parse *p, Chains *c, const Symbols *t, const Effort *e, size_t reserve);
uint64_t parse_finish(Parse *p, const Symbols *t);

/* What parse_run does at one position, around the search: before it, and after it has
 * found a match, or one of less than three bytes for none. Moves on past what is decided. */
void parse_slide(Parse *p);
void parse_step(Parse *p, const Symbols *t, int length, uint32_t dist);

/* The farthest possible match counts where no other is on its hash chain, unless
 * the window begins there. Whether it does so for position `at` of an input. */
static inline int is_window_start(size_t at, size_t size)
{
    const size_t from = at - MAX_DISTANCE;
    return from == 0 || (from % WINDOW == 0 && size - at < MAX_MATCH + MIN_MATCH + 1);
}

/* Forget the bytes of a parse of `size` bytes from `keep` on (nothing may have slid). */
void chains_forget(Chains *c, const uint8_t *data, size_t keep, size_t size);

/* Note the tokens of an input; returns the bytes of its stream. */
uint64_t deflate_tokens(Chains *c, const Symbols *t, const Effort *e, const uint8_t *data,
                        size_t size, Tokens *tokens, Poll *poll);

uint64_t deflate_length(Chains *c, const Symbols *t, const Effort *e,
                        const uint8_t *data, size_t size, Poll *poll);

#endif
