/* Texts as bits: what a text tells by itself, and how much less after another.
 * See docs/lz77.md. Bits are counted in units of 1 / 256.
 *
 * A text costs the bits of its bytes; a string of it that stands in the query too
 * can be had for the price of a match instead. Only strings that cost more are worth
 * it, and these are rare. The shortest of them from each position on is its key. */
#ifndef GZIPKNN_LZ77_H
#define GZIPKNN_LZ77_H

#include "lz77_query.h"
#include "status.h"

/* ---- lz77_text.c: a text by itself ---- */

/* Bits of each byte given the bytes before: literals as they cost, or copies of
 * what stands earlier in the text, each at `copy` bits, shared by its bytes. */
int lz77_own(const uint8_t *bytes, const int64_t *offsets, size_t texts, const uint16_t *literal,
             uint32_t copy, uint16_t *own, Poll *poll);

/* The length of the key at each position of one text, or 0 where no string is long
 * enough; `bits` are those before each position. May be stopped. */
void lz77_keys(const uint32_t *bits, size_t size, uint32_t match, uint8_t *lengths, Poll *poll);

/* The same for some texts, by what each of their bytes costs. */
int lz77_key_sizes(const int64_t *offsets, size_t texts, const uint16_t *own, uint32_t match,
                   uint8_t *sizes, Poll *poll);

/* ---- lz77_index.c: texts by their keys ---- */

enum {
    NO_BYTE = 256,
    LINE = 16, /* numbers of 32 bits in a line of the cache; so much room is behind the last */
    PLACES_AHEAD = 64 /* that are fetched early; the same holds of them */
};

/* Where a key stands in a text. Positions of places are in blocks of equal size, of which
 * each text begins a new one, so that they tell the text. */
typedef struct {
    uint32_t position;
    uint32_t what;        /* as below, in 15, 9 and 8 bits */
} Place;

/* By what a key is known: its length and some of its hash. */
static inline uint32_t key_of(uint64_t hash, uint32_t length)
{
    return ((uint32_t)hash & 0x7F) | length << 7;
}

static inline uint32_t place_key(Place p)
{
    return p.what & 0x7FFF;
}

/* The byte before it, or NO_BYTE. */
static inline uint32_t place_before(Place p)
{
    return p.what >> 15 & 0x1FF;
}

/* What a text saves is at most what its places that stand in the query add together,
 * in units of MOST_UNIT; UNBOUNDED is as much as can be. */
enum { MOST_UNIT = 64, UNBOUNDED = 255 };

static inline uint32_t place_most(Place p)
{
    return p.what >> 24;
}

typedef struct {
    size_t texts;
    uint32_t *start;      /* texts + 1 */
    uint32_t *first_block; /* texts + 1 */
    int block_bits;       /* of the positions in a block */
    uint8_t *bytes;
    uint32_t *bits;       /* before each position, of all texts in a row: as in Before */
    uint32_t step;
    uint32_t match;       /* what a match costs */
    /* Positions by a hash of their key: the shortest string from there on that
     * tells more than a match costs. */
    Place *places;
    uint32_t *bucket;     /* where each begins among the places, and the last ends */
    int bucket_bits;
    uint32_t longest_key;
    uint8_t has_key[REPEAT_MAX + 1]; /* by length */
    uint64_t *gate;       /* which strings begin a long key */
    size_t nbytes;
} Lz77Index;

int lz77_index(Lz77Index *ix, const uint8_t *bytes, const int64_t *offsets, size_t texts,
               const uint16_t *own, const uint16_t *worth, uint32_t match, Poll *poll);
void lz77_free(Lz77Index *ix);

/* Takes the places of a bucket, of which some may be those of a key; `rank` is that of the first
 * suffix of the query which begins with the key. Returns KERNEL_OK, or how it failed. */
typedef int TakeKey(void *data, uint32_t rank, uint32_t length, uint32_t key, const Place *place,
                    const Place *end, Poll *poll);

/* Look up all strings of a query that may be keys, each once. */
int lz77_find_keys(const Lz77Index *ix, const Lz77Query *q, TakeKey *take, void *data, Poll *poll);

/* ---- lz77_most.c: bounds on what a text saves ---- */

/* What each place of one text may add to what the text saves, in units of MOST_UNIT: `before` are
 * its bits and their worth before each position, `lengths` those of its keys. */
void lz77_most(Before before, size_t size, uint32_t match, const uint8_t *lengths, uint8_t *most,
               Poll *poll);

/* ---- lz77_search.c: a query against the index ---- */

/* Which texts are measured, and where it goes what they save. */
typedef struct {
    const uint16_t *blocks;  /* 0 where no place is wanted; or NULL, and all are */
    int (*wants)(void *data, size_t text); /* or NULL, and all texts are wanted */
    void (*take)(void *data, size_t text, int64_t saved);
    void *data;
} Lz77Wanted;

/* Measure the wanted texts. */
int lz77_measure(const Lz77Index *ix, Lz77Query *q, const Lz77Wanted *wanted, Poll *poll);

/* What the bits are worth that matches with the query save in each text. */
int lz77_savings(const Lz77Index *ix, const uint8_t *query, size_t size, int64_t *savings, Poll *poll);

/* ---- lz77_nearest.c: the nearest texts of a query ---- */

enum { LZ77_NCD, LZ77_CDM, LZ77_CLM, LZ77_NMI, LZ77_METRICS };

/* How distances are made, and what is found. */
typedef struct {
    int metric;
    double c_x;
    const double *c_y;
    const double *shift, *scale; /* of each text, or NULL */
    double within;       /* only what is nearer is wanted */
    size_t k;
    double *distances;   /* k, in order; infinite where there are no more */
    int64_t *indices;
} Lz77Nearest;

/* The k nearest texts by distance, then index: savings are worked out only of texts that may be among them. */
int lz77_nearest(const Lz77Index *ix, const uint8_t *query, size_t size, const Lz77Nearest *n, Poll *poll);

/* ---- lz77_pairs.c: a query against some texts ---- */

/* A text, what its bytes cost, what these bits are worth (or NULL), and the sizes of its keys. */
typedef struct {
    const uint8_t *bytes, *sizes;
    const uint16_t *own, *worth;
    uint32_t size;
} Lz77Text;

/* Four bytes of a query, and the ranks of the suffixes that begin with them. */
typedef struct {
    uint32_t bytes;
    uint32_t first, end; /* end is 0 where nothing is stored */
} Ranks;

/* What tells quickly whether, and where, a query has a string. */
typedef struct {
    Ranks *slots;
    uint32_t slot_bits;
    uint32_t *rank;      /* of each suffix of the query */
    uint64_t *filter;    /* which beginnings of keys, up to eight bytes, there may be */
    uint32_t filter_bits;
    uint64_t mask[REPEAT_MAX + 1];
    uint64_t salt[REPEAT_MAX + 1];
} Lz77Filter;

/* Call lz77_filter_end in each case. */
int lz77_filter_begin(Lz77Filter *l, const Lz77Query *q, Poll *poll);
void lz77_filter_end(Lz77Filter *l);

/* What the bits are worth that matches with the query save in one text; `room` holds two numbers
 * for each of its positions, and for its end. */
int lz77_scan(Lz77Query *q, const Lz77Filter *l, const Lz77Text *text, uint32_t match, uint32_t *room,
              int64_t *saved, Poll *poll);

/* As lz77_savings, of some texts, by reading each of them: without an index, and
 * faster where these are few. */
int lz77_pairs(const Lz77Text *texts, size_t count, uint32_t match, const uint8_t *query,
               size_t size, int64_t *savings, Poll *poll);

#endif
