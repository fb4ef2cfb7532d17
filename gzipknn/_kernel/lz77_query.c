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

static Saving better(Saving a, Saving b)
{
    return a.saved > b.saved || (a.saved == b.saved && a.worth >= b.worth) ? a : b;
}

/* What is saved up to the end of a match from `begin` on that follows others. */
static Saving add_match(const uint32_t *bits, const uint32_t *worth, uint32_t match, Saving before,
                        uint32_t begin, uint32_t end)
{
    const uint32_t replaced = bits[end] - bits[begin];
    const int64_t saved = (int64_t)replaced - match;
    before.saved += saved;
    if (worth && saved > 0) /* others are never among the best */
        before.worth += saved * (int64_t)(uint32_t)(worth[end] - worth[begin]) / replaced;
    return before;
}

int64_t lz77_best_matches(const uint32_t *bits, const uint32_t *worth, uint32_t match,
                          Match *matches, size_t count, Poll *poll)
{
    Saving best = {0, 0}, best_apart = {0, 0};
    size_t apart = 0; /* matches that end before this one begins */
    for (size_t i = 0; i < count; i++) {
        const uint32_t begin = matches[i].begin, end = matches[i].end;
        for (; matches[apart].end <= begin; apart++)
            best_apart = better(best_apart, matches[apart].saving);
        Saving most = add_match(bits, worth, match, best_apart, begin, end);
        for (size_t j = apart; j < i; j++)
            most = better(most, add_match(bits, worth, match, matches[j].saving, matches[j].end, end));
        matches[i].saving = most;
        best = better(best, most);
        if (poll_steps(poll, i - apart))
            break;
    }
    return worth ? best.worth : best.saved;
}
