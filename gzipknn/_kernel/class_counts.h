/* Counts of strings in the texts of each class, and in all texts: what interpolated
 * Kneser-Ney models are made of. The models are defined in gzipknn/baselines/kneser_ney.py.
 *
 * A text begins with a mark that is no byte. A string has at most order + 1 symbols, of which
 * the first may be that mark. Strings that cannot be made longer to the left (those of order +
 * 1 symbols, and those with the mark) have the number of times that they stand in the texts;
 * all others have the number of different symbols that stand before them there. All other
 * numbers follow from these, so that taking a text away leaves what was there before it. */
#ifndef GZIPKNN_CLASS_COUNTS_H
#define GZIPKNN_CLASS_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "poll.h"
#include "status.h"

enum {
    COUNTS_ORDER = 6,              /* bytes of context, at most: a string fits in a key */
    COUNTS_SYMBOLS = COUNTS_ORDER + 1, /* of a string, at most */
    COUNTS_CLASSES = 65534,
    COUNTS_KINDS = 4,              /* of counts that the discounts depend on: 1, 2, 3 and 4 */
    COUNTS_ROOMS = 18,             /* of lists: 1, 2, 4, ... cells, for all classes and 0 */
    ALL_TEXTS = 0                  /* who owns the counts of all texts; class c is c + 1 */
};

/* Of one string in the texts of one owner. As a context, something follows it. */
typedef struct {
    uint32_t count; /* of the string */
    uint32_t total; /* the counts of the strings that are this one and a byte more */
    uint16_t owner;
    uint16_t types; /* how many of these counts are above 0 */
    uint16_t once, twice; /* how many are 1, and 2 */
} Cell;

/* Of one string: a list of cells in order of their owners, so that one look serves all. */
typedef struct {
    uint64_t key; /* 0: the slot is free */
    uint32_t at;  /* the first cell in the pool */
    uint16_t held;
    uint16_t room; /* log2 of the cells that the list has room for */
} Entry;

typedef struct {
    unsigned order;
    int pooled; /* whether all texts are also counted together */
    Entry *slots;
    unsigned slot_bits;
    size_t entries;
    Cell *pool;
    size_t pool_used, pool_room;
    uint32_t unused[COUNTS_ROOMS]; /* lists given back, by room: each names the next; 0: none */
    uint32_t classes;              /* above all that were counted */
    uint64_t bytes;                /* of the texts that are counted */
    size_t raw; /* counts above 0, of classes, of strings that cannot be made longer */
    int64_t kinds[2][COUNTS_SYMBOLS + 1][COUNTS_KINDS]; /* how often each count is there: for
                                                           all texts, for classes; by symbols */
} Counts;

typedef struct {
    const uint8_t *bytes;
    const int64_t *offsets;
    size_t texts;
    const int64_t *classes; /* of each text */
} Labelled;

/* Empty counts; free them also after a failure. */
int counts_init(Counts *x, unsigned order, int pooled);
void counts_free(Counts *x);
size_t counts_nbytes(const Counts *x);

/* Count texts. KERNEL_TOO_LARGE if the counts would need more than `most` bytes, or if there
 * were 4 GiB of texts. After a failure, what was counted before is counted. */
int counts_add(Counts *x, const Labelled *texts, size_t most, Poll *poll);

/* Take texts away. The number of texts; or the position of one that was not counted, or
 * KERNEL_STOPPED: then all is as before. */
int64_t counts_remove(Counts *x, const Labelled *texts, Poll *poll);

/* Of the strings that cannot be made longer to the left, in each class: `raw` items. */
void counts_export(const Counts *x, int64_t *keys, int64_t *classes, int64_t *counts);

/* The inverse, for empty counts: the number of items; or the position of one that is wrong, or
 * an error. */
int64_t counts_import(Counts *x, const int64_t *keys, const int64_t *classes,
                      const int64_t *counts, size_t items, size_t most, Poll *poll);

/* Add to the counts of a text's strings, all of which are held and stay so: 1, or -1. 0 if the
 * text could not be taken away, or the poll (NULL: none) stopped that: all is as before. */
int counts_shift(Counts *x, const uint8_t *text, size_t size, int64_t label, int by, Poll *poll);

/* Of each text, how many bits its bytes take in each class: texts * classes items, of which
 * `classes` is at least x->classes. All models but that of all texts mix with the latter in the
 * share `background`. If `texts->classes` is there, each text is left out of the counts for its
 * own. The number of texts; or the position of one that was not counted, or an error. */
int64_t counts_lengths(Counts *x, const Labelled *texts, size_t classes, double background,
                       double *out, Poll *poll);

static inline uint64_t counts_key(uint64_t recent, unsigned size, unsigned marked)
{
    return (recent & (((uint64_t)1 << 8 * size) - 1)) | (uint64_t)(16 | marked << 3 | size) << 56;
}

static inline size_t counts_home(const Counts *x, uint64_t key)
{
    key *= 0x9E3779B97F4A7C15u;
    key ^= key >> 32;
    key *= 0xD6E8FEB86659FD93u;
    return (size_t)(key >> (64 - x->slot_bits));
}

static inline const Entry *counts_find(const Counts *x, uint64_t key)
{
    const size_t mask = ((size_t)1 << x->slot_bits) - 1;
    for (size_t at = counts_home(x, key);; at = (at + 1) & mask) {
        if (x->slots[at].key == key)
            return &x->slots[at];
        if (!x->slots[at].key)
            return NULL;
    }
}

#endif
