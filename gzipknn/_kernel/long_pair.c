/* The length of a pair that has several blocks, or hash chains that are longer than the search
 * follows them; and the length of any pair in the general way. */
#include "pair.h"

#include <string.h>

/* The state of the parse. Positions count from w->joint. */
typedef struct {
    Workspace *w;
    const Symbols *t;
    size_t text;
    const uint32_t *own;     /* tables of the text */
    const uint16_t *context;
    const uint32_t *echo, *last_echo;  /* the echoes that are still to come */
    size_t size, near;  /* the size of the text, and of its part from which the query is in reach */
    size_t joint;       /* the end of the text */
    size_t at;
    size_t block_start;  /* in `whole` */
    uint64_t bits;
    uint32_t symbols;
    int is_crowded;     /* whether a `good` match may hide a longer one that follows */
    Histogram counts;
} Walk;

/* Count a symbol of `length` bytes. Every block may be stored, because it fits in the window. */
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

/* Return whether a match may hide a longer one that follows: a match of `good` length limits the
 * next search to a quarter of the chain. */
static inline int may_hide(const Walk *k, uint32_t here, uint32_t next)
{
    return k->is_crowded && here >> LENGTH_SHIFT >= (uint32_t)k->w->ix->effort->good &&
           next >> LENGTH_SHIFT > here >> LENGTH_SHIFT;
}

/* Parse the rest of the query. */
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

/* Return the longest match at a text position. Positions must be asked for in order. */
static inline uint32_t match_at(Walk *k, size_t i)
{
    Workspace *w = k->w;
    if (i >= k->near) {
        const uint32_t own = i < k->size ? k->own[i] : 0;
        const size_t at = w->skipped + w->query + i, joint = w->skipped + k->joint;
        return (own & WHERE) == MAX_DISTANCE && is_window_start(at, joint) ? 0 : own;
    }
    const uint8_t *here = w->joint + w->query + i;
    const uint32_t own = k->own[i], word = undecided(w, k->context[i], here), match = word & ~UNSETTLED;
    uint32_t flags = word & UNSETTLED;
    while (k->echo < k->last_echo && *k->echo <= i)
        k->echo++;
    if (k->echo < k->last_echo && *k->echo == i + 1 && here[0] == w->joint[w->query - 1])
        flags |= OPEN_END;
    if (match > own ? (match & WHERE) + i >= MAX_DISTANCE
                    : own == 0 && w->query + i > MAX_DISTANCE && is_at_farthest(here))
        flags |= CUT_OFF;
    return flags || w->limited ? settle(w, k->text, i, flags) : own > match ? own : match;
}

static void walk_text(Walk *k)
{
    Workspace *w = k->w;
    const uint8_t *s = w->joint + w->query;
    const int quarter = w->ix->effort->chain / 4;
    size_t i = k->at - w->query;
    uint32_t here = i == 0 ? w->longest[0] : match_at(k, i);
    while (i < k->size && !w->poll->stopped) {
        uint32_t next = match_at(k, i + 1);
        if (may_hide(k, here, next))
            next = match_within(w, k->text, i + 1, next, quarter);
        const size_t length = count_step(k->t, &k->counts, s, i, here, next);
        step(k, length);
        i += length;
        here = length == 1 ? next : match_at(k, i);
    }
}

static uint64_t long_length(Workspace *w, size_t text)
{
    const Index *ix = w->ix;
    const size_t size = text_size(ix, text), start = ix->start[text];
    const int crowd = (int)(w->crowd + ix->crowd[text]), chain = ix->effort->chain;
    Walk k = {.w = w, .t = &ix->symbols, .text = text, .size = size,
              .near = size < MAX_DISTANCE ? size : MAX_DISTANCE, .own = ix->own + start,
              .context = ix->context + start, .joint = w->query + size, .at = w->settled,
              .block_start = w->block_start, .bits = w->bits, .symbols = w->symbols,
              .is_crowded = crowd > chain / 4, .counts = w->counts};
    if (ix->lead == 1) {
        k.echo = ix->echo + ix->echo_start[text];
        k.last_echo = ix->echo + ix->echo_start[text + 1];
    }
    w->limited = crowd > chain;
    memcpy(w->joint + w->query, ix->bytes + start, size);
    w->longest[0] = match_at(&k, 0);
    walk_query(&k);
    walk_text(&k);
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
    /* Continue from the position up to which the parse depends only on the query. */
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
    /* Save the links that the rest of the parse overwrites, to restore them afterwards. */
    size_t slot = (c->origin + from) % WINDOW, first = WINDOW - slot < left ? WINDOW - slot : left;
    memcpy(w->once->link, c->link + slot, first * sizeof *c->link);
    memcpy(w->once->link + first, c->link, (left - first) * sizeof *c->link);
    parse_run(&p, c, &ix->symbols, ix->effort, 0);
    if (w->poll->stopped)
        return 0;
    chains_forget(c, w->whole, from, joint);
    memcpy(c->link + slot, w->once->link, first * sizeof *c->link);
    memcpy(c->link, w->once->link + first, (left - first) * sizeof *c->link);
    return parse_finish(&p, &ix->symbols);
}

uint64_t pair_length(Workspace *w, size_t text, int way)
{
    return way == PAIR_LONG ? long_length(w, text) : general_length(w, text);
}
