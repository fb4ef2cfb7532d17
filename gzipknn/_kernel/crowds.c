/* Searches with a limited number of candidates. If hash chains are longer than the search follows
 * them, a match in the tables may be too far down its chain. */
#include "matches.h"
#include "prefix.h"

#include <string.h>

/* Number the text's positions up to i on their chains. */
static void number_text(Workspace *w, size_t size, size_t i)
{
    const uint8_t *s = w->joint + w->query;
    size_t j = w->numbered;
    for (; j <= i && j + MIN_MATCH <= size; j++)
        w->text_number[j] = w->text_crowds[hash3(s + j)]++;
    poll_steps(w->poll, j - w->numbered);
    w->numbered = j;
}

/* Put the text's positions up to i on hash chains. */
static void chain_text(Workspace *w, size_t size, size_t i)
{
    const uint8_t *s = w->joint + w->query;
    size_t j = w->chained;
    for (; j <= i && j + MIN_MATCH <= size; j++) {
        const uint32_t h = hash3(s + j);
        const size_t back = w->text_head[h] ? j + 1 - w->text_head[h] : 0;
        w->link[j] = (uint16_t)(back > MAX_DISTANCE ? 0 : back);
        w->text_head[h] = (uint32_t)(j + 1);
    }
    poll_steps(w->poll, j - w->chained);
    w->chained = j;
}

void forget_text(Workspace *w)
{
    if (w->numbered)
        memset(w->text_crowds, 0, HASH_SIZE * sizeof *w->text_crowds);
    if (w->chained)
        memset(w->text_head, 0, HASH_SIZE * sizeof *w->text_head);
    w->numbered = w->chained = 0;
}

/* Return the hash of the string that begins in the query and ends in the text, or HASH_SIZE if
 * there is none. */
static uint32_t hash_between(const Workspace *w, size_t size)
{
    return w->end == w->query + 1 && size >= 2 ? hash3(w->joint + w->query - 1) : HASH_SIZE;
}

/* Return how far down its chain a match is that begins `back` bytes before text position i. */
static unsigned rank_of(Workspace *w, size_t size, size_t i, size_t back)
{
    const uint32_t h = hash3(w->joint + w->query + i);
    number_text(w, size, i);
    if (back <= i)
        return (uint16_t)(w->text_number[i] - w->text_number[i - back]);
    const size_t p = w->query + i - back;
    const unsigned before = w->text_number[i] + (unsigned)(hash_between(w, size) == h);
    return p + MIN_MATCH > w->end ? before : before + w->crowds[h] - w->number[p] + 1u;
}

typedef struct {
    const uint8_t *s;
    int most, left, is_first, is_window_start;
    int best;
    size_t dist;
} Hunt;

/* Look at one more candidate. Return 0 if it is the last. */
static inline int look_at(Hunt *f, size_t dist)
{
    if (dist >= MAX_DISTANCE && (dist > MAX_DISTANCE || !f->is_first || f->is_window_start))
        return 0;
    f->is_first = 0;
    const uint8_t *match = f->s - dist;
    if (match[f->best] == f->s[f->best]) {
        int length = common_prefix(match, f->s, f->most);
        if (length > f->best) {
            f->best = length;
            f->dist = dist;
            if (length == f->most)
                return 0;
        }
    }
    return --f->left > 0;
}

static void hunt(Workspace *w, size_t size, size_t i, Hunt *f)
{
    const uint32_t h = hash3(f->s);
    size_t c = i;
    while (w->link[c] != 0) {
        c -= w->link[c];
        if (!look_at(f, i - c))
            return;
    }
    if (i > MAX_DISTANCE || (hash_between(w, size) == h && !look_at(f, i + 1)))
        return;
    for (size_t p = w->head[h]; p != 0; p = w->prev[p])
        if (!look_at(f, w->query + i - p))
            return;
}

uint32_t search_back(Workspace *w, size_t text, size_t i, int limit)
{
    const size_t size = text_size(w->ix, text), at = w->skipped + w->query + i;
    if (size - i < MIN_MATCH)
        return 0;
    Hunt f = {.s = w->joint + w->query + i, .left = limit, .is_first = 1, .best = MIN_MATCH - 1};
    f.most = size - i < MAX_MATCH ? (int)(size - i) : MAX_MATCH;
    f.is_window_start = is_window_start(at, at + size - i);
    chain_text(w, size, i);
    hunt(w, size, i, &f);
    poll_steps(w->poll, (size_t)(limit - f.left));
    if (f.dist == 0 || (f.best == MIN_MATCH && f.dist > TOO_FAR))
        return 0;
    return (uint32_t)f.best << LENGTH_SHIFT | OWN | (uint32_t)f.dist;
}

uint32_t match_within(Workspace *w, size_t text, size_t i, uint32_t match, int limit)
{
    const size_t back = (match & WHERE) + (match & OWN ? 0 : i);
    if (match == 0 || back <= (size_t)limit ||
        rank_of(w, text_size(w->ix, text), i, back) <= (unsigned)limit)
        return match;
    return search_back(w, text, i, limit);
}
