#include "class_cells.h"
#include "hashes.h"

#include <stdlib.h>
#include <string.h>

enum {
    FIRST_BITS = 8,   /* log2 of the first number of slots */
    FIRST_CELLS = 256,
    NEAR = 8, /* bytes ahead at which lists are prefetched */
    FAR = 16  /* bytes ahead at which slots are prefetched */
};

/* ---- room ---- */

size_t counts_nbytes(const Counts *x)
{
    return ((size_t)1 << x->slot_bits) * sizeof(Entry) + x->pool_room * sizeof(Cell);
}

int counts_init(Counts *x, unsigned order, int pooled)
{
    memset(x, 0, sizeof *x);
    x->order = order;
    x->pooled = pooled;
    x->slot_bits = FIRST_BITS;
    x->slots = calloc((size_t)1 << FIRST_BITS, sizeof *x->slots);
    x->pool = malloc(FIRST_CELLS * sizeof *x->pool);
    x->pool_room = FIRST_CELLS;
    x->pool_used = 1; /* 0 means no list */
    return x->slots && x->pool ? KERNEL_OK : KERNEL_NO_MEMORY;
}

void counts_free(Counts *x)
{
    free(x->slots);
    free(x->pool);
    x->slots = NULL;
    x->pool = NULL;
}

static int grow_slots(Counts *x, size_t most)
{
    Entry *old = x->slots;
    const size_t count = (size_t)1 << x->slot_bits, mask = 2 * count - 1;
    if (counts_nbytes(x) + count * sizeof *old > most)
        return KERNEL_TOO_LARGE;
    Entry *slots = calloc(2 * count, sizeof *slots);
    if (!slots)
        return KERNEL_NO_MEMORY;
    x->slots = slots;
    x->slot_bits++;
    for (size_t i = 0; i < count; i++)
        if (old[i].key) {
            size_t at = counts_home(x, old[i].key);
            while (slots[at].key)
                at = (at + 1) & mask;
            slots[at] = old[i];
        }
    free(old);
    return KERNEL_OK;
}

static int grow_pool(Counts *x, size_t least, size_t most)
{
    const size_t others = counts_nbytes(x) - x->pool_room * sizeof *x->pool;
    size_t room = least + least / 2;
    if (others + room * sizeof *x->pool > most)
        room = least;
    if (others + room * sizeof *x->pool > most || room > UINT32_MAX)
        return KERNEL_TOO_LARGE;
    Cell *pool = realloc(x->pool, room * sizeof *pool);
    if (!pool)
        return KERNEL_NO_MEMORY;
    x->pool = pool;
    x->pool_room = room;
    return KERNEL_OK;
}

/* Reserve room to count one byte. Each of its strings and of their contexts may need a new
 * entry, and lists with less than four times as many cells as there are owners. */
static int reserve(Counts *x, size_t most)
{
    const size_t strings = 2 * (size_t)(x->order + 2);
    const size_t cells = x->pool_used + strings * 4 * (size_t)(x->classes + 1);
    int status = KERNEL_OK;
    if (8 * (x->entries + strings) > (size_t)5 << x->slot_bits)
        status = grow_slots(x, most);
    if (status == KERNEL_OK && cells > x->pool_room)
        status = grow_pool(x, cells, most);
    return status;
}

/* ---- cells that have become empty ---- */

/* Drop the cell of an owner if it is empty, and drop the entry with its last cell. Return
 * whether the count of the string is 0. */
static int drop_cell(Counts *x, uint64_t key, uint32_t owner)
{
    const size_t mask = ((size_t)1 << x->slot_bits) - 1;
    Entry *e = (Entry *)counts_find(x, key);
    Cell *cell = e ? find_cell(x, e, owner) : NULL;
    if (!cell || cell->count || cell->total)
        return !cell || !cell->count;
    Cell *list = x->pool + e->at;
    const size_t place = (size_t)(cell - list);
    e->held--;
    memmove(cell, cell + 1, (e->held - place) * sizeof *cell);
    if (e->held)
        return 1;
    give_list(x, e->at, e->room);
    x->entries--;
    /* Entries behind the free slot that a search would no longer find move up. */
    size_t hole = (size_t)(e - x->slots);
    for (size_t at = (hole + 1) & mask; x->slots[at].key; at = (at + 1) & mask)
        if (((at - counts_home(x, x->slots[at].key)) & mask) >= ((at - hole) & mask)) {
            x->slots[hole] = x->slots[at];
            hole = at;
        }
    x->slots[hole].key = 0;
    return 1;
}

