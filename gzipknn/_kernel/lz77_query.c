/* The suffixes of a query in order, and the total savings of its matches with one text. */
#include "lz77_query.h"
#include "status.h"

#include <string.h>

int lz77_query_begin(Lz77Query *q, const uint8_t *bytes, size_t size, Poll *poll)
{
    memset(q, 0, sizeof *q);
    q->bytes = bytes;
    q->size = (uint32_t)size;
    q->order = malloc((3 * size + 1) * sizeof *q->order); /* suffix_order needs the extra room */
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

/* Return whether `a` is better than `b`: it saves more bits, or as many bits of more worth. */
static inline int is_better(Saving a, Saving b)
{
    return a.saved > b.saved || (a.saved == b.saved && a.worth > b.worth);
}

/* Add a match from `begin` to `end` to the matches before it. If the sum is better than `most`,
 * store it there. */
static inline void try_match(Before before, uint32_t match, Saving others, uint32_t begin,
                             uint32_t end, Saving *most)
{
    const uint32_t *from = before.bits + (size_t)begin * before.step;
    const uint32_t *to = before.bits + (size_t)end * before.step;
    const uint32_t replaced = to[0] - from[0];
    const int64_t saved = (int64_t)replaced - match;
    others.saved += saved;
    if (others.saved < most->saved)
        return;
    if (before.step == 2 && saved > 0) /* matches that save nothing are never among the best */
        others.worth += (int64_t)((uint64_t)saved * (uint32_t)(to[1] - from[1]) / replaced);
    if (is_better(others, *most))
        *most = others;
}

int64_t lz77_best_matches(Before before, uint32_t match, Match *matches, size_t count, Poll *poll)
{
    Saving best = {0, 0}, best_apart = {0, 0};
    size_t apart = 0; /* the number of matches that end before this one begins */
    for (size_t i = 0; i < count; i++) {
        const uint32_t begin = matches[i].begin, end = matches[i].end;
        for (; matches[apart].end <= begin; apart++)
            if (is_better(matches[apart].saving, best_apart))
                best_apart = matches[apart].saving;
        Saving most = {INT64_MIN, 0};
        try_match(before, match, best_apart, begin, end, &most);
        for (size_t j = apart; j < i; j++)
            try_match(before, match, matches[j].saving, matches[j].end, end, &most);
        matches[i].saving = most;
        if (is_better(most, best))
            best = most;
        if (poll_steps(poll, i - apart))
            break;
    }
    return before.step == 2 ? best.worth : best.saved;
}
