/* Bounds on the savings of a text by its places, which are the positions whose keys occur in the
 * query.
 *
 * A match that pays begins with a key and covers places, one at each position. It ends at the
 * latest one byte before the end of the key that begins one position after its last place. Call
 * this end the reach of the last place. A run of places saves at most as much as one match from
 * the first position to the reach of the last place. Several matches within the run save no more
 * together.
 *
 * Every place gets a bound, such that the bounds of the places of any run add up to at least the
 * saving of the run. The places of a text are visited in order. Each gets the least bound that is
 * enough for all runs that end with it, given the bounds of the places before it. */
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

/* Return the worth that a match of these bytes saves. */
static double saved_in(Before before, size_t begin, size_t end, double match)
{
    if (before.step != 2)
        return (double)(uint32_t)(before.bits[end] - before.bits[begin]) - match;
    const Sum s = between(before, begin, end);
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

/* Return how much the saving of a long run grows at most. `run` is the sum over the last bytes of the
 * run. In the bytes before them, each bit is worth at most `rate`. `more` is the sum over the new
 * bytes. A match that replaces B bits of worth V at the price M saves the worth V - M V / B. Another
 * b bits of worth v make that grow by at most v + b M V / B^2. */
static double far_growth(Sum run, Sum more, double match, double rate)
{
    const double steep = rate * run.bits > 2 * run.worth
                             ? rate * rate / (4 * (rate * run.bits - run.worth))
                             : run.worth / (run.bits * run.bits);
    return more.worth + more.bits * match * steep;
}

/* The bounds of the consecutive places so far. */
typedef struct {
    size_t count;          /* places so far */
    double sums[NEAR + 1]; /* sums[k] is the sum of the bounds of the last k places */
    double slack;          /* for each longer run, the sum of its bounds less its saving is at least this */
} Run;

void lz77_most(Before before, size_t size, uint32_t match, const uint8_t *lengths, uint8_t *most,
               Poll *poll)
{
    const int is_weighed = before.step == 2;
    const double rate = is_weighed ? most_worth(before, size, poll) : 1;
    Run run = {0};
    for (size_t i = 0; i < size; i++) {
        most[i] = 0;
        if (poll_at(poll, i))
            return;
        if (lengths[i] == 0) {
            run.count = 0;
            continue;
        }
        const size_t end = reach(lengths, size, i), known = run.count < NEAR ? run.count : NEAR;
        double need = 0, growth = 0;
        for (size_t k = 0; k <= known; k++) {
            const double saved = saved_in(before, i - k, end, match);
            if (saved - run.sums[k] > need)
                need = saved - run.sums[k];
        }
        if (run.count > NEAR) {
            const size_t last = reach(lengths, size, i - 1);
            growth = is_weighed ? far_growth(between(before, i - NEAR, last),
                                             between(before, last, end), match, rate)
                                : (double)(uint32_t)(before.bits[end] - before.bits[last]);
            if (growth - run.slack > need)
                need = growth - run.slack;
        }
        need += (1 + need) * 1e-6; /* for rounding errors */
        most[i] = in_units(need);
        /* A match may begin with bytes of no worth and continue. The search treats 0 as no place. */
        most[i] += most[i] == 0;
        const double bound = most[i] * (double)MOST_UNIT;
        if (run.count > NEAR)
            run.slack += bound - growth;
        if (run.count >= NEAR) {
            const double slack = run.sums[NEAR] + bound - saved_in(before, i - NEAR, end, match);
            if (run.count == NEAR || slack < run.slack)
                run.slack = slack;
        }
        for (size_t k = known + (known < NEAR); k > 0; k--)
            run.sums[k] = run.sums[k - 1] + bound;
        run.count++;
    }
}
