/* The information in a text in bits: by itself, and after another text. See docs/lz77.md. Bits
 * are counted in units of 1 / 256.
 *
 * A text costs the bits of its bytes. A string of the text that also occurs in the query can be
 * replaced by a match, which has a fixed price. This pays only if the string costs more than a
 * match. Such strings are rare. The key of a position is the shortest of them that begins
 * there. */
#ifndef GZIPKNN_LZ77_H
#define GZIPKNN_LZ77_H

#include "lz77_query.h"
#include "status.h"

/* ---- lz77_text.c: a text by itself ---- */

/* Write the cost of each byte given the bytes before it: the cost of a literal, or its share of
 * the `copy` bits of a copy from earlier in the text. */
int lz77_own(const uint8_t *bytes, const int64_t *offsets, size_t texts, const uint16_t *literal,
             uint32_t copy, uint16_t *own, Poll *poll);

/* Write the length of the key at each position of one text, or 0 if there is none. `bits` are
 * the sums of bits before each position. May be stopped. */
void lz77_keys(const uint32_t *bits, size_t size, uint32_t match, uint8_t *lengths, Poll *poll);

/* Do the same for several texts. `own` is the cost of each of their bytes. */
int lz77_key_sizes(const int64_t *offsets, size_t texts, const uint16_t *own, uint32_t match,
                   uint8_t *sizes, Poll *poll);

/* ---- lz77_index.c: texts by their keys ---- */

enum {
    NO_BYTE = 256,
    LINE = 16, /* numbers of 32 bits in a cache line; the array has this much room at its end */
    PLACES_AHEAD = 64 /* places that are prefetched; their array has this much room, too */
};

/* An occurrence of a key in a text. Positions are numbered in blocks of equal size. Each text
 * begins a new block, so that the position identifies the text. */
typedef struct {
    uint32_t position;
    uint32_t what;        /* the three values below, in 15, 9 and 8 bits */
} Place;

/* Return what identifies a key in its bucket: its length and a part of its hash. */
static inline uint32_t key_of(uint64_t hash, uint32_t length)
{
    return ((uint32_t)hash & 0x7F) | length << 7;
}

static inline uint32_t place_key(Place p)
{
    return p.what & 0x7FFF;
}

/* Return the byte before the place, or NO_BYTE. */
static inline uint32_t place_before(Place p)
{
    return p.what >> 15 & 0x1FF;
}

/* A text saves at most the sum of the bounds of its places whose keys occur in the query. The
 * bounds are in units of MOST_UNIT. UNBOUNDED means that there is no bound. */
enum { MOST_UNIT = 64, UNBOUNDED = 255 };

static inline uint32_t place_most(Place p)
{
    return p.what >> 24;
}

typedef struct {
    size_t texts;
    uint32_t *start;      /* texts + 1 */
    uint32_t *first_block; /* texts + 1 */
    int block_bits;       /* log2 of the number of positions in a block */
    uint8_t *bytes;
    uint32_t *bits;       /* sums before each position of all texts in a row: as in Before */
    uint32_t step;
    uint32_t match;       /* the price of a match */
    Place *places;        /* ordered by a hash of their key */
    uint32_t *bucket;     /* where each bucket of places begins, and where the last one ends */
    int bucket_bits;
    uint32_t longest_key;
    uint8_t has_key[REPEAT_MAX + 1]; /* by length: whether there is such a key */
    uint64_t *gate;       /* a filter of the strings that begin a long key */
    size_t nbytes;
} Lz77Index;

int lz77_index(Lz77Index *ix, const uint8_t *bytes, const int64_t *offsets, size_t texts,
               const uint16_t *own, const uint16_t *worth, uint32_t match, Poll *poll);
void lz77_free(Lz77Index *ix);

/* A function that takes the places of a bucket. Some of them may be places of the key. `rank` is
 * the rank of the first suffix of the query that begins with the key. Returns KERNEL_OK or an
 * error. */
typedef int TakeKey(void *data, uint32_t rank, uint32_t length, uint32_t key, const Place *place,
                    const Place *end, Poll *poll);

