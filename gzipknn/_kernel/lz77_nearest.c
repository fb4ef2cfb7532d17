/* The nearest texts of a query. The places of the query's keys give an upper bound on the savings of
 * each text, and so a lower bound on its distance. Then the texts are measured in the order of these
 * bounds, until no text is left that may be among the nearest. */
#include "lz77.h"
#include "hashes.h"
#include "near.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define UNITS 256.0
#define SLACK 1e-9

/* ---- distances ---- */

/* Return the distance, as metrics.py computes it. If a text saves less, its distance never falls,
 * not even by rounding. */
static double distance(int metric, double x, double y, double saved)
{
    const double xy = x + y - saved / UNITS, low = x < y ? x : y, high = x < y ? y : x;
    switch (metric) {
    case LZ77_NCD:
        return high != 0 ? (xy - low) / high : xy == 0 ? 0.0 : 1.0;
    case LZ77_CDM:
        return x + y != 0 ? xy / (x + y) : xy == 0 ? 0.5 : 1.0;
    case LZ77_CLM:
        return 1.0 - (xy != 0 ? (x + y - xy) / xy : 1.0);
    default: {
        const double mean = sqrt(x) * sqrt(y);
        return 1.0 - (mean != 0 ? (x + y - xy) / mean : xy == 0 ? 1.0 : 0.0);
    }
    }
}

static double corrected(const Lz77Nearest *n, size_t text, double saved)
{
    const double d = distance(n->metric, n->c_x, n->c_y[text], saved);
    return n->shift ? (d - n->shift[text]) / n->scale[text] : d;
}

/* ---- the search ---- */

enum {
    SATURATED = UINT16_MAX,
    FEW = 64 /* texts that are measured first, and more if many neighbours are wanted */
};

typedef struct {
    const Lz77Index *ix;
    const Lz77Nearest *n;
    Lz77Query query;
    Lz77Filter filter;
    int has_filter;
    uint16_t *most;     /* the most that each block saves, in units of MOST_UNIT */
    const uint16_t *chosen; /* the same for texts that are measured together, and 0 for others */
    size_t places;      /* the number of places that were added up */
    First kept;         /* the nearest texts so far */
    First best;         /* the texts with the best bounds, which are measured first; later by index */
    Near *others;       /* the other texts that may be among the nearest */
    size_t count, room;
    /* Room for a text that is shorter than `longer`. */
    uint32_t *bits;
    uint16_t *own;
    uint8_t *sizes;
    size_t longer;
} Search;

static inline void add_place(uint16_t *most, Place place, uint32_t key, int block_bits)
{
    if (place_key(place) != key)
        return;
    const uint32_t more = place_most(place), block = place.position >> block_bits;
    const uint32_t sum = more == UNBOUNDED ? SATURATED : most[block] + more;
    most[block] = (uint16_t)(sum < SATURATED ? sum : SATURATED);
}

/* Add the bounds of a key's places to those of their blocks, a cache line of places at a time. */
static int add_places(void *data, uint32_t rank, uint32_t length, uint32_t key, const Place *place,
                      const Place *end, Poll *poll)
{
    enum { AT_ONCE = LINE / 2 };
    Search *s = data;
    const int block_bits = s->ix->block_bits;
    uint16_t *most = s->most;
    (void)rank;
    (void)length;
    s->places += (size_t)(end - place);
    for (; end - place >= AT_ONCE; place += AT_ONCE) {
        FETCH(place + PLACES_AHEAD);
        if (poll_steps(poll, AT_ONCE))
            return KERNEL_STOPPED;
        for (int i = 0; i < AT_ONCE; i++)
            add_place(most, place[i], key, block_bits);
    }
    for (; place < end; place++)
        add_place(most, *place, key, block_bits);
    return KERNEL_OK;
}

/* ---- what is kept ---- */

static int may_be_kept(const Search *s, Near near)
{
    return near.distance < s->n->within && is_wanted(&s->kept, near);
}

