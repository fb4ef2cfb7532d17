/* Counts of strings in the texts of each class, and in all texts, for interpolated Kneser-Ney
 * models. The models are defined in gzipknn/baselines/kneser_ney.py.
 *
 * A text begins with a mark that is not a byte. A string has at most order + 1 symbols. Its
 * first symbol may be the mark. Strings that cannot be extended to the left are those of order
 * + 1 symbols and those with the mark. Their count is the number of their occurrences in the
 * texts. The count of any other string is the number of different symbols that precede it in
 * the texts. All other numbers can be computed from these counts. So removing a text restores
 * the state without it. */
#ifndef GZIPKNN_CLASS_COUNTS_H
#define GZIPKNN_CLASS_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "poll.h"
#include "status.h"

enum {
    COUNTS_ORDER = 6,              /* most bytes of context, so that a string fits in a key */
    COUNTS_SYMBOLS = COUNTS_ORDER + 1, /* most symbols of a string */
    COUNTS_CLASSES = 65534,
    COUNTS_KINDS = 4,              /* discounts depend on how many counts are 1, 2, 3 and 4 */
    COUNTS_ROOMS = 18,             /* sizes of lists: 1, 2, 4, ... cells, enough for all owners */
    ALL_TEXTS = 0                  /* the owner of the counts of all texts; class c has c + 1 */
};

/* The numbers of one string in the texts of one owner. `total` and those below it are about
 * the string as a context: they describe the counts of the strings that are one byte longer. */
typedef struct {
    uint32_t count; /* the count of the string */
    uint32_t total; /* the sum of the counts of the longer strings */
    uint16_t owner;
    uint16_t types; /* how many of these counts are above 0 */
    uint16_t once, twice; /* how many of them are 1, and how many are 2 */
} Cell;

/* The cells of one string, ordered by owner, so that one look-up finds all of them. */
typedef struct {
    uint64_t key; /* 0: the slot is free */
    uint32_t at;  /* the first cell in the pool */
    uint16_t held; /* the number of cells */
    uint16_t room; /* log2 of the number of cells for which the list has room */
} Entry;

typedef struct {
    unsigned order;
    int pooled; /* whether all texts are also counted together */
    Entry *slots;
    unsigned slot_bits;
    size_t entries;
    Cell *pool;
    size_t pool_used, pool_room;
    uint32_t unused[COUNTS_ROOMS]; /* free lists, by room: each holds the next one; 0: none */
    uint32_t classes;              /* one more than the highest class that was counted */
    uint64_t bytes;                /* total size of the counted texts */
    size_t raw; /* counts above 0, in classes, of strings that cannot be extended to the left */
    int64_t kinds[2][COUNTS_SYMBOLS + 1][COUNTS_KINDS]; /* how many counts are 1, 2, 3 and 4: of
                                                           all texts, of classes; by symbols */
} Counts;

typedef struct {
    const uint8_t *bytes;
    const int64_t *offsets;
    size_t texts;
    const int64_t *classes; /* the class of each text */
} Labelled;

/* Make empty counts. They must be freed even after a failure. */
int counts_init(Counts *x, unsigned order, int pooled);
void counts_free(Counts *x);
size_t counts_nbytes(const Counts *x);

/* Count texts. Returns KERNEL_TOO_LARGE if the counts would need more than `most` bytes, or if
 * there would be 4 GiB of texts. After a failure, the counts are as before. */
int counts_add(Counts *x, const Labelled *texts, size_t most, Poll *poll);

/* Remove texts from the counts. Returns the number of texts. If a text was not counted, returns
 * its position. If stopped, returns KERNEL_STOPPED. In both cases the counts are as before. */
int64_t counts_remove(Counts *x, const Labelled *texts, Poll *poll);

/* Write the counts, by class, of the strings that cannot be extended to the left: `raw` items. */
void counts_export(const Counts *x, int64_t *keys, int64_t *classes, int64_t *counts);

/* Read exported counts into empty counts. Returns the number of items, or the position of an
 * item that is wrong, or an error. */
int64_t counts_import(Counts *x, const int64_t *keys, const int64_t *classes,
                      const int64_t *counts, size_t items, size_t most, Poll *poll);

/* Add 1 or -1 to the counts of a text's strings. All of these must have cells, and keep them.
 * Returns 0 if the text could not be removed or the poll (which may be NULL) stopped; then the
 * counts are as before. */
int counts_shift(Counts *x, const uint8_t *text, size_t size, int64_t label, int by, Poll *poll);

/* Write the code length of each text in the model of each class, in bits: texts * classes
 * items. `classes` must be at least x->classes. The share of the model of all texts in each
 * model of a class is `background`. If `texts->classes` is not NULL, each text is left out of
 * the counts while it is measured. Returns the number of texts, or the position of a text that
 * was not counted, or an error. */
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
