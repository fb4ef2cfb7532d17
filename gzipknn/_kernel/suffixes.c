/* Sorted suffixes: counting sort by their first bytes, then three-way radix quicksort (Bentley and
 * Sedgewick 1997) of those that agree there. Also the longest earlier occurrence of what begins at
 * each position (Crochemore and Ilie 2008). */
#include "suffixes.h"
#include "prefix.h"

enum {
    HEAD = 4,   /* bytes by which the counting sort orders */
    FEW = 128   /* with fewer suffixes, the counting sort does not pay */
};

/* Return the byte at a depth plus 1, or 0 after the end. */
static inline int byte_at(const uint8_t *s, uint32_t size, uint32_t position, uint32_t depth)
{
    return depth < size - position ? s[position + depth] + 1 : 0;
}

static inline void swap(uint32_t *order, uint32_t i, uint32_t j)
{
    uint32_t t = order[i];
    order[i] = order[j];
    order[j] = t;
}

static int median(int a, int b, int c)
{
    if (a > b) {
        int t = a;
        a = b;
        b = t;
    }
    return c < a ? a : c > b ? b : c;
}

/* Order the suffixes in [begin, end), which agree in their first `depth` bytes. The loop continues
 * with the largest of the three parts, so the recursion is shallow. */
static void sort(const uint8_t *s, uint32_t size, uint32_t *order, uint32_t begin, uint32_t end,
                 uint32_t depth, Poll *poll)
{
    while (end - begin > 1 && depth < REPEAT_MAX && !poll_steps(poll, end - begin)) {
        int pivot = median(byte_at(s, size, order[begin], depth),
                           byte_at(s, size, order[begin + (end - begin) / 2], depth),
                           byte_at(s, size, order[end - 1], depth));
        uint32_t low = begin, high = end;
        for (uint32_t i = begin; i < high;) {
            int byte = byte_at(s, size, order[i], depth);
            if (byte < pivot)
                swap(order, low++, i++);
            else if (byte > pivot)
                swap(order, i, --high);
            else
                i++;
        }
        /* If the pivot is 0, its part has at most one suffix, which ends here. */
        uint32_t less = low - begin, more = end - high, same = pivot ? high - low : 0;
        if (same >= less && same >= more) {
            sort(s, size, order, begin, low, depth, poll);
            sort(s, size, order, high, end, depth, poll);
            begin = low;
            end = high;
            depth++;
            continue;
        }
        if (same)
            sort(s, size, order, low, high, depth + 1, poll);
        if (less >= more) {
            sort(s, size, order, high, end, depth, poll);
            end = low;
        } else {
            sort(s, size, order, begin, low, depth, poll);
            begin = high;
        }
    }
}

/* Order all suffixes by their first HEAD bytes, with a pass for each byte from the last to the
 * first. The bytes after the end are zeros. */
static void sort_heads(const uint8_t *s, uint32_t size, uint32_t *order, uint32_t *room,
                       Poll *poll)
{
    uint32_t counts[256] = {0};
    uint32_t *from = order, *to = room;
    for (uint32_t i = 0; i < size; i++) {
        counts[s[i]]++;
        order[i] = i;
        if (poll_at(poll, i))
            return;
    }
    /* At depth d, the first d bytes of the text do not count, and d suffixes have ended. */
    for (uint32_t depth = HEAD; depth-- > 0;) {
        uint32_t place[256], sum = 0, n[256];
        memcpy(n, counts, sizeof n);
        for (uint32_t d = 0; d < depth; d++) {
            n[s[d]]--;
            n[0]++;
        }
        for (int byte = 0; byte < 256; byte++) {
            place[byte] = sum;
            sum += n[byte];
        }
        for (uint32_t r = 0; r < size; r++) {
            to[place[s[from[r] + depth]]++] = from[r];
            if (poll_at(poll, r))
                return;
        }
        uint32_t *t = from;
        from = to;
        to = t;
    }
}

void suffix_order(const uint8_t *s, uint32_t size, uint32_t *order, uint32_t *room, Poll *poll)
{
    if (size < FEW) {
        for (uint32_t i = 0; i < size; i++)
            order[i] = i;
        sort(s, size, order, 0, size, 0, poll);
        return;
    }
    /* This sorts a copy, because Python may write to the bytes between two passes. */
    uint8_t *copy = (uint8_t *)(room + size);
    memcpy(copy, s, size);
    memset(copy + size, 0, HEAD);
    sort_heads(copy, size, order, room, poll);
    if (poll->stopped)
        return;
    for (uint32_t begin = 0, end = 1; begin < size; begin = end++) {
        const uint8_t *head = copy + order[begin];
        uint32_t depth = order[begin] > size - HEAD ? 0 : HEAD;
        for (; end < size && memcmp(copy + order[end], head, HEAD) == 0; end++)
            if (order[end] > size - HEAD)
                depth = 0; /* a zero in its head may be after its end */
        sort(s, size, order, begin, end, depth, poll);
        if (poll_steps(poll, end - begin))
            return;
    }
}

void shared_prefixes(const uint8_t *s, uint32_t size, const uint32_t *order, uint8_t *shared,
                     Poll *poll)
{
    shared[0] = shared[size] = 0;
    for (uint32_t r = 1; r < size; r++) {
        uint32_t a = order[r - 1], b = order[r], later = a > b ? a : b;
        uint32_t most = size - later < REPEAT_MAX ? size - later : REPEAT_MAX;
        shared[r] = (uint8_t)common_prefix(s + a, s + b, (int)most);
        if (poll_at(poll, r))
            return;
    }
}

void longest_repeats(uint32_t size, const uint32_t *order, uint8_t *shared, uint32_t *room,
                     uint8_t *longest, Poll *poll)
{
    uint32_t *rank = room, *before = room + size, *after = before + size;
    for (uint32_t r = 0; r < size; r++) {
        rank[order[r]] = r;
        before[r] = r - 1; /* wraps at 0, where `shared` is 0 */
        after[r] = r + 1;
        if (poll_at(poll, r))
            return;
    }
    /* Positions are removed from the order, the last one first. The positions that are left begin
     * earlier, so the longest repeat is shared with a neighbour in the order. */
    for (uint32_t position = size; position-- > 0;) {
        uint32_t r = rank[position], next = after[r], last = before[r];
        uint8_t with_last = shared[r], with_next = shared[next];
        longest[position] = with_last > with_next ? with_last : with_next;
        shared[next] = with_last < with_next ? with_last : with_next;
        if (next < size)
            before[next] = last;
        if (last < size)
            after[last] = next;
        if (poll_at(poll, position))
            return;
    }
}