static void keep_measured(void *data, size_t text, int64_t saved)
{
    Search *s = data;
    const Near near = {corrected(s->n, text, (double)saved), text};
    if (may_be_kept(s, near))
        add(&s->kept, near);
}

/* Write the texts that were kept in order. */
static void tell_kept(const Search *s)
{
    const Lz77Nearest *n = s->n;
    qsort(s->kept.items, s->kept.count, sizeof *s->kept.items, by_distance);
    for (size_t i = 0; i < n->k; i++) {
        n->distances[i] = i < s->kept.count ? s->kept.items[i].distance : INFINITY;
        n->indices[i] = i < s->kept.count ? (int64_t)s->kept.items[i].text : 0;
    }
}

/* ---- bounds ---- */

/* Return the sum of the bounds of a text's blocks, in units of MOST_UNIT. */
static uint64_t sum_of_blocks(const Lz77Index *ix, const uint16_t *blocks, size_t text)
{
    uint64_t sum = 0;
    for (uint32_t b = ix->first_block[text]; b < ix->first_block[text + 1]; b++) {
        if (blocks[b] == SATURATED)
            return UINT64_MAX;
        sum += blocks[b];
    }
    return sum;
}

/* Return the most that a text saves, by this sum. */
static double most_saved(const Search *s, size_t text, uint64_t sum)
{
    const double all = s->n->c_y[text] * UNITS, saved = (double)sum * MOST_UNIT;
    return saved < all ? saved : all;
}

/* Return a text with a lower bound on its distance, if it saves at most so much. */
static Near nearest_possible(const Search *s, size_t text, double saved)
{
    const Lz77Nearest *n = s->n;
    /* If C(xy) may be 0, CLM has no bound. */
    if (n->metric == LZ77_CLM && saved > 0 && n->c_x + n->c_y[text] - saved / UNITS <= 0)
        return (Near){-INFINITY, text};
    return (Near){corrected(n, text, saved), text};
}

/* Return the distance from which no text is wanted. */
static double limit_of(const Search *s, const First *f)
{
    return f->count < f->most ? s->n->within : f->items[0].distance;
}

/* Return the share of a mean of both lengths that a text must save to be nearer than the limit. */
static double share_wanted(double limit, double shift, double scale)
{
    return 1 - limit * scale - shift - SLACK * (1 + fabs(limit) * scale + fabs(shift));
}

/* Return whether a text that saves so much is too far. This does not divide, which is slow. */
static int is_too_far(const Search *s, size_t text, double share, double saved)
{
    const double x = s->n->c_x, y = s->n->c_y[text];
    saved /= UNITS;
    if (!(share > 0))
        return 0;
    switch (s->n->metric) {
    case LZ77_NCD:
        return saved < share * (x > y ? x : y);
    case LZ77_CDM:
        return saved < share * (x + y);
    case LZ77_CLM:
        return saved * (1 + share) < share * (x + y);
    default:
        return saved * saved < share * share * x * y;
    }
}

/* Return what a text of any length must save to be nearer than the limit, in units of MOST_UNIT. */
static uint64_t least_saved(const Search *s, double limit)
{
    const Lz77Nearest *n = s->n;
    const double share = share_wanted(limit, 0, 1);
    double least = n->c_x * UNITS / MOST_UNIT * share;
    if (n->shift || n->metric == LZ77_NMI || !(least > 0))
        return 0;
    if (n->metric == LZ77_CLM)
        least /= 1 + share;
    return least < UINT32_MAX ? (uint64_t)least : 0;
}

/* Choose the texts with the best bounds, which are measured first. */
static int choose_best(Search *s, Poll *poll)
{
    uint64_t least = 1;
    for (size_t j = 0; j < s->ix->texts; j++) {
        const uint64_t sum = sum_of_blocks(s->ix, s->most, j);
        if (poll_at(poll, j))
            return KERNEL_STOPPED;
        if (sum < least)
            continue;
        const double saved = most_saved(s, j, sum);
        const Near near = nearest_possible(s, j, saved);
        if (saved > 0 && is_wanted(&s->best, near)) {
            add(&s->best, near);
            least = least_saved(s, limit_of(s, &s->best));
        }
    }
    return KERNEL_OK;
}

