/* Texts as bits: what a text tells by itself, and how much less after another.
 * See docs/lz77.md. Bits are counted in units of 1 / 256.
 *
 * A text costs the bits of its bytes; a string of it that stands in the query too
 * can be had for the price of a match instead. Only strings that cost more are worth
 * it, and these are rare. The shortest of them from each position on is its key. */
#ifndef GZIPKNN_LZ77_H
#define GZIPKNN_LZ77_H

#include "status.h"
#include "suffixes.h"

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

enum { NO_BYTE = 256 };

/* Where a key stands in a text. */
typedef struct {
    uint32_t position;
    uint8_t tag;          /* of its hash */
    uint8_t length;       /* of the key */
    uint16_t before;      /* the byte before it, or NO_BYTE */
} Place;

typedef struct {
    size_t texts;
    uint32_t *start;      /* texts + 1 */
    uint8_t *bytes;
    uint32_t *bits;       /* before each position, of all texts in a row; wraps around */
    uint32_t *worth;      /* of these bits, in the same way; NULL if each is worth one */
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

/* ---- lz77_search.c: a query against the index ---- */

/* What the bits are worth that matches with the query save in each text. */
int lz77_savings(const Lz77Index *ix, const uint8_t *query, size_t size, int64_t *savings, Poll *poll);

/* ---- lz77_pairs.c: a query against some texts ---- */

/* A text, what its bytes cost, what these bits are worth (or NULL), and the sizes of its keys. */
typedef struct {
    const uint8_t *bytes, *sizes;
    const uint16_t *own, *worth;
    uint32_t size;
} Lz77Text;

/* As lz77_savings, of some texts, by reading each of them: without an index, and
 * faster where these are few. */
int lz77_pairs(const Lz77Text *texts, size_t count, uint32_t match, const uint8_t *query,
               size_t size, int64_t *savings, Poll *poll);

#endif
