/* A fast estimate of how much each text shares with a query: an inverted index from strings
 * (n-grams, or keys of lz77) to the texts that contain them. Strings are identified by a hash of
 * about 30 bits, so a few different strings are confused. */
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
    uint32_t *bucket;    /* where each bucket of postings begins, and where the last one ends */
    uint32_t *posting;   /* 16 bits of text, 12 of its string's hash, 4 of weight */
    uint64_t *held;      /* a filter of the strings in the texts */
    size_t commons;      /* the number of n-grams that more than a 32nd of the texts contain */
    uint32_t *common_code; /* the codes of these n-grams, ascending */
    uint64_t *common;    /* for each of these n-grams, a bitmap of the texts that contain it */
    uint8_t length[256]; /* the lengths of the strings, ascending */
    int lengths;
    size_t nbytes;
} Screen;

/* Index the string of `sizes[p]` bytes (0: none) at each position p, with `weights[p]` from 0 to
 * 15. If `weights` is NULL, index the n-grams of the `n_sizes` sizes at every position. Each
 * n-gram has weight 1 and counts once in a text. There may be at most SCREEN_TEXTS texts. The sum
 * of the weights in each text is written to `totals`. */
int screen_build(Screen *screen, const uint8_t *bytes, const int64_t *offsets, size_t texts,
                 const uint8_t *sizes, size_t n_sizes, const uint8_t *weights, int64_t *totals, Poll *poll);
void screen_free(Screen *screen);

/* Write, for each text, the sum of the weights of its strings that the query contains. */
int screen_shared(const Screen *screen, const uint8_t *query, size_t size, uint32_t *shared, Poll *poll);

#endif
