/* Functions that find and make the cells of strings. A caller that makes a cell must have
 * reserved room: a free slot, and in the pool a list of twice as many cells as there are
 * owners. */
#ifndef GZIPKNN_CLASS_CELLS_H
#define GZIPKNN_CLASS_CELLS_H

#include "class_counts.h"

#include <string.h>

/* Return a list of 2^room cells. There must be room for it in the pool. */
static inline uint32_t take_list(Counts *x, unsigned room)
{
    uint32_t at = x->unused[room];
    if (at) {
        x->unused[room] = x->pool[at].count;
    } else {
        at = (uint32_t)x->pool_used;
        x->pool_used += (size_t)1 << room;
    }
    return at;
}

static inline void give_list(Counts *x, uint32_t at, unsigned room)
{
    x->pool[at].count = x->unused[room];
    x->unused[room] = at;
}

/* Return the place at which an owner is, or belongs, in a list that is not empty. The first
 * tests are for the most frequent cases: all texts; the last owner, if texts come class by
 * class; and a list of all owners. */
static inline uint32_t place_of(const Cell *list, uint32_t held, uint32_t owner)
{
    uint32_t low = 0;
    if (owner == ALL_TEXTS)
        return 0;
    if (list[held - 1].owner <= owner)
        return held - (list[held - 1].owner == owner);
    if (owner < held && list[owner].owner == owner)
        return owner;
    while (held > 1) {
        const uint32_t half = held / 2;
        if (list[low + half].owner <= owner)
            low += half;
        held -= half;
    }
    return low + (list[low].owner < owner);
}

/* Return the entry of a string. If there is none, it is made, and there must be room for it. */
static inline Entry *make_entry(Counts *x, uint64_t key)
{
    const size_t mask = ((size_t)1 << x->slot_bits) - 1;
    size_t slot = counts_home(x, key);
    while (x->slots[slot].key != key && x->slots[slot].key)
        slot = (slot + 1) & mask;
    Entry *e = &x->slots[slot];
    if (!e->key) {
        e->key = key;
        e->at = take_list(x, 0);
        e->held = 0;
        e->room = 0;
        x->entries++;
    }
    return e;
}

/* Return the cell of an owner. If there is none, it is made, and there must be room for it. */
static inline Cell *make_cell(Counts *x, Entry *e, uint32_t owner)
{
    Cell *list = x->pool + e->at;
    const uint32_t place = e->held ? place_of(list, e->held, owner) : 0;
    if (place < e->held && list[place].owner == owner)
        return &list[place];
    if (e->held >> e->room) {
        const uint32_t at = take_list(x, e->room + 1u);
        memcpy(x->pool + at, list, e->held * sizeof *list);
        give_list(x, e->at, e->room);
        e->at = at;
        e->room++;
        list = x->pool + at;
    }
    memmove(list + place + 1, list + place, (e->held - place) * sizeof *list);
    e->held++;
    const Cell none = {0, 0, (uint16_t)owner, 0, 0, 0};
    list[place] = none;
    return &list[place];
}

static inline Cell *find_cell(const Counts *x, const Entry *e, uint32_t owner)
{
    Cell *list = x->pool + e->at;
    const uint32_t place = place_of(list, e->held, owner);
    return place < e->held && list[place].owner == owner ? &list[place] : NULL;
}

#endif