/* Choose the other texts that may be kept. For texts that save nothing, the bound is exact. */
static int choose_others(Search *s, Poll *poll)
{
    const Lz77Nearest *n = s->n;
    const double limit = limit_of(s, &s->kept), share = share_wanted(limit, 0, 1);
    const uint64_t least = least_saved(s, limit);
    qsort(s->best.items, s->best.count, sizeof *s->best.items, by_text);
    for (size_t j = 0, next = 0; j < s->ix->texts; j++) {
        if (next < s->best.count && s->best.items[next].text == j) {
            next++;
            continue;
        }
        const uint64_t sum = sum_of_blocks(s->ix, s->most, j);
        if (poll_at(poll, j))
            return KERNEL_STOPPED;
        if (sum < least)
            continue;
        const double saved = most_saved(s, j, sum);
        if (is_too_far(s, j, n->shift ? share_wanted(limit, n->shift[j], n->scale[j]) : share, saved))
            continue;
        const Near near = nearest_possible(s, j, saved);
        if (saved == 0) {
            keep_measured(s, j, 0);
        } else if (may_be_kept(s, near)) {
            Near *others = grow(s->others, s->count, &s->room, sizeof *others);
            if (!others)
                return KERNEL_NO_MEMORY;
            s->others = others;
            others[s->count++] = near;
        }
    }
    return KERNEL_OK;
}

/* ---- measuring ---- */

static int make_room(Search *s, size_t size)
{
    if (size < s->longer)
        return 1;
    free(s->bits);
    free(s->own);
    free(s->sizes);
    s->longer = 0;
    s->bits = malloc((size + 1) * 2 * sizeof *s->bits);
    s->own = malloc((size + 1) * 2 * sizeof *s->own);
    s->sizes = malloc(size + 1);
    if (!s->bits || !s->own || !s->sizes)
        return 0;
    s->longer = size + 1;
    return 1;
}

/* Prefetch a text. */
static void fetch_text(const Lz77Index *ix, size_t text)
{
    enum { MOST_LINES = 16 };
    const size_t start = ix->start[text], numbers = (size_t)(ix->start[text + 1] - start) * ix->step;
    const size_t lines = numbers / LINE < MOST_LINES ? numbers / LINE : MOST_LINES;
    for (size_t i = 0; i <= lines; i++) {
        FETCH(ix->bits + start * ix->step + i * LINE);
        if (i % 4 == 0)
            FETCH(ix->bytes + start + i * LINE / ix->step);
    }
}

/* Measure a text by reading it. */
static int read_text(Search *s, size_t text, Poll *poll)
{
    const Lz77Index *ix = s->ix;
    const uint32_t start = ix->start[text], size = ix->start[text + 1] - start;
    const uint32_t *before = ix->bits + (size_t)start * ix->step;
    int64_t saved;
    int status;
    if (!s->has_filter) {
        s->has_filter = 1;
        status = lz77_filter_begin(&s->filter, &s->query, poll);
        if (status != KERNEL_OK)
            return status;
    }
    if (!make_room(s, size))
        return KERNEL_NO_MEMORY;
    uint16_t *own = s->own, *worth = ix->step == 2 ? own + size : NULL;
    for (uint32_t i = 0; i <= size; i++)
        s->bits[i] = before[i * (size_t)ix->step];
    for (uint32_t i = 0; i < size; i++) {
        if (poll_at(poll, i))
            return KERNEL_STOPPED;
        own[i] = (uint16_t)(s->bits[i + 1] - s->bits[i]);
        if (worth)
            worth[i] = (uint16_t)(before[(i + 1) * (size_t)2 + 1] - before[i * (size_t)2 + 1]);
    }
    lz77_keys(s->bits, size, ix->match, s->sizes, poll);
    if (poll_steps(poll, size))
        return KERNEL_STOPPED;
    const Lz77Text whole = {ix->bytes + start, s->sizes, own, worth, size};
    status = lz77_scan(&s->query, &s->filter, &whole, ix->match, s->bits, &saved, poll);
    if (status == KERNEL_OK)
        keep_measured(s, text, saved);
    return status;
}

