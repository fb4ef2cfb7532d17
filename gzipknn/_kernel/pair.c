/* One pair: the way in which its length is found, and the symbols of a short pair. */
#include "pair.h"
#include "hashes.h"
#include "steps.h"

#include <string.h>

enum {
    MOSTLY_LITERALS = 512, /* shorter pairs have few matches */
    FETCHED = 1024,        /* bytes of a text that are prefetched; the hardware fetches the rest */
    LINE = 64              /* bytes of a cache line */
};

int pair_way(const Workspace *w, size_t text)
{
    const Index *ix = w->ix;
    const int chain = ix->effort->chain;
    if (!w->tabled || ix->crowd[text] == NO_TABLES)
        return PAIR_GENERAL;
    return w->skipped == 0 && w->query + text_size(ix, text) < BLOCK_SYMBOLS &&
           (int)(w->crowd + ix->crowd[text]) <= chain / 4 ? PAIR_SHORT : PAIR_LONG;
}

void pair_fetch(const Index *ix, size_t text)
{
    const size_t start = ix->start[text], size = text_size(ix, text);
    const size_t end = !ix->tabled ? start : start + (size < FETCHED ? size : FETCHED);
    for (size_t i = start; i < end; i += LINE / sizeof *ix->bytes)
        FETCH(ix->bytes + i);
    for (size_t i = start; i < end; i += LINE / sizeof *ix->context)
        FETCH(ix->context + i);
    for (size_t i = start; i < end; i += LINE / sizeof *ix->own)
        FETCH(ix->own + i);
}

static inline void settle_two(Workspace *w, size_t text, size_t i)
{
    if (w->longest[i] >= OPEN_END)
        w->longest[i] = settle(w, text, i, w->longest[i]);
    if (w->longest[i + 1] >= OPEN_END)
        w->longest[i + 1] = settle(w, text, i + 1, w->longest[i + 1]);
}

/* Do one step of the parse in the rest of the query. Return its length. */
static size_t count_query_step(const Workspace *w, Histogram *h, size_t at, size_t joint)
{
    uint32_t here = query_match(w, at, joint);
    if (here != 0 && query_match(w, at + 1, joint) >> LENGTH_SHIFT <= here >> LENGTH_SHIFT) {
        count_match(&w->ix->symbols, h, here >> LENGTH_SHIFT, here & WHERE);
        return here >> LENGTH_SHIFT;
    }
    count_literal(h, w->joint[at]);
    return 1;
}

/* Count the text's symbols from position i on, if most of them are literals. Then the processor
 * predicts branches well, so there are branches. */
static void count_by_guess(Workspace *w, size_t text, size_t i, Histogram *h)
{
    const size_t size = text_size(w->ix, text);
    const uint8_t *s = w->joint + w->query;
    const uint32_t *longest = w->longest;
    while (i < size) {
        uint32_t here = longest[i], next = longest[i + 1];
        if (here == 0) {
            count_literal(h, s[i++]);
            continue;
        }
        if ((here | next) >= OPEN_END) {
            settle_two(w, text, i);
            continue;
        }
        i += count_step(&w->ix->symbols, h, s, i, here, next);
    }
}

/* Do the same if literals and matches alternate. Then a wrong branch prediction costs more than
 * waiting for the length of each step, so there are no branches. */
static void count_by_steps(Workspace *w, size_t text, size_t i, Histogram *h)
{
    const Symbols *t = &w->ix->symbols;
    const size_t size = text_size(w->ix, text), query = w->query;
    const uint8_t *s = w->joint + query;
    uint32_t *steps = w->steps;
    if (query + size > TOO_FAR)
        drop_far(w->longest, query < TOO_FAR ? TOO_FAR - query : 0, size);
    mark_steps(w->longest, size, steps);
    while (i < size) {
        uint32_t step = steps[i], length = step >> LENGTH_SHIFT;
        if (step == 0) {
            settle_two(w, text, i);
            i += count_step(t, h, s, i, w->longest[i], w->longest[i + 1]);
            continue;
        }
        uint32_t literal = s[i] & (0u - (length < 2));
        uint32_t dist = (step & WHERE) + ((uint32_t)i & ((step >> 15 & 1) - 1));
        h->litlen[t->length_symbol[length] + literal]++;
        h->dist[t->far_symbol[far_index(dist)]]++;
        i += length;
    }
}

void pair_count(Workspace *w, size_t text, Histogram *h)
{
    const size_t size = text_size(w->ix, text), joint = w->query + size;
    memcpy(w->joint + w->query, w->ix->bytes + w->ix->start[text], size);
    w->limited = 0;
    look_up(w, text);
    *h = w->counts;
    size_t at = w->settled;
    while (at < w->query)
        at += count_query_step(w, h, at, joint);
    if (joint < MOSTLY_LITERALS)
        count_by_guess(w, text, at - w->query, h);
    else
        count_by_steps(w, text, at - w->query, h);
    if (w->chained)
        forget_text(w);
}
