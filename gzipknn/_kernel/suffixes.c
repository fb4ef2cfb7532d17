/* Suffixes in order, by three-way radix quicksort (Bentley and Sedgewick 1997),
 * and the longest earlier occurrence of each (Crochemore and Ilie 2008). */
#include "suffixes.h"
#include "prefix.h"

/* The byte at a depth, from 1 on; 0 behind the end. */
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

/* Order [begin, end), whose suffixes agree in the first `depth` bytes. Of the
 * three parts the largest is gone on with, so the recursion is shallow. */
static void sort(const uint8_t *s, uint32_t size, uint32_t *order, uint32_t begin, uint32_t end,
                 uint32_t depth)
{
    while (end - begin > 1 && depth < REPEAT_MAX) {
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
        /* At most one suffix ends here: nothing to order there. */
        uint32_t less = low - begin, more = end - high, same = pivot ? high - low : 0;
        if (same >= less && same >= more) {
            sort(s, size, order, begin, low, depth);
            sort(s, size, order, high, end, depth);
            begin = low;
            end = high;
            depth++;
            continue;
        }
        if (same)
            sort(s, size, order, low, high, depth + 1);
        if (less >= more) {
            sort(s, size, order, high, end, depth);
            end = low;
        } else {
            sort(s, size, order, begin, low, depth);
            begin = high;
        }
    }
}

void suffix_order(const uint8_t *s, uint32_t size, uint32_t *order)
{
    for (uint32_t i = 0; i < size; i++)
        order[i] = i;
    sort(s, size, order, 0, size, 0);
}

void shared_prefixes(const uint8_t *s, uint32_t size, const uint32_t *order, uint8_t *shared)
{
    shared[0] = shared[size] = 0;
    for (uint32_t r = 1; r < size; r++) {
        uint32_t a = order[r - 1], b = order[r], later = a > b ? a : b;
        uint32_t most = size - later < REPEAT_MAX ? size - later : REPEAT_MAX;
        shared[r] = (uint8_t)common_prefix(s + a, s + b, (int)most);
    }
}

void longest_repeats(uint32_t size, const uint32_t *order, uint8_t *shared, uint32_t *room,
                     uint8_t *longest)
{
    uint32_t *rank = room, *before = room + size, *after = before + size;
    for (uint32_t r = 0; r < size; r++) {
        rank[order[r]] = r;
        before[r] = r - 1; /* wraps at 0, where `shared` is 0 */
        after[r] = r + 1;
    }
    /* From the last position on, each leaves the order behind itself: what is
     * left begins earlier, and the longest repeat is that of a neighbour. */
    for (uint32_t position = size; position-- > 0;) {
        uint32_t r = rank[position], next = after[r], last = before[r];
        uint8_t with_last = shared[r], with_next = shared[next];
        longest[position] = with_last > with_next ? with_last : with_next;
        shared[next] = with_last < with_next ? with_last : with_next;
        if (next < size)
            before[next] = last;
        if (last < size)
            after[last] = next;
    }
}
