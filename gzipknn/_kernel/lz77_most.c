/* Bounds on what a text saves, by its places: the positions whose keys stand in the query.
 *
 * A match that pays begins with a key, and goes on over places, one at each position, to at most
 * where the key one position after its last place would end, less a byte. Call that the reach of a
 * place. A run of places saves at most what a match from the position of the first to the reach of
 * the last saves; matches within it that follow each other save no more together. So let the first
 * place of a run bring what a match up to its reach saves, and each later one what the reach grows
 * by. Which of these a place is depends on the query; it counts as the greater of both. */
#include "lz77.h"

#include <math.h>

enum { NEAR = 16 /* positions before a place from which runs are looked at one by one */ };

/* How far a match goes at most of which the last place is here. */
static size_t reach(const uint8_t *lengths, size_t size, size_t i)
{
    if (i + 1 < size && lengths[i + 1] != 0)
        return lengths[i + 1] < lengths[i] ? i + lengths[i] : i + lengths[i + 1];
    return size - i < REPEAT_MAX ? size : i + REPEAT_MAX;
}

static uint8_t in_units(double most)
{
    const double units = ceil(most / MOST_UNIT);
    return units < UNBOUNDED ? (uint8_t)units : UNBOUNDED;
}

/* Bits, and what they are worth. */
typedef struct {
    double bits, worth;
} Sum;

static Sum between(Before before, size_t begin, size_t end)
{
    const uint32_t *from = before.bits + begin * 2, *to = before.bits + end * 2;
    return (Sum){(double)(uint32_t)(to[0] - from[0]), (double)(uint32_t)(to[1] - from[1])};
}

static double saved_worth(Sum s, double match)
{
    return s.worth * (1 - match / s.bits);
}

/* The greatest worth of one bit. */
static double most_worth(Before before, size_t size, Poll *poll)
{
    double most = 0;
    for (size_t i = 0; i < size && !poll_at(poll, i); i++) {
        const Sum s = between(before, i, i + 1);
        if (s.worth > most * s.bits)
            most = s.worth / s.bits;
    }
    return most;
}

/* What a place adds at most to the worth that a run saves, whose reach before it was `last`. A match
 * of B bits, at price M, saves V - M V / B of their worth V; v more for b more bits make that grow by
 * at most v + b M V / B^2. */
static double later_worth(Before before, const uint8_t *lengths, size_t i, size_t last, size_t end,
                          double match, double rate)
{
    const Sum more = between(before, last, end);
    Sum run = {0, 0};
    double most = 0;
    size_t begin = i;
    while (begin > 0 && i - begin < NEAR && lengths[begin - 1] != 0) {
        begin--;
        run = between(before, begin, last);
        const Sum all = {run.bits + more.bits, run.worth + more.worth};
        const double grows = saved_worth(all, match) - saved_worth(run, match);
        most = grows > most ? grows : most;
    }
    if (begin > 0 && lengths[begin - 1] != 0) {
        /* The run may have begun before: there each bit is worth at most `rate`. */
        const double steep = rate * run.bits > 2 * run.worth
                                 ? rate * rate / (4 * (rate * run.bits - run.worth))
                                 : run.worth / (run.bits * run.bits);
        const double grows = more.worth + more.bits * match * steep;
        most = grows > most ? grows : most;
    }
    return most;
}

void lz77_most(Before before, size_t size, uint32_t match, const uint8_t *lengths, uint8_t *most,
               Poll *poll)
{
    const double rate = before.step == 2 ? most_worth(before, size, poll) : 1;
    for (size_t i = 0; i < size; i++) {
        most[i] = 0;
        if (poll_at(poll, i))
            return;
        if (lengths[i] == 0)
            continue;
        const size_t end = reach(lengths, size, i);
        const int has_last = i > 0 && lengths[i - 1] != 0;
        const size_t last = has_last ? reach(lengths, size, i - 1) : end;
        double first, later;
        if (before.step == 2) {
            first = saved_worth(between(before, i, end), match);
            later = has_last ? later_worth(before, lengths, i, last, end, match, rate) : 0;
            later += (first + later) * 1e-9; /* for rounding errors */
        } else {
            first = (double)(uint32_t)(before.bits[end] - before.bits[i] - match);
            later = (double)(uint32_t)(before.bits[end] - before.bits[last]);
        }
        most[i] = in_units(first > later ? first : later);
        /* A match may begin with bytes that are worth nothing, and go on. The search takes 0
         * for no place at all. */
        most[i] += most[i] == 0;
    }
}