/* ---- counting ---- */

/* A string of a text. */
typedef struct {
    uint64_t recent; /* its bytes; the last byte is the lowest, bytes before the string are above */
    unsigned size;
    unsigned marked; /* whether it begins with the mark */
} String;

/* Return the longest string that ends at byte i. */
static inline String longest(const Counts *x, uint64_t recent, size_t i)
{
    String s = {recent, i < x->order ? (unsigned)i + 1 : x->order + 1, i < x->order};
    return s;
}

/* A count before and after it changes. */
typedef struct {
    uint32_t was, now;
} Step;

static inline int turns(Step s)
{
    return (s.was > 0) != (s.now > 0);
}

static inline Step step(Cell *cell, int64_t by, int64_t *kinds)
{
    const Step s = {cell->count, (uint32_t)(cell->count + by)};
    cell->count = s.now;
    if (s.was >= 1 && s.was <= COUNTS_KINDS)
        kinds[s.was - 1]--;
    if (s.now >= 1 && s.now <= COUNTS_KINDS)
        kinds[s.now - 1]++;
    return s;
}

/* Update a context after the count of a string that is one byte longer has changed. */
static inline void follow(Cell *context, Step s, int64_t by)
{
    context->total = (uint32_t)(context->total + by);
    context->types = (uint16_t)(context->types + (s.now > 0) - (s.was > 0));
    context->once = (uint16_t)(context->once + (s.now == 1) - (s.was == 1));
    context->twice = (uint16_t)(context->twice + (s.now == 2) - (s.was == 2));
}

/* Change the count of a string that cannot be extended to the left, and those of its suffixes.
 * When the count of a string becomes 1 or 0, the string without its first symbol gains or loses
 * one preceding symbol. This is done for the owner and for all texts. A string that is new in
 * all texts is also new for its owner. With `held`, all cells exist already. Returns 0 if the
 * count would fall below 0. */
static int change(Counts *x, String s, uint32_t owner, int64_t by, int held)
{
    int64_t all = x->pooled ? by : 0;
    for (int first = 1;; first = 0) {
        const uint64_t key = counts_key(s.recent, s.size, s.marked);
        const unsigned symbols = s.size + s.marked;
        Entry *e = held ? (Entry *)counts_find(x, key) : make_entry(x, key);
        Cell *cell = !e ? NULL : held ? find_cell(x, e, owner) : make_cell(x, e, owner);
        if (!cell || cell->count + by < 0)
            return 0;
        const Step own = step(cell, by, x->kinds[1][symbols]);
        Step any = {0, 0};
        if (all)
            any = step(held ? find_cell(x, e, ALL_TEXTS) : make_cell(x, e, ALL_TEXTS), all,
                       x->kinds[0][symbols]);
        if (first)
            x->raw = x->raw + (own.was == 0) - (own.now == 0);
        const uint64_t before = counts_key(s.recent >> 8, s.size - 1, s.marked);
        e = held ? (Entry *)counts_find(x, before) : make_entry(x, before);
        follow(held ? find_cell(x, e, owner) : make_cell(x, e, owner), own, by);
        if (all)
            follow(held ? find_cell(x, e, ALL_TEXTS) : make_cell(x, e, ALL_TEXTS), any, all);
        if (!turns(own))
            return 1;
        if (s.marked)
            s.marked = 0;
        else if (--s.size == 0)
            return 1;
        by = own.now > 0 ? 1 : -1;
        all = all && turns(any) ? by : 0;
    }
}

