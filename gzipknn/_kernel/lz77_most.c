/* Bounds on the savings of a text by its places, which are the positions whose keys occur in the
 * query.
 *
 * A match that pays begins with a key and covers places, one at each position. It ends at the
 * latest one byte before the end of the key that begins one position after its last place. Call
 * this end the reach of the last place. A run of places saves at most as much as one match from
 * the first position to the reach of the last place. Several matches within the run save no more
 * together. So the bound of the first place of a run is the saving of a match up to its reach, and
 * the bound of each later place is the saving of the bytes by which the reach grows. The query
 * decides which of the two a place is. Its bound is the greater of both. */
#include "lz77.h"

#include <math.h>

enum { NEAR = 16 /* runs that begin up to this many positions before a place are tried singly */ };

/* Return the reach of the place at position i. */
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

/* Return the greatest worth of one bit in a text. */
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

/* Return how much a place adds at most to the worth that a run saves. `last` is the reach of the
 * place before it. A match that replaces B bits of worth V at price M saves the worth V - M V / B.
 * If the match grows by b bits of worth v, this grows by at most v + b M V / B^2. */
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
        /* The run may have begun earlier. There each bit is worth at most `rate`. */
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
        /* A match may begin with bytes that are worth nothing. The bound is at least 1, because 0
         * means that there is no place. */
        most[i] += most[i] == 0;
    }
}