/* Return whether a text was chosen and may still be kept. */
static int wants(void *data, size_t text)
{
    const Search *s = data;
    const double saved = most_saved(s, text, sum_of_blocks(s->ix, s->chosen, text));
    return saved > 0 && may_be_kept(s, nearest_possible(s, text, saved));
}

/* Measure texts by their places in the index. */
static int measure_together(Search *s, const Near *texts, size_t count, Poll *poll)
{
    const uint32_t *first_block = s->ix->first_block;
    uint16_t *chosen = calloc((size_t)first_block[s->ix->texts] + 1, sizeof *chosen);
    const Lz77Wanted wanted = {.blocks = chosen, .wants = wants, .take = keep_measured, .data = s};
    if (!chosen)
        return KERNEL_NO_MEMORY;
    s->chosen = chosen;
    for (size_t i = 0; i < count; i++)
        for (uint32_t b = first_block[texts[i].text]; b < first_block[texts[i].text + 1]; b++)
            chosen[b] = s->most[b];
    const int status = lz77_measure(s->ix, &s->query, &wanted, poll);
    free(chosen);
    return status;
}

/* Measure texts: together, or, if that is faster, by reading them in the order of their bounds. */
static int measure(Search *s, Near *texts, size_t count, Poll *poll)
{
    size_t bytes = 0;
    int status = KERNEL_OK;
    for (size_t i = 0; i < count; i++)
        bytes += s->ix->start[texts[i].text + 1] - s->ix->start[texts[i].text];
    if (count == 0)
        return KERNEL_OK;
    if (bytes > s->places / 2)
        return measure_together(s, texts, count, poll);
    qsort(texts, count, sizeof *texts, by_distance);
    for (size_t i = 0; i < count && may_be_kept(s, texts[i]) && status == KERNEL_OK; i++) {
        if (i + 2 < count)
            fetch_text(s->ix, texts[i + 2].text);
        status = read_text(s, texts[i].text, poll);
    }
    return status;
}

/* Measure the texts that may be among the nearest. */
static int search(Search *s, Poll *poll)
{
    int status = lz77_find_keys(s->ix, &s->query, add_places, s, poll);
    if (status == KERNEL_OK && s->n->within == INFINITY)
        status = choose_best(s, poll);
    if (status == KERNEL_OK)
        status = measure(s, s->best.items, s->best.count, poll);
    if (status == KERNEL_OK)
        status = choose_others(s, poll);
    if (status == KERNEL_OK)
        status = measure(s, s->others, s->count, poll);
    return status;
}

int lz77_nearest(const Lz77Index *ix, const uint8_t *query, size_t size, const Lz77Nearest *n, Poll *poll)
{
    Search s = {.ix = ix, .n = n, .kept.most = n->k, .best.most = n->k + n->k / 2 + FEW}; /* and all else 0 */
    const Lz77Wanted all = {.take = keep_measured, .data = &s};
    const int is_any_left = s.best.most < ix->texts;
    s.kept.items = malloc(s.kept.most * sizeof *s.kept.items);
    if (is_any_left) {
        s.best.items = malloc(s.best.most * sizeof *s.best.items);
        s.most = calloc((size_t)ix->first_block[ix->texts] + 1, sizeof *s.most);
    }
    int status = lz77_query_begin(&s.query, query, size, poll);
    if (!s.kept.items || (is_any_left && (!s.best.items || !s.most)))
        status = KERNEL_NO_MEMORY;
    if (status == KERNEL_OK)
        status = is_any_left ? search(&s, poll) : lz77_measure(ix, &s.query, &all, poll);
    if (status == KERNEL_OK)
        tell_kept(&s);
    free(s.most);
    free(s.kept.items);
    free(s.best.items);
    free(s.others);
    free(s.bits);
    free(s.own);
    free(s.sizes);
    lz77_filter_end(&s.filter);
    lz77_query_end(&s.query);
    return status;
}
