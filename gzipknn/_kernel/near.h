/* Texts in the order of their distances, and the first of many. */
#ifndef GZIPKNN_NEAR_H
#define GZIPKNN_NEAR_H

#include <stddef.h>

/* A text and its distance, or a bound on it. */
typedef struct {
    double distance;
    size_t text;
} Near;

static inline int is_before(Near a, Near b)
{
    return a.distance < b.distance || (a.distance == b.distance && a.text < b.text);
}

static inline int by_distance(const void *a, const void *b)
{
    return is_before(*(const Near *)a, *(const Near *)b) ? -1 : 1;
}

static inline int by_text(const void *a, const void *b)
{
    return ((const Near *)a)->text < ((const Near *)b)->text ? -1 : 1;
}

/* Let an item sink in a heap whose root is the last of all items in order. */
static inline void sink(Near *heap, size_t count, size_t at)
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

static inline int is_wanted(const First *f, Near near)
{
    return f->count < f->most || is_before(near, f->items[0]);
}

static inline void add(First *f, Near near)
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

#endif