/* Change the counts of the first bytes of a text, for its class and for all texts. Return the
 * number of bytes for which this was done. */
static size_t shift(Counts *x, const uint8_t *text, size_t size, uint32_t owner, int by,
                    Poll *poll)
{
    uint64_t recent = 0;
    for (size_t i = 0; i < size; i++) {
        recent = recent << 8 | text[i];
        if ((poll && poll_steps(poll, 20)) || !change(x, longest(x, recent, i), owner, by, 1))
            return i;
    }
    return size;
}

int counts_shift(Counts *x, const uint8_t *text, size_t size, int64_t label, int by, Poll *poll)
{
    const uint32_t owner = (uint32_t)label + 1;
    const size_t done = shift(x, text, size, owner, by, poll);
    if (done < size)
        shift(x, text, done, owner, -by, NULL);
    return done == size;
}

/* Drop the empty cells of the strings in the first bytes of a text. */
static void sweep(Counts *x, const uint8_t *text, size_t size, uint32_t owner)
{
    uint64_t recent = 0;
    for (size_t i = 0; i < size; i++) {
        recent = recent << 8 | text[i];
        for (String s = longest(x, recent, i);;) {
            if (!drop_cell(x, counts_key(s.recent, s.size, s.marked), owner))
                break; /* then the counts of its suffixes are above 0, too */
            if (s.marked)
                s.marked = 0;
            else if (--s.size == 0)
                break;
        }
    }
    drop_cell(x, counts_key(0, 0, 0), owner);
    drop_cell(x, counts_key(0, 0, 1), owner);
}

/* Remove the first bytes of a text, which were counted. */
static void take_back(Counts *x, const uint8_t *text, size_t size, uint32_t owner)
{
    shift(x, text, size, owner, -1, NULL);
    sweep(x, text, size, owner);
    if (x->pooled)
        sweep(x, text, size, ALL_TEXTS);
    x->bytes -= size;
}

/* Prefetch the slot of a string, and later its list. */
static inline void fetch_slot(const Counts *x, uint64_t recent, unsigned size)
{
    FETCH(&x->slots[counts_home(x, counts_key(recent, size, 0))]);
}

static inline void fetch_list(const Counts *x, uint64_t recent, unsigned size)
{
    const Entry *e = counts_find(x, counts_key(recent, size, 0));
    if (e) {
        FETCH(&x->pool[e->at]);
        FETCH(&x->pool[e->at + e->held - 1]);
    }
}

/* Count a text. The number of bytes that were counted is added to `done`. */
static int add_text(Counts *x, const uint8_t *text, size_t size, uint32_t owner, size_t most,
                    size_t *done, Poll *poll)
{
    uint64_t recent = 0, near = 0, far = 0;
    for (size_t i = 0; i < size; i++) {
        const int status = x->bytes == UINT32_MAX ? KERNEL_TOO_LARGE : reserve(x, most);
        if (status != KERNEL_OK)
            return status;
        if (i + FAR < size) {
            far = far << 8 | text[i + FAR];
            near = near << 8 | text[i + NEAR];
            fetch_slot(x, far, x->order + 1);
            fetch_slot(x, far, x->order);
            fetch_list(x, near, x->order + 1);
            fetch_list(x, near, x->order);
        }
        recent = recent << 8 | text[i];
        change(x, longest(x, recent, i), owner, 1, 0);
        x->bytes++;
        ++*done;
        if (poll_steps(poll, 20))
            return KERNEL_STOPPED;
    }
    return KERNEL_OK;
}

