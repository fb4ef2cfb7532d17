/* The longest match at each position of a text. The match within the text is known. The match in
 * the query is one look-up, except for a few positions, which are searched here. */
#include "matches.h"
#include "prefix.h"

void look_up(Workspace *w, size_t text)
{
    const Index *ix = w->ix;
    const size_t start = ix->start[text], size = text_size(ix, text);
    const uint8_t *s = ix->bytes + start;
    const uint32_t *own = ix->own + start, *reach = w->reach;
    const uint16_t *context = ix->context + start;
    uint32_t *longest = w->longest;
    for (size_t i = 0; i < size; i++) {
        uint32_t a = own[i], b = reach[context[i]];
        longest[i] = a > b ? a : b;
    }
    longest[size] = 0;
    if (ix->lead == 1)
        for (size_t k = ix->echo_start[text]; k < ix->echo_start[text + 1]; k++) {
            size_t e = ix->echo[k] - 1u;
            longest[e] |= (uint32_t)(s[e] == w->joint[w->query - 1]) * OPEN_END;
        }
    if (longest[0] >= OPEN_END)
        longest[0] = settle(w, text, 0, longest[0]);
}

/* Return the longer of two matches with the query, or the nearer one if they are equally long. */
static inline uint32_t better(uint32_t best, uint32_t length, uint32_t back)
{
    uint32_t found = length << LENGTH_SHIFT | back, known = best >> LENGTH_SHIFT;
    if (length < MIN_MATCH || length < known || (length == known && found >= best))
        return best;
    return found;
}

/* Return the best match at s on one list of query positions, or 0 if none is longer than the known
 * match and near enough. */
static uint32_t search_list(const Workspace *w, const uint8_t *s, size_t p, const uint16_t *next,
                            uint32_t farthest, uint32_t known, int most, int *steps)
{
    int best = (int)(known >> LENGTH_SHIFT);
    size_t where = 0;
    if (best < MIN_MATCH - 1)
        best = MIN_MATCH - 1;
    for (; p != 0 && best < most && *steps > 0; p = next[p], --*steps) {
        const uint8_t *match = w->joint + p;
        if (w->query - p > farthest)
            break;
        if (match[best] != s[best])
            continue;
        int length = common_prefix(match, s, most);
        if (length > best) {
            best = length;
            where = p;
        }
    }
    return where == 0 ? 0 : (uint32_t)best << LENGTH_SHIFT | (uint32_t)(w->query - where);
}

uint32_t settle(Workspace *w, size_t text, size_t i, uint32_t flags)
{
    const Index *ix = w->ix;
    const size_t size = text_size(ix, text), start = ix->start[text];
    const uint8_t *s = w->joint + w->query + i;
    const uint32_t own = ix->own[start + i], farthest = (uint32_t)(MAX_DISTANCE - 1 - i);
    const int most = size - i < MAX_MATCH ? (int)(size - i) : MAX_MATCH;
    uint32_t node = ix->context[start + i], word = w->reach[node], best = word & ~UNSETTLED;
    const int may_open = ((word | flags) & OPEN_END) != 0;
    int steps = ix->effort->chain;
    if (most < MIN_MATCH)
        return 0;
    if ((best & WHERE) > farthest) {
        /* All longer matches are too far, too. */
        word = 0;
        while ((best & WHERE) > farthest && best > own) {
            node = ix->parent[node];
            best = w->reach[node] & ~UNSETTLED;
        }
        if (best <= own)
            best = 0;
    }
    if (word & CUT_OFF) {
        const int depth = (int)(ix->shorter[node] & DEPTH_MASK);
        const uint32_t known = own > best ? own : best;
        uint32_t found = 0;
        if (depth < MIN_MATCH - 1)
            found = search_list(w, s, w->head[hash3(s)], w->prev, farthest, known, most, &steps);
        else if (depth < most)
            found = search_list(w, s, w->slots[slot_of(w, node, s[depth])], w->same, farthest, known,
                                most, &steps);
        poll_steps(w->poll, (size_t)(ix->effort->chain - steps));
        if (steps == 0)
            return search_back(w, text, i, ix->effort->chain);
        best = found ? found : best;
    }
    if (may_open) {
        for (int k = 0; k < w->opens; k++) {
            size_t p = w->open[k];
            if (w->joint[p] != s[0])
                continue;
            if (w->query - p > farthest)
                break;
            uint32_t n = (uint32_t)common_prefix(w->joint + p, s, most);
            best = better(best, n, (uint32_t)(w->query - p));
        }
    }
    best = own > best ? own : best;
    if (best == 0 && w->query + i > MAX_DISTANCE && i < MAX_DISTANCE && is_at_farthest(s))
        return search_back(w, text, i, 1);
    if (w->limited && !(best & OWN))
        return match_within(w, text, i, best, ix->effort->chain);
    return best;
}
