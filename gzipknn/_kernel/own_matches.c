/* Own matches by binary trees, as in LZMA. On the way down a tree to the place of a new position,
 * each node is older than the one before. So the first of the longest matches is the nearest, and
 * the limits on how far back the search looks end the way. A new position replaces an older one
 * that agrees with it for the greatest length of a match. This keeps the trees of repetitive
 * texts small. */
#include "own_matches.h"
#include "prefix.h"
#include "tables.h"

#include <string.h>

void finder_clear(Finder *f)
{
    memset(f, 0, sizeof *f);
    f->origin = WINDOW;
}

/* The matches that the search finds at one position, as words; 0: none. */
typedef struct {
    uint32_t own;      /* the match in the lead and the text */
    uint32_t alone;    /* the match in the text without its lead */
    uint32_t hurried;  /* the same after a match of `good` length, which shortens the search */
} Found;

typedef struct {
    Finder *finder;
    const Effort *effort;
    const uint8_t *s;
    size_t size, lead;
    unsigned crowd;
} Text;

static inline Position *position_of(const Text *x, uint32_t number)
{
    return &x->finder->position[number % WINDOW];
}

static inline int most_at(const Text *x, size_t i)
{
    return x->size - i < MAX_MATCH ? (int)(x->size - i) : MAX_MATCH;
}

static inline void note(const Text *x, size_t i, int length, uint32_t dist, int steps_back,
                        Found *found)
{
    const uint32_t word = (uint32_t)length << LENGTH_SHIFT | OWN | dist;
    if (length == MIN_MATCH && dist > TOO_FAR)
        return;
    found->own = word;
    if (dist >= i - x->lead)
        return;  /* zlib finds no match that begins at the first byte of the input */
    found->alone = word;
    if (steps_back <= x->effort->chain >> 2)
        found->hurried = word;
}

/* Note a match with the nearest candidate if it is at the greatest possible distance, where the
 * search looks at no other. It counts unless the window begins there. Code that reads `own` has to
 * check this. */
static void note_farthest(const Text *x, size_t i, Found *found)
{
    const int length = common_prefix(x->s + i - MAX_DISTANCE, x->s + i, most_at(x, i));
    const uint32_t word = (uint32_t)length << LENGTH_SHIFT | OWN | MAX_DISTANCE;
    if (length <= MIN_MATCH)
        return;
    found->own = word;
    if (MAX_DISTANCE < i - x->lead && !is_window_start(i - x->lead, x->size - x->lead))
        found->alone = found->hurried = word;
}

/* Make position i the root of the tree whose root is `candidate`. The search has `reached` this
 * position or a later one. Return the number of steps. */
static size_t insert(const Text *x, size_t i, size_t reached, uint32_t candidate, Found *found)
{
    const uint8_t *scan = x->s + i;
    const uint32_t number = x->finder->origin + (uint32_t)i;
    const int most = most_at(x, i), limit = x->effort->chain;
    Position *here = position_of(x, number);
    /* Where the next smaller and the next greater node go, and the bytes that they all share. */
    uint32_t *less = &here->less, *greater = &here->greater;
    int less_known = 0, greater_known = 0, best = MIN_MATCH - 1;
    size_t steps = 1;
    for (;; steps++) {
        const uint32_t dist = number - candidate;
        Position *there = position_of(x, candidate);
        const int steps_back = (uint16_t)(here->place - there->place);
        if (reached - i + dist >= MAX_DISTANCE || steps_back > limit)
            break;
        const uint8_t *match = scan - dist;
        int n = less_known < greater_known ? less_known : greater_known;
        n += common_prefix(match + n, scan + n, most - n);
        if (n > best) {
            best = n;
            note(x, i, n, dist, steps_back, found);
            if (n == most) {
                there->is_replaced = 1;
                *less = there->less;
                *greater = there->greater;
                return steps;
            }
        }
        if (match[n] < scan[n]) {
            *less = candidate;
            less = &there->greater;
            less_known = n;
            candidate = *less;
        } else {
            *greater = candidate;
            greater = &there->less;
            greater_known = n;
            candidate = *greater;
        }
    }
    *less = *greater = 0;
    return steps;
}

/* Insert the positions that were left for later, except those that others have replaced. */
static size_t insert_late(const Text *x, size_t reached, const Chain *chain, const Late *late)
{
    const uint32_t origin = x->finder->origin;
    uint32_t root = chain->root, number = late->first;
    size_t steps = 1;
    Found found;
    for (;; number = position_of(x, number)->next_late, steps++) {
        if (!position_of(x, number)->is_replaced) {
            steps += insert(x, number - origin, reached, root, &found);
            root = number;
        }
        if (number == late->last)
            return steps;
    }
}