int counts_add(Counts *x, const Labelled *texts, size_t most, Poll *poll)
{
    const int64_t *o = texts->offsets;
    int status = KERNEL_OK;
    size_t j, done = 0;
    const uint32_t classes = x->classes;
    for (j = 0; j < texts->texts && status == KERNEL_OK; j++) {
        const uint32_t owner = (uint32_t)texts->classes[j] + 1;
        x->classes = owner > x->classes ? owner : x->classes;
        done = 0;
        status = add_text(x, texts->bytes + o[j], (size_t)(o[j + 1] - o[j]), owner, most, &done,
                          poll);
    }
    if (status == KERNEL_OK)
        return status;
    while (j-- > 0) { /* the last text was counted only in part */
        take_back(x, texts->bytes + o[j], done, (uint32_t)texts->classes[j] + 1);
        done = j > 0 ? (size_t)(o[j] - o[j - 1]) : 0;
    }
    x->classes = classes;
    return status;
}

int64_t counts_remove(Counts *x, const Labelled *texts, Poll *poll)
{
    const int64_t *o = texts->offsets;
    size_t j;
    for (j = 0; j < texts->texts; j++) {
        const size_t size = (size_t)(o[j + 1] - o[j]);
        if (!counts_shift(x, texts->bytes + o[j], size, texts->classes[j], -1, poll))
            break;
    }
    if (j < texts->texts) {
        const int64_t wrong = poll->stopped ? KERNEL_STOPPED : (int64_t)j;
        while (j-- > 0)
            counts_shift(x, texts->bytes + o[j], (size_t)(o[j + 1] - o[j]), texts->classes[j], 1,
                         NULL);
        return wrong;
    }
    for (j = 0; j < texts->texts; j++) {
        const size_t size = (size_t)(o[j + 1] - o[j]);
        sweep(x, texts->bytes + o[j], size, (uint32_t)texts->classes[j] + 1);
        if (x->pooled)
            sweep(x, texts->bytes + o[j], size, ALL_TEXTS);
        x->bytes -= size;
    }
    return (int64_t)texts->texts;
}

/* ---- export and import ---- */

/* Return whether a string with these symbols cannot be extended to the left. */
static int is_raw(const Counts *x, unsigned size, unsigned marked)
{
    return size > 0 && (marked ? size <= x->order : size == x->order + 1);
}

void counts_export(const Counts *x, int64_t *keys, int64_t *classes, int64_t *counts)
{
    size_t to = 0;
    for (size_t i = 0; i >> x->slot_bits == 0; i++) {
        const Entry *e = &x->slots[i];
        const unsigned tag = (unsigned)(e->key >> 56);
        if (!e->key || !is_raw(x, tag & 7, tag >> 3 & 1))
            continue;
        for (const Cell *cell = x->pool + e->at, *end = cell + e->held; cell < end; cell++)
            if (cell->owner != ALL_TEXTS && cell->count && to < x->raw) {
                keys[to] = (int64_t)e->key;
                classes[to] = cell->owner - 1;
                counts[to++] = cell->count;
            }
    }
}

int64_t counts_import(Counts *x, const int64_t *keys, const int64_t *classes,
                      const int64_t *counts, size_t items, size_t most, Poll *poll)
{
    for (size_t j = 0; j < items; j++) {
        const uint64_t key = (uint64_t)keys[j];
        const unsigned tag = (unsigned)(key >> 56);
        const String s = {key, tag & 7, tag >> 3 & 1};
        if (tag >> 4 != 1 || !is_raw(x, s.size, s.marked) ||
            counts_key(key, s.size, s.marked) != key || classes[j] < 0 ||
            classes[j] >= COUNTS_CLASSES || counts[j] < 1 ||
            (uint64_t)counts[j] > UINT32_MAX - x->bytes)
            return (int64_t)j;
        const uint32_t owner = (uint32_t)classes[j] + 1;
        const Entry *e = counts_find(x, key);
        const Cell *cell = e ? find_cell(x, e, owner) : NULL;
        if (cell && cell->count)
            return (int64_t)j;
        x->classes = owner > x->classes ? owner : x->classes;
        const int status = reserve(x, most);
        if (status != KERNEL_OK)
            return status;
        change(x, s, owner, counts[j], 0);
        x->bytes += (uint64_t)counts[j];
        if (poll_steps(poll, 20))
            return KERNEL_STOPPED;
    }
    return (int64_t)items;
}
