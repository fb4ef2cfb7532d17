/* A query against some texts without an index. Each text is read, and a filter of the query's
 * strings rules out most of its keys by their first bytes. */
#include "lz77.h"
#include "hashes.h"

#include <stdlib.h>
#include <string.h>

enum { FOUR = 4, EIGHT = 8 };

/* The first byte is the lowest on all machines. Compilers turn this into one load. */
static inline uint32_t load_four(const uint8_t *s)
{
    return (uint32_t)s[0] | (uint32_t)s[1] << 8 | (uint32_t)s[2] << 16 | (uint32_t)s[3] << 24;
}

static inline uint64_t load_eight(const uint8_t *s)
{
    return (uint64_t)load_four(s) | (uint64_t)load_four(s + FOUR) << 32;
}

/* Return the bit of the filter for a key of `size` bytes that begins with these eight bytes. */
static inline uint32_t filter_bit(const Lz77Filter *l, uint64_t eight, uint32_t size)
{
    return (uint32_t)(((eight & l->mask[size]) + l->salt[size]) * MULTIPLIER >>
                      (64 - l->filter_bits));
}

static uint32_t slot_of(const Lz77Filter *l, uint32_t four)
{
    return four * 0x9E3779B1u >> (32 - l->slot_bits);
}

void lz77_filter_end(Lz77Filter *l)
{
    free(l->slots);
    free(l->rank);
    free(l->filter);
}

int lz77_filter_begin(Lz77Filter *l, const Lz77Query *q, Poll *poll)
{
    memset(l, 0, sizeof *l);
    l->slot_bits = 8;
    while ((size_t)1 << l->slot_bits < 2 * (size_t)q->size)
        l->slot_bits++;
    l->filter_bits = 14;
    while (l->filter_bits < 24 && (size_t)1 << l->filter_bits < 16 * EIGHT * (size_t)q->size)
        l->filter_bits++;
    l->slots = calloc((size_t)1 << l->slot_bits, sizeof *l->slots);
    l->rank = malloc(((size_t)q->size + 1) * sizeof *l->rank);
    l->filter = calloc((size_t)1 << (l->filter_bits - 6), sizeof *l->filter);
    if (!l->slots || !l->rank || !l->filter)
        return KERNEL_NO_MEMORY;
    for (uint32_t r = 0; r < q->size; r++)
        l->rank[q->order[r]] = r;
    for (uint32_t r = 0; r < q->size;) {
        uint32_t first = r++;
        if (q->size - q->order[first] < FOUR)
            continue;
        while (q->shared[r] >= FOUR) /* 0 at the end */
            r++;
        uint32_t four = load_four(q->bytes + q->order[first]), at = slot_of(l, four);
        while (l->slots[at].end != 0)
            at = (at + 1) & ((1u << l->slot_bits) - 1);
        l->slots[at].bytes = four;
        l->slots[at].first = first;
        l->slots[at].end = r;
        if (poll_steps(poll, r - first))
            return KERNEL_STOPPED;
    }
    for (uint32_t size = 1; size <= REPEAT_MAX; size++) {
        const uint32_t first = size < EIGHT ? size : EIGHT;
        l->mask[size] = first == EIGHT ? UINT64_MAX : ((uint64_t)1 << 8 * first) - 1;
        l->salt[size] = (uint64_t)first << 59;
    }
    for (uint32_t i = 0; i < q->size; i++) {
        uint8_t head[EIGHT] = {0};
        const uint32_t most = q->size - i < EIGHT ? q->size - i : EIGHT;
        memcpy(head, q->bytes + i, most);
        const uint64_t eight = load_eight(head);
        for (uint32_t size = 1; size <= most; size++) {
            const uint32_t bit = filter_bit(l, eight, size);
            l->filter[bit >> 6] |= (uint64_t)1 << (bit & 63);
        }
        if (poll_at(poll, i))
            return KERNEL_STOPPED;
    }
    return KERNEL_OK;
}

static const Ranks *find_ranks(const Lz77Filter *l, const uint8_t *s)
{
    uint32_t four = load_four(s), at = slot_of(l, four);
    for (; l->slots[at].end != 0; at = (at + 1) & ((1u << l->slot_bits) - 1))
        if (l->slots[at].bytes == four)
            return &l->slots[at];
    return NULL;
}

static inline uint32_t lowest_bit(uint64_t word)
{
#ifdef __GNUC__
    return (uint32_t)__builtin_ctzll(word);
#else
    uint32_t bit = 0;
    while (!(word >> bit & 1))
        bit++;
    return bit;
#endif
}

/* Return a bit for each of up to 64 positions from `first` on: whether its key may occur in the
 * query. */
