/* Bounds on what a text saves, by its places: the positions whose keys stand in the query.
 *
 * A match that pays begins with a key, and goes on over places, one at each position, to at most
 * where the key one position after its last place would end, less a byte. Call that the reach of a
 * place. A run of places saves at most what a match from the position of the first to the reach of
 * the last saves; matches within it that follow each other save no more together.
 *
 * Every place gets a bound, so that the bounds of any run add up to at least what the run saves. The
 * places of a text are taken in order. Each gets the least bound that suffices for all runs that end
 * with it, as the bounds of the places before it are known. */
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

/* What a match of these bytes saves. */
static double saved_in(Before before, size_t begin, size_t end, double match)
{
    if (before.step != 2)
        return (double)(uint32_t)(before.bits[end] - before.bits[begin]) - match;
    const Sum s = between(before, begin, end);
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

/* How much more a run saves at most that began long ago and goes on to `end`, whose reach before was
 * `last`. A match of B bits, at price M, saves V - M V / B of their worth V; v more for b more bits
 * make that grow by at most v + b M V / B^2. `run` is what of it is known; before, each bit is worth
 * at most `rate`. */
static double far_growth(Sum run, Sum more, double match, double rate)
{
    const double steep = rate * run.bits > 2 * run.worth
                             ? rate * rate / (4 * (rate * run.bits - run.worth))
                             : run.worth / (run.bits * run.bits);
    return more.worth + more.bits * match * steep;
}

/* The bounds of one run of places, of which the last NEAR are known one by one. */
typedef struct {
    double sums[NEAR + 1]; /* of the bounds of the last places, from each on; [k] is of the last k */
    size_t count;          /* of places so far */
    double slack;          /* by how much the bounds from earlier places on exceed what these save, at least */
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
            growth = is_weighed ? far_growth(between(before, i - NEAR, last), between(before, last, end), match, rate)
                                : (double)(uint32_t)(before.bits[end] - before.bits[last]);
            if (growth - run.slack > need)
                need = growth - run.slack;
        }
        need += (1 + need) * 1e-9; /* for rounding errors */
        most[i] = in_units(need);
        /* A match may begin with bytes that are worth nothing, and go on. The search takes 0
         * for no place at all. */
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