/* Look up each string of a query that may be a key, once. */
int lz77_find_keys(const Lz77Index *ix, const Lz77Query *q, TakeKey *take, void *data, Poll *poll);

/* ---- lz77_most.c: bounds on the savings of a text ---- */

/* Write how much each place of one text may add to the savings of the text, in units of
 * MOST_UNIT. `before` are the sums of its bits and their worth before each position, and
 * `lengths` the lengths of its keys. */
void lz77_most(Before before, size_t size, uint32_t match, const uint8_t *lengths, uint8_t *most,
               Poll *poll);

/* ---- lz77_search.c: a query against the index ---- */

/* The texts to measure, and the function that takes their savings. */
typedef struct {
    const uint16_t *blocks;  /* 0 for blocks whose places are not wanted; NULL: all are wanted */
    int (*wants)(void *data, size_t text); /* whether a text is wanted; NULL: all are */
    void (*take)(void *data, size_t text, int64_t saved);
    void *data;
} Lz77Wanted;

/* Measure the wanted texts. */
int lz77_measure(const Lz77Index *ix, Lz77Query *q, const Lz77Wanted *wanted, Poll *poll);

/* Write the worth of the bits that matches with the query save in each text. */
int lz77_savings(const Lz77Index *ix, const uint8_t *query, size_t size, int64_t *savings, Poll *poll);

/* ---- lz77_nearest.c: the nearest texts of a query ---- */

enum { LZ77_NCD, LZ77_CDM, LZ77_CLM, LZ77_NMI, LZ77_METRICS };

/* How distances are computed, and the neighbours that are found. */
typedef struct {
    int metric;
    double c_x;
    const double *c_y;
    const double *shift, *scale; /* corrections for each text, or NULL */
    double within;       /* only texts that are nearer are wanted */
    size_t k;
    double *distances;   /* k distances in order; infinity if there are fewer neighbours */
    int64_t *indices;
} Lz77Nearest;

/* Find the k nearest texts by distance, then index. Savings are computed only for texts that may
 * be among them. */
int lz77_nearest(const Lz77Index *ix, const uint8_t *query, size_t size, const Lz77Nearest *n, Poll *poll);

/* ---- lz77_pairs.c: a query against some texts ---- */

/* A text, the cost of its bytes, the worth of these bits (or NULL), and the sizes of its keys. */
typedef struct {
    const uint8_t *bytes, *sizes;
    const uint16_t *own, *worth;
    uint32_t size;
} Lz77Text;

/* Four bytes of a query, and the ranks of the suffixes that begin with them. */
typedef struct {
    uint32_t bytes;
    uint32_t first, end; /* end is 0 if the slot is empty */
} Ranks;

/* Tables that show quickly whether a query contains a string, and where. */
typedef struct {
    Ranks *slots;
    uint32_t slot_bits;
    uint32_t *rank;      /* the rank of each suffix of the query */
    uint64_t *filter;    /* which keys, by their first eight bytes, the query may contain */
    uint32_t filter_bits;
    uint64_t mask[REPEAT_MAX + 1];
    uint64_t salt[REPEAT_MAX + 1];
} Lz77Filter;

/* Make the tables. Call lz77_filter_end even after a failure. */
int lz77_filter_begin(Lz77Filter *l, const Lz77Query *q, Poll *poll);
void lz77_filter_end(Lz77Filter *l);

/* Compute the worth of the bits that matches with the query save in one text. `room` holds two
 * numbers for each position of the text and for its end. */
int lz77_scan(Lz77Query *q, const Lz77Filter *l, const Lz77Text *text, uint32_t match, uint32_t *room,
              int64_t *saved, Poll *poll);

/* Do the same as lz77_savings for some texts by reading each of them. This needs no index, and is
 * faster if there are few texts. */
int lz77_pairs(const Lz77Text *texts, size_t count, uint32_t match, const uint8_t *query,
               size_t size, int64_t *savings, Poll *poll);

#endif