/* Return whether position i continues the match `before`, which was found one byte before, if both
 * have the greatest length. It is the nearest match if nothing has replaced its source. */
static int goes_on(const Text *x, size_t i, uint32_t before, const uint32_t *wanted, Found *found)
{
    const uint32_t dist = before & WHERE, number = x->finder->origin + (uint32_t)i;
    if (before >> LENGTH_SHIFT != MAX_MATCH || most_at(x, i) != MAX_MATCH)
        return 0;
    Position *there = position_of(x, number - dist);
    const int steps_back = (uint16_t)(position_of(x, number)->place - there->place);
    if (there->is_replaced || steps_back > x->effort->chain ||
        x->s[i + MAX_MATCH - 1 - dist] != x->s[i + MAX_MATCH - 1])
        return 0;
    note(x, i, MAX_MATCH, dist, steps_back, found);
    if (wanted && !*wanted)
        return 0;
    there->is_replaced = 1;
    return 1;
}

/* Find the match at position i, and put the position on its chain. Return the number of steps.
 * `before` is the match one byte before. `wanted` is the word of `found` that the parse needs, or
 * NULL. */
static size_t find(Text *x, size_t i, uint32_t before, const uint32_t *wanted, Found *found)
{
    Finder *f = x->finder;
    const uint32_t h = hash3(x->s + i), number = f->origin + (uint32_t)i;
    Chain *chain = &f->chain[h];
    Late *late = &f->late[h];
    Position *here = position_of(x, number);
    const uint32_t dist = number - chain->last;
    size_t steps = 1;
    if (dist > MAX_DISTANCE) {
        chain->root = chain->last;
        chain->count = chain->behind = 0;
    }
    here->place = ++chain->count;
    here->is_replaced = 0;
    const unsigned crowd = (uint16_t)(chain->count - chain->behind);
    x->crowd = crowd > x->crowd ? crowd : x->crowd;
    if (goes_on(x, i, before, wanted, found)) {
        if (chain->root == chain->last)
            late->first = number;
        else
            position_of(x, late->last)->next_late = number;
        late->last = number;
    } else {
        if (chain->root != chain->last) {
            steps += insert_late(x, i, chain, late);
            chain->root = chain->last;
        }
        steps += insert(x, i, i, chain->root, found);
        chain->root = number;
    }
    chain->last = number;
    if (dist == MAX_DISTANCE)
        note_farthest(x, i, found);
    return steps;
}

/* Remove position i, which is out of reach from now on. */
static void leave_behind(Text *x, size_t i)
{
    const uint32_t h = hash3(x->s + i), number = x->finder->origin + (uint32_t)i;
    Chain *chain = &x->finder->chain[h];
    Late *late = &x->finder->late[h];
    chain->behind++;
    if (chain->root != chain->last && late->first == number)
        late->first = position_of(x, number)->next_late;
}

OwnMatches own_matches(Finder *f, const Symbols *t, const Effort *e, const uint8_t *s, size_t size,
                       size_t lead, uint32_t *own, Poll *poll)
{
    Text x = {f, e, s, size, lead, 0};
    Parse p = {0};
    uint32_t before = 0;
    if (f->origin > UINT32_MAX / 2)
        finder_clear(f);
    p.data = s + lead;
    p.size = size - lead;
    p.poll = poll;
    histogram_clear(&p.counts);
    for (size_t i = 0; i < size; i++) {
        Found found = {0, 0, 0};
        const int is_parsed = i == lead + p.at;
        const uint32_t *word = p.length < e->good ? &found.alone : &found.hurried;
        size_t steps = 1;
        if (i > MAX_DISTANCE)
            leave_behind(&x, i - MAX_DISTANCE - 1);
        if (size - i >= MIN_MATCH)
            steps += find(&x, i, before, is_parsed && p.length < MAX_MATCH ? word : NULL, &found);
        if (poll_steps(poll, steps))
            break;
        before = (found.own & WHERE) == MAX_DISTANCE ? 0 : found.own;
        if (own)
            own[i] = found.own;
        if (is_parsed) {
            parse_slide(&p);
            parse_step(&p, t, (int)(*word >> LENGTH_SHIFT), *word & WHERE);
        }
    }
    f->origin += (uint32_t)size + WINDOW;
    OwnMatches m = {x.crowd, parse_finish(&p, t)};
    return m;
}
