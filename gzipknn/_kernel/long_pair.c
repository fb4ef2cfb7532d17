/* The length of a pair of several blocks, or whose hash chains are fuller than
 * the search looks at; and of any pair the general way. */
#include "pair.h"

#include <string.h>

/* The parse under way: positions count from w->joint on. */
typedef struct {
    Workspace *w;
    const Symbols *t;
    size_t text;
    size_t joint;       /* its end */
    size_t at;
    size_t block_start;  /* in the whole */
    uint64_t bits;
    uint32_t symbols;
    int is_crowded;     /* a good match may hide a longer one that follows */
    Histogram counts;
} Walk;

/* Count a symbol of so many bytes. Of a block that would be stored, the window holds all. */
static inline void step(Walk *k, size_t length)
{
    k->at += length;
    /* A literal at the very end does not end a block. */
    if (++k->symbols == BLOCK_SYMBOLS && !(length == 1 && k->at == k->joint)) {
        const size_t end = k->w->skipped + k->at;
        k->bits = block_end(k->t, &k->counts, k->bits, end - k->block_start, 1);
        k->block_start = end;
        k->symbols = 0;
        histogram_clear(&k->counts);
        poll_steps(k->w->poll, BLOCK_SYMBOLS);
    }
}

/* A match of `good` length cuts the next search to a quarter of the chain, which may hide a longer
 * match. */
static inline int may_hide(const Walk *k, uint32_t here, uint32_t next)
{
    return k->is_crowded && here >> LENGTH_SHIFT >= (uint32_t)k->w->ix->effort->good &&
           next >> LENGTH_SHIFT > here >> LENGTH_SHIFT;
}

/* What is left of the query. */
static void walk_query(Walk *k)
{
    Workspace *w = k->w;
    const int quarter = w->ix->effort->chain / 4;
    uint32_t here = k->at < w->query ? query_match(w, k->at, k->joint) : 0;
    while (k->at < w->query) {
        uint32_t next = query_match(w, k->at + 1, k->joint);
        if (may_hide(k, here, next)) {
            if (k->at + 1 < w->query)
                next = match_in_query(w, k->at + 1, k->joint, quarter);
            else
                next = w->longest[0] = match_within(w, k->text, 0, next, quarter);
        }
        if (here != 0 && next >> LENGTH_SHIFT <= here >> LENGTH_SHIFT) {
            count_match(k->t, &k->counts, here >> LENGTH_SHIFT, here & WHERE);
            step(k, here >> LENGTH_SHIFT);
            here = k->at < w->query ? query_match(w, k->at, k->joint) : 0;
        } else {
            count_literal(&k->counts, w->joint[k->at]);
            step(k, 1);
            here = next;
        }
    }
}

/* The text as far as the query is within reach. */
static void walk_near(Walk *k, size_t near)
{
    Workspace *w = k->w;
    const uint8_t *s = w->joint + w->query;
    const int quarter = w->ix->effort->chain / 4;
    uint32_t *longest = w->longest;
    while (k->at - w->query < near && !w->poll->stopped) {
        const size_t i = k->at - w->query;
        if (longest[i] >= OPEN_END)
            longest[i] = settle(w, k->text, i);
        if (longest[i] == 0) {
            count_literal(&k->counts, s[i]);
            step(k, 1);
            continue;
        }
        if (longest[i + 1] >= OPEN_END)
            longest[i + 1] = settle(w, k->text, i + 1);
        if (may_hide(k, longest[i], longest[i + 1]))
            longest[i + 1] = match_within(w, k->text, i + 1, longest[i + 1], quarter);
        step(k, count_step(k->t, &k->counts, s, i, longest[i], longest[i + 1]));
    }
}

/* The rest of the text, which sees only itself. */
static void walk_far(Walk *k, size_t size, uint32_t here)
{
    Workspace *w = k->w;
    const uint8_t *s = w->ix->bytes + w->ix->start[k->text];
    const uint32_t *own = w->ix->own + w->ix->start[k->text];
    const int quarter = w->ix->effort->chain / 4;
    size_t i = k->at - w->query;
    while (i < size && !w->poll->stopped) {
        uint32_t next = here == 0 || i + 1 == size ? 0 : own[i + 1];
        if (may_hide(k, here, next))
            next = match_within(w, k->text, i + 1, next, quarter);
        else if (here == 0 && i + 1 < size)
            next = own[i + 1];
        size_t length = count_step(k->t, &k->counts, s, i, here, next);
        step(k, length);
        i += length;
        here = length == 1 ? next : i < size ? own[i] : 0;
    }
}

static uint64_t long_length(Workspace *w, size_t text)
{
    const Index *ix = w->ix;
    const size_t size = text_size(ix, text), near = size < MAX_DISTANCE ? size : MAX_DISTANCE;
    const int crowd = (int)(w->crowd + ix->crowd[text]);
    Walk k = {.w = w, .t = &ix->symbols, .text = text, .joint = w->query + size, .at = w->settled,
              .block_start = w->block_start, .bits = w->bits, .symbols = w->symbols,
              .is_crowded = crowd > ix->effort->chain / 4, .counts = w->counts};
    w->limited = crowd > ix->effort->chain;
    memcpy(w->joint + w->query, ix->bytes + ix->start[text], size);
    look_up(w, text);
    walk_query(&k);
    walk_near(&k, near);
    if (k.at < k.joint) {
        const size_t i = k.at - w->query;
        walk_far(&k, size, i == near ? w->longest[near] : ix->own[ix->start[text] + i]);
    }
    forget_text(w);
    k.bits = block_end(k.t, &k.counts, k.bits, w->skipped + k.joint - k.block_start, 1);
    return (k.bits + 7) >> 3;
}

static uint64_t general_length(Workspace *w, size_t text)
{
    const Index *ix = w->ix;
    const size_t size = text_size(ix, text) - ix->lead, end = w->skipped + w->end;
    const size_t joint = end + size;
    memcpy(w->whole + end, ix->bytes + ix->start[text] + ix->lead, size);
    /* Go on from where the query's parse stops seeing only the query. */
    Chains *c = w->chains;
    if (!w->resumable)
        parse_whole(w);
    if (w->poll->stopped)
        return 0;
    Parse p = w->parse;
    p.size = joint;
    size_t from = p.at, left = joint - from;
    if (left >= WINDOW) {
        memcpy(w->once, c, sizeof *c);
        parse_run(&p, w->once, &ix->symbols, ix->effort, 0);
        return parse_finish(&p, &ix->symbols);
    }
    /* What the rest overwrites, to be put back. */
    size_t slot = (c->origin + from) % WINDOW, first = WINDOW - slot < left ? WINDOW - slot : left;
    memcpy(w->once->prev, c->prev + slot, first * sizeof *c->prev);
    memcpy(w->once->prev + first, c->prev, (left - first) * sizeof *c->prev);
    parse_run(&p, c, &ix->symbols, ix->effort, 0);
    if (w->poll->stopped)
        return 0;
    chains_forget(c, w->whole, from, joint >= MIN_MATCH ? joint - MIN_MATCH + 1 : 0);
    memcpy(c->prev + slot, w->once->prev, first * sizeof *c->prev);
    memcpy(c->prev, w->once->prev + first, (left - first) * sizeof *c->prev);
    return parse_finish(&p, &ix->symbols);
}

uint64_t pair_length(Workspace *w, size_t text, int way)
{
    return way == PAIR_LONG ? long_length(w, text) : general_length(w, text);
}