static uint64_t keys_there(const Lz77Filter *l, const Lz77Text *t, uint32_t first)
{
    const uint32_t end = t->size - first < 64 ? t->size : first + 64;
    uint64_t there = 0;
    for (uint32_t p = first; p < end; p++) {
        uint64_t eight;
        if (t->size - p >= EIGHT) {
            eight = load_eight(t->bytes + p);
        } else {
            uint8_t tail[EIGHT] = {0};
            memcpy(tail, t->bytes + p, t->size - p);
            eight = load_eight(tail);
        }
        const uint32_t size = t->sizes[p], bit = filter_bit(l, eight, size);
        there |= (l->filter[bit >> 6] >> (bit & 63) & (size != 0)) << (p - first);
    }
    return there;
}

/* Note the matches of a text, as measure_matches does. Write the sums of Before to `bits`, but
 * only for positions in matches. */
static int scan_matches(Lz77Query *q, const Lz77Filter *l, const Lz77Text *t, uint32_t *bits,
                        Poll *poll)
{
    uint32_t end = 0;                             /* the end of the last match that was noted */
    uint32_t seen = 0, seen_end = 0, seen_at = 0; /* the last match that was found, also in the query */
    const uint32_t step = t->worth ? 2 : 1;
    bits[0] = bits[1] = 0;
    for (uint32_t first = 0; first < t->size; first += 64) {
        if (poll_steps(poll, 64))
            return KERNEL_STOPPED;
        for (uint64_t there = keys_there(l, t, first); there != 0; there &= there - 1) {
            const uint32_t p = first + lowest_bit(there);
            const uint32_t left = t->size - p < REPEAT_MAX ? t->size - p : REPEAT_MAX;
            /* This is read once and then checked, because Python may have written to it. */
            uint32_t size = *(const volatile uint8_t *)(t->sizes + p);
            size = size < left ? size : left;
            if (size == 0)
                continue;
            uint32_t low = 0, high = q->size, where, length;
            if (p < seen_end) {
                /* If the rest of that match occurs only once in the query, it cannot be extended. */
                uint32_t rank = l->rank[seen_at + (p - seen)], rest = seen_end - p;
                if (q->shared[rank] < rest && q->shared[rank + 1] < rest)
                    continue;
            }
            if (size >= FOUR) {
                const Ranks *ranks = find_ranks(l, t->bytes + p);
                if (!ranks)
                    continue;
                low = ranks->first;
                high = ranks->end;
            }
            length = longest_match(q, low, high, t->bytes + p, left, &where);
            poll_steps(poll, SEARCH_STEPS);
            if (length > 0 && length < REPEAT_MAX) {
                seen = p;
                seen_end = p + length;
                seen_at = q->order[where];
            }
            if (length < size || p + length <= end)
                continue;
            uint32_t from = end;
            if (p > end) {
                memcpy(bits + (size_t)p * step, bits + (size_t)end * step, step * sizeof *bits);
                from = p;
            }
            uint32_t *before = bits + (size_t)from * step;
            for (uint32_t i = from; i < p + length; i++, before += step) {
                before[step] = before[0] + t->own[i];
                if (t->worth)
                    before[step + 1] = before[1] + t->worth[i];
            }
            end = p + length;
            if (!note_match(q, p, end))
                return KERNEL_NO_MEMORY;
        }
    }
    return KERNEL_OK;
}

int lz77_scan(Lz77Query *q, const Lz77Filter *l, const Lz77Text *text, uint32_t match, uint32_t *room,
              int64_t *saved, Poll *poll)
{
    q->match_count = 0;
    int status = scan_matches(q, l, text, room, poll);
    if (status != KERNEL_OK)
        return status;
    *saved = lz77_best_matches((Before){room, text->worth ? 2 : 1}, match, q->matches, q->match_count,
                               poll);
    return poll->stopped ? KERNEL_STOPPED : KERNEL_OK;
}

int lz77_pairs(const Lz77Text *texts, size_t count, uint32_t match, const uint8_t *query,
               size_t size, int64_t *savings, Poll *poll)
{
    Lz77Query q;
    Lz77Filter l = {.slots = NULL, .rank = NULL, .filter = NULL};
    uint32_t *bits = NULL;
    size_t longest = 0;
    for (size_t i = 0; i < count; i++)
        longest = texts[i].size > longest ? texts[i].size : longest;
    int status = lz77_query_begin(&q, query, size, poll);
    if (status == KERNEL_OK)
        status = lz77_filter_begin(&l, &q, poll);
    if (status == KERNEL_OK && !(bits = malloc((longest + 1) * 2 * sizeof *bits)))
        status = KERNEL_NO_MEMORY;
    for (size_t i = 0; i < count && status == KERNEL_OK; i++)
        status = lz77_scan(&q, &l, &texts[i], match, bits, &savings[i], poll);
    free(bits);
    lz77_filter_end(&l);
    lz77_query_end(&q);
    return status;
}
