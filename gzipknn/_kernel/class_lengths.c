/* The code lengths of texts in the model of each class. */
#include "class_counts.h"
#include "hashes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Fused multiply-add is off, so that rounding is the same on all machines. */
#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

enum { AHEAD = 6, LARGE = 3 };

static const double UNIFORM = 1.0 / 256;
static const double SMALL = 0x1p-500, SCALE = 0x1p500;

/* The discounts of the counts 0 (no discount), 1, 2, and 3 or more, in the model of all texts
 * and in those of classes, by the number of symbols of a string. */
typedef struct {
    double of[2][COUNTS_SYMBOLS + 1][LARGE + 1];
} Discounts;

static double between(double low, double value, double high)
{
    return value < low ? low : value > high ? high : value;
}

/* Compute the discounts by Chen and Goodman (1999), equation 17. If too few counts are small to
 * estimate them, they are 3/4. No discount of a count above 0 is 0, so that every context
 * leaves some probability for bytes that never followed it. */
static void discounts(const Counts *x, Discounts *d)
{
    for (int kind = 0; kind < 2; kind++)
        for (int symbols = 0; symbols <= COUNTS_SYMBOLS; symbols++) {
            double *of = d->of[kind][symbols];
            const int64_t *n = x->kinds[kind][symbols];
            of[0] = 0;
            of[1] = of[2] = of[3] = 0.75;
            if (!n[0] || !n[1] || !n[2])
                continue;
            const double y = (double)n[0] / (double)(n[0] + 2 * n[1]);
            for (int count = 1; count <= LARGE; count++) {
                double share = (double)((count + 1) * n[count]) / (double)n[count - 1];
                of[count] = between(0.05, count - y * share, count - 0.05);
            }
        }
}

/* ---- the probability of a byte ---- */

typedef struct {
    double background;
    size_t classes;
    double all;  /* the probability of a byte in the model of all texts */
    double *of;  /* its probability in the model of each class */
} Chances;

static inline double chance(const Cell *context, uint32_t count, const double *discount,
                            double shorter)
{
    const double kept = discount[1] * context->once + discount[2] * context->twice +
                        discount[3] * (context->types - context->once - context->twice);
    const double left = count - discount[count < LARGE ? count : LARGE];
    return (left + kept * shorter) / context->total;
}

/* Turn the probabilities after a shorter context into those after this one. `longer` is the
 * entry of the context followed by the byte. It may be NULL. */
static void refine(const Counts *x, const Discounts *d, const Entry *context,
                   const Entry *longer, unsigned symbols, Chances *p)
{
    const Cell *cell = x->pool + context->at, *end = cell + context->held;
    const Cell *next = longer ? x->pool + longer->at : NULL, *last = next;
    if (longer)
        last += longer->held;
    if (cell->owner == ALL_TEXTS) {
        if (cell->total == 0)
            return; /* the only text with this context is left out */
        p->all = chance(cell, next && next->owner == ALL_TEXTS ? next->count : 0,
                        d->of[0][symbols], p->all);
        const double share = p->background * p->all, own = 1 - p->background;
        for (size_t c = 0; c < p->classes; c++)
            p->of[c] = share + own * p->of[c];
        cell++;
    }
    for (; cell < end; cell++) {
        if (cell->total == 0)
            continue; /* this context is only at the end of texts */
        while (next < last && next->owner < cell->owner)
            next++;
        const uint32_t count = next < last && next->owner == cell->owner ? next->count : 0;
        double *of = &p->of[cell->owner - 1];
        *of = chance(cell, count, d->of[1][symbols], *of);
    }
}

/* ---- texts ---- */

typedef struct {
    Chances chances;
    double *product; /* the product of the probabilities of a text's bytes, in each class */
    double *scaled;  /* how often the product was multiplied by SCALE to avoid underflow */
} Room;

static int measure(const Counts *x, const Discounts *d, const uint8_t *text, size_t size,
                   Room *room, double *out, Poll *poll)
{
    /* The entries of the strings that end before the byte, by size, and of those that end with
     * it. `begun` is the entry of the string that begins with the mark. */
    const Entry *before[COUNTS_SYMBOLS + 1] = {NULL}, *now[COUNTS_SYMBOLS + 1] = {NULL};
    const Entry *begun = counts_find(x, counts_key(0, 0, 1));
    Chances *p = &room->chances;
    uint64_t recent = 0, ahead = 0;
    for (size_t c = 0; c < p->classes; c++) {
        room->product[c] = 1;
        room->scaled[c] = 0;
    }
    before[0] = now[0] = counts_find(x, counts_key(0, 0, 0));
    for (size_t i = 0; i < size && i < AHEAD; i++)
        ahead = ahead << 8 | text[i];
    for (size_t i = 0; i < size; i++) {
        if (i + AHEAD < size) {
            ahead = ahead << 8 | text[i + AHEAD];
            for (unsigned n = 2; n <= x->order + 1; n++)
                FETCH(&x->slots[counts_home(x, counts_key(ahead, n, 0))]);
        }
        recent = recent << 8 | text[i];
        p->all = UNIFORM;
        for (size_t c = 0; c < p->classes; c++)
            p->of[c] = UNIFORM;
        unsigned n = 0;
        for (; n <= x->order && before[n]; n++) {
            now[n + 1] = n == 0 || now[n] ? counts_find(x, counts_key(recent, n + 1, 0)) : NULL;
            refine(x, d, before[n], now[n + 1], n + 1, p);
        }
        for (; n <= x->order; n++)
            now[n + 1] = NULL; /* its context does not occur */
        if (begun) {
            const Entry *longer =
                i < x->order ? counts_find(x, counts_key(recent, (unsigned)i + 1, 1)) : NULL;
            if (i < x->order)
                refine(x, d, begun, longer, (unsigned)i + 2, p);
            begun = longer;
        }
        memcpy(before, now, sizeof before);
        for (size_t c = 0; c < p->classes; c++) {
            room->product[c] *= p->of[c];
            if (room->product[c] < SMALL) {
                room->product[c] *= SCALE;
                room->scaled[c]++;
            }
        }
        if (poll_steps(poll, 10 + 2 * p->classes))
            return KERNEL_STOPPED;
    }
    for (size_t c = 0; c < p->classes; c++)
        out[c] = 500 * room->scaled[c] - log2(room->product[c]);
    return KERNEL_OK;
}

int64_t counts_lengths(Counts *x, const Labelled *texts, size_t classes, double background,
                       double *out, Poll *poll)
{
    const int64_t *o = texts->offsets;
    double *room = malloc((3 * classes + 1) * sizeof *room);
    Room r = {{background, classes, 0, room}, room + classes, room + 2 * classes};
    Discounts d;
    int64_t status = room ? (int64_t)texts->texts : KERNEL_NO_MEMORY;
    discounts(x, &d);
    for (size_t j = 0; room && j < texts->texts; j++) {
        const uint8_t *text = texts->bytes + o[j];
        const size_t size = (size_t)(o[j + 1] - o[j]);
        if (texts->classes) {
            if (!counts_shift(x, text, size, texts->classes[j], -1, poll)) {
                status = poll->stopped ? KERNEL_STOPPED : (int64_t)j;
                break;
            }
            discounts(x, &d);
        }
        const int ended = measure(x, &d, text, size, &r, out + j * classes, poll);
        if (texts->classes)
            counts_shift(x, text, size, texts->classes[j], 1, NULL);
        if (ended != KERNEL_OK) {
            status = ended;
            break;
        }
    }
    free(room);
    return status;
}
