/* Which texts share how much with a query, roughly and fast: an inverted index
 * from strings (n-grams, or keys of lz77) to the texts that hold them. Strings
 * are told apart by a hash of some 30 bits, so a few are taken for others. */
#ifndef GZIPKNN_SCREEN_H
#define GZIPKNN_SCREEN_H

#include <stddef.h>
#include <stdint.h>

#include "poll.h"
#include "status.h"

enum { SCREEN_TEXTS = 1 << 16 };

typedef struct {
    size_t texts;
    uint32_t postings;
    int bucket_bits, tag_bits;
    uint32_t *bucket;    /* where each begins among the postings, and the last ends */
    uint32_t *posting;   /* 16 bits of text, 12 of its string's hash, 4 of weight */
    uint64_t *held;      /* a filter: which strings there may be */
    size_t commons;      /* n-grams that more than a 32nd of the texts hold: their codes, */
    uint32_t *common_code; /* ascending, and a bitmap each of these texts */
    uint64_t *common;
    uint8_t length[256]; /* of the strings, ascending */
    int lengths;
    size_t nbytes;
} Screen;

/* Index the strings of `sizes[p]` bytes, 0 for none, at each position p, with
 * `weights[p]` (0 to 15); if `weights` is NULL, the n-grams of the `n_sizes`
 * sizes at every position, of weight 1, but once in a text. At most SCREEN_TEXTS
 * texts. The weights of the strings of each are added up in `totals`. */
int screen_build(Screen *screen, const uint8_t *bytes, const int64_t *offsets, size_t texts,
                 const uint8_t *sizes, size_t n_sizes, const uint8_t *weights, int64_t *totals, Poll *poll);
void screen_free(Screen *screen);

/* Add up, for each text, the weights of its strings that the query holds. */
int screen_shared(const Screen *screen, const uint8_t *query, size_t size, uint32_t *shared, Poll *poll);

#endif
