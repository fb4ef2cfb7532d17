/* The nearest texts of a query. The places of the query's keys give an upper bound on the savings of
 * each text, and so a lower bound on its distance. Then the texts are measured in the order of these
 * bounds, until no text is left that may be among the nearest. */
#include "lz77.h"
#include "hashes.h"

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

/* ---- texts in order ---- */

/* A text and its distance, or a bound on it. */
typedef struct {
    double distance;
    size_t text;
} Near;

static inline int is_before(Near a, Near b)
{
    return a.distance < b.distance || (a.distance == b.distance && a.text < b.text);
}

static int by_distance(const void *a, const void *b)
{
    return is_before(*(const Near *)a, *(const Near *)b) ? -1 : 1;
}

static int by_text(const void *a, const void *b)
{
    return ((const Near *)a)->text < ((const Near *)b)->text ? -1 : 1;
}

/* Let an item sink in a heap whose root is the last of all items in order. */
static void sink(Near *heap, size_t count, size_t at)
{
    const Near item = heap[at];
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && is_before(heap[child], heap[child + 1]))
            child++;
        if (!is_before(item, heap[child]))
            break;
        heap[at] = heap[child];
    }
    heap[at] = item;
}

/* The first `most` items, in order, of all that are added. They form a heap once it is full. */
typedef struct {
    Near *items;
    size_t count, most;
} First;

static int is_wanted(const First *f, Near near)
{
    return f->count < f->most || is_before(near, f->items[0]);
}

static void add(First *f, Near near)
{
    if (f->count == f->most) {
        f->items[0] = near;
        sink(f->items, f->count, 0);
        return;
    }
    f->items[f->count++] = near;
    if (f->count == f->most)
        for (size_t i = f->count / 2; i-- > 0;)
            sink(f->items, f->count, i);
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

static int add_places(void *data, uint32_t rank, uint32_t length, uint32_t key, const Place *place,
                      const Place *end, Poll *poll)
{
    Search *s = data;
    const int block_bits = s->ix->block_bits;
    uint16_t *most = s->most;
    (void)rank;
    (void)length;
    s->places += (size_t)(end - place);
    for (; place < end; place++) {
        FETCH(place + PLACES_AHEAD);
        if (poll_at(poll, (size_t)(end - place)))
            return KERNEL_STOPPED;
        if (place_key(*place) != key)
            continue;
        const uint32_t add = place_most(*place), block = place->position >> block_bits;
        const uint32_t sum = add == UNBOUNDED ? SATURATED : most[block] + add;
        most[block] = (uint16_t)(sum < SATURATED ? sum : SATURATED);
    }
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

/* Return the most that a text saves, by the bounds of its blocks. */
static double most_saved(const Search *s, const uint16_t *blocks, size_t text)
{
    const double all = s->n->c_y[text] * UNITS;
    uint64_t most = 0;
    int is_bounded = 1;
    for (uint32_t b = s->ix->first_block[text]; b < s->ix->first_block[text + 1]; b++) {
        most += blocks[b];
        is_bounded &= blocks[b] != SATURATED;
    }
    const double saved = (double)most * MOST_UNIT;
    return is_bounded && saved < all ? saved : all;
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

/* Return the share of a mean of both lengths that a text must save to be kept. */
static double share_wanted(const Search *s, double shift, double scale)
{
    const double limit = s->kept.count < s->n->k ? s->n->within : s->kept.items[0].distance;
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

/* Choose the texts with the best bounds, which are measured first. */
static int choose_best(Search *s, Poll *poll)
{
    for (size_t j = 0; j < s->ix->texts; j++) {
        const double saved = most_saved(s, s->most, j);
        const Near near = nearest_possible(s, j, saved);
        if (saved > 0 && is_wanted(&s->best, near))
            add(&s->best, near);
        if (poll_at(poll, j))
            return KERNEL_STOPPED;
    }
    return KERNEL_OK;
}

/* Choose the other texts that may be kept. For texts that save nothing, the bound is exact. */
static int choose_others(Search *s, Poll *poll)
{
    const Lz77Nearest *n = s->n;
    const double share = share_wanted(s, 0, 1);
    qsort(s->best.items, s->best.count, sizeof *s->best.items, by_text);
    for (size_t j = 0, next = 0; j < s->ix->texts; j++) {
        if (next < s->best.count && s->best.items[next].text == j) {
            next++;
            continue;
        }
        const double saved = most_saved(s, s->most, j);
        if (poll_at(poll, j))
            return KERNEL_STOPPED;
        if (is_too_far(s, j, n->shift ? share_wanted(s, n->shift[j], n->scale[j]) : share, saved))
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
    const double saved = most_saved(s, s->chosen, text);
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
