/* A text by itself: the cost of each of its bytes, and the keys at its positions. */
#include "lz77.h"

#include <stdlib.h>

/* ---- the cost of its bytes ---- */

int lz77_own(const uint8_t *bytes, const int64_t *offsets, size_t texts, const uint16_t *literal,
             uint32_t copy, uint16_t *own, Poll *poll)
{
    size_t longest = 0;
    int status = KERNEL_NO_MEMORY;
    for (size_t j = 0; j < texts; j++) {
        size_t size = (size_t)(offsets[j + 1] - offsets[j]);
        longest = size > longest ? size : longest;
    }
    uint32_t *order = malloc((longest + 1) * sizeof *order);
    uint32_t *room = malloc((3 * longest + 1) * sizeof *room);
    uint8_t *shared = malloc(longest + 1);
    uint8_t *repeat = malloc(longest + 1);
    uint64_t *cost = malloc((longest + 1) * sizeof *cost);
    if (!order || !room || !shared || !repeat || !cost)
        goto done;
    for (size_t j = 0; j < texts; j++) {
        const uint8_t *s = bytes + offsets[j];
        const uint16_t *alone = literal + offsets[j];
        uint16_t *out = own + offsets[j];
        uint32_t size = (uint32_t)(offsets[j + 1] - offsets[j]);
        suffix_order(s, size, order, room, poll);
        if (!poll->stopped)
            shared_prefixes(s, size, order, shared, poll);
        if (!poll->stopped)
            longest_repeats(size, order, shared, room, repeat, poll);
        if (poll_steps(poll, size))
            goto stopped;
        /* The cost of the cheapest way from each position to the end. */
        cost[size] = 0;
        for (uint32_t i = size; i-- > 0;) {
            uint64_t by_literal = alone[i] + cost[i + 1], by_copy = copy + cost[i + repeat[i]];
            if (repeat[i] == 0 || by_literal <= by_copy)
                repeat[i] = 0;
            cost[i] = repeat[i] ? by_copy : by_literal;
            if (poll_at(poll, i))
                goto stopped;
        }
        for (uint32_t i = 0; i < size;) {
            uint32_t length = repeat[i];
            if (length == 0) {
                out[i] = alone[i];
                i++;
                continue;
            }
            for (uint32_t n = 0; n < length; n++)
                out[i + n] = (uint16_t)(copy * (n + 1) / length - copy * n / length);
            i += length;
        }
    }
    status = KERNEL_OK;
stopped:
    if (poll->stopped)
        status = KERNEL_STOPPED;
done:
    free(order);
    free(room);
    free(shared);
    free(repeat);
    free(cost);
    return status;
}

/* ---- its keys ---- */

void lz77_keys(const uint32_t *bits, size_t size, uint32_t match, uint8_t *lengths, Poll *poll)
{
    size_t end = 0;
    for (size_t i = 0; i < size; i++) {
        if (end < i)
            end = i;
        while (end < size && end - i < REPEAT_MAX && bits[end] - bits[i] <= match)
            end++;
        lengths[i] = bits[end] - bits[i] > match ? (uint8_t)(end - i) : 0;
        if (poll_at(poll, i))
            return;
    }
}

int lz77_key_sizes(const int64_t *offsets, size_t texts, const uint16_t *own, uint32_t match,
                   uint8_t *sizes, Poll *poll)
{
    size_t longest = 0;
    for (size_t j = 0; j < texts; j++) {
        size_t size = (size_t)(offsets[j + 1] - offsets[j]);
        longest = size > longest ? size : longest;
    }
    uint32_t *bits = malloc((longest + 1) * sizeof *bits);
    if (!bits)
        return KERNEL_NO_MEMORY;
    for (size_t j = 0; j < texts; j++) {
        const uint16_t *cost = own + offsets[j];
        const size_t size = (size_t)(offsets[j + 1] - offsets[j]);
        bits[0] = 0;
        for (size_t i = 0; i < size; i++)
            bits[i + 1] = bits[i] + cost[i];
        lz77_keys(bits, size, match, sizes + offsets[j], poll);
        if (poll_steps(poll, size))
            break;
    }
    free(bits);
    return poll->stopped ? KERNEL_STOPPED : KERNEL_OK;
}
