/* A query in suffix order, and what its matches with one text save together. */
#include "lz77_query.h"
#include "status.h"

#include <string.h>

int lz77_query_begin(Lz77Query *q, const uint8_t *bytes, size_t size, Poll *poll)
{
    memset(q, 0, sizeof *q);
    q->bytes = bytes;
    q->size = (uint32_t)size;
    q->order = malloc((3 * size + 1) * sizeof *q->order); /* with room to make it */
    q->shared = malloc(size + 1);
    if (!q->order || !q->shared)
        return KERNEL_NO_MEMORY;
    suffix_order(bytes, q->size, q->order, q->order + q->size, poll);
    if (!poll->stopped)
        shared_prefixes(bytes, q->size, q->order, q->shared, poll);
    return poll_steps(poll, size) ? KERNEL_STOPPED : KERNEL_OK;
}

void lz77_query_end(Lz77Query *q)
{
    free(q->order);
    free(q->shared);
    free(q->matches);
}

int64_t lz77_best_matches(const uint32_t *bits, uint32_t match, Match *matches, size_t count,
                          Poll *poll)
{
    int64_t best = 0, best_apart = 0;
    size_t apart = 0; /* matches that end before this one begins */
    for (size_t i = 0; i < count; i++) {
        uint32_t begin = matches[i].begin, end = matches[i].end;
        for (; matches[apart].end <= begin; apart++)
            if (matches[apart].saved > best_apart)
                best_apart = matches[apart].saved;
        int64_t saved = best_apart + (uint32_t)(bits[end] - bits[begin]);
        for (size_t j = apart; j < i; j++) {
            int64_t after = matches[j].saved + (uint32_t)(bits[end] - bits[matches[j].end]);
            saved = after > saved ? after : saved;
        }
        matches[i].saved = saved - match;
        best = matches[i].saved > best ? matches[i].saved : best;
        if (poll_steps(poll, i - apart))
            break;
    }
    return best;
}
