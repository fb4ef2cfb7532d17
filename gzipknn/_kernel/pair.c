/* One pair: its symbols from the tables where they tell all, its length the
 * general way where they don't. */
#include "pair.h"
#include "prefix.h"
#include "steps.h"

#include <string.h>

enum { MOSTLY_LITERALS = 512 };  /* bytes of a pair with few matches yet */

/* ---- one pair by the tables ---- */

int pair_way(const Workspace *w, size_t text)
{
    const Index *ix = w->ix;
    size_t joint = w->query + text_size(ix, text);
    int crowd = (int)(w->crowd + (w->tabled ? ix->crowd[text] : 0));
    if (!w->tabled || ix->crowd[text] == NO_TABLES ||
        (crowd > ix->effort->chain && ix->crowd[text] != OVERCROWDED))
        return PAIR_GENERAL;
    return joint < BLOCK_SYMBOLS && crowd <= ix->effort->chain / 4 ? PAIR_SHORT : PAIR_LONG;
}

/* The longer of two matches with the query, of equally long ones the nearer. */
static inline uint32_t better(uint32_t best, uint32_t length, uint32_t back)
{
    uint32_t found = length << LENGTH_SHIFT | back, known = best >> LENGTH_SHIFT;
    if (length < MIN_MATCH || length < known || (length == known && found >= best))
        return best;
    return found;
}

/* Whether the byte after the best match so far agrees. Candidates come nearest
 * first, so that equally long ones are of no use. */
static inline int may_be_longer(const uint8_t *match, const uint8_t *s, uint32_t best, int most)
{
    int known = (int)(best >> LENGTH_SHIFT);
    if (known < MIN_MATCH - 1)
        known = MIN_MATCH - 1;
    return known < most && match[known] == s[known];
}

/* Chains fuller than the search looks at: the query's positions come last on
 * them, and are all seen, or not at all, or else UNKNOWN. */
#define UNKNOWN UINT32_MAX

static void hide_query(Workspace *w, size_t text)
{
    const size_t size = text_size(w->ix, text);
    const uint8_t *s = w->joint + w->query;
    const unsigned chain = (unsigned)w->ix->effort->chain;
    uint16_t *crowds = w->text_crowds;
    const uint32_t *own = w->ix->own + w->ix->start[text];
    /* The string that begins in the query and ends in the text. */
    const uint32_t last = size < 2 ? HASH_SIZE : hash3(s - 1);
    for (size_t i = 0; i + MIN_MATCH <= size; i++) {
        uint32_t h = hash3(s + i);
        if (i >= MAX_DISTANCE)
            crowds[hash3(s + i - MAX_DISTANCE)]--;
        unsigned seen = crowds[h], more = w->crowds[h] + (unsigned)(h == last);
        if (more != 0 && seen + more > chain)
            w->longest[i] = seen >= chain ? own[i] : UNKNOWN;
        crowds[h]++;
    }
    for (size_t i = 0; i + MIN_MATCH <= size; i++)
        crowds[hash3(s + i)] = 0;
}

/* The search itself, at a joint position in the text: what the first `limit`
 * candidates offer. */
static uint32_t search_back(Workspace *w, size_t at, size_t joint, int limit)
{
    const uint8_t *s = w->joint;
    int most = joint - at < MAX_MATCH ? (int)(joint - at) : MAX_MATCH;
    int best = MIN_MATCH - 1, is_first = 1;
    size_t dist = 0;
    if (most < MIN_MATCH)
        return 0;
    uint32_t h = hash3(s + at);
    size_t p = at - 1;
    for (; p > 0 && at - p <= MAX_DISTANCE && limit > 0; p--) {
        if (hash3(s + p) != h)
            continue;
        if (at - p == MAX_DISTANCE) {
            w->unsound |= is_first;
            break;
        }
        is_first = 0;
        limit--;
        int length = common_prefix(s + p, s + at, most);
        if (length > best) {
            best = length;
            dist = at - p;
            if (length == most)
                break;
        }
    }
    poll_steps(w->poll, at - p);
    if (dist == 0 || (best == MIN_MATCH && dist > TOO_FAR))
        return 0;
    return (uint32_t)best << LENGTH_SHIFT | OWN | (uint32_t)dist;
}

/* The match at text position i where the query is nearly out of reach: by hash
 * chain, stopping at the distance limit. */
static uint32_t settle_far(Workspace *w, size_t text, size_t i)
{
    const Index *ix = w->ix;
    size_t size = text_size(ix, text);
    const uint8_t *s = w->joint + w->query + i;
    int most = size - i < MAX_MATCH ? (int)(size - i) : MAX_MATCH;
    uint32_t best = 0, own = ix->own[ix->start[text] + i];
    if (most < MIN_MATCH)
        return 0;
    for (int k = 0; k < w->opens; k++) {
        size_t back = w->query - w->open[k];
        if (back + i > MAX_DISTANCE)
            break;
        best = better(best, (uint32_t)common_prefix(w->joint + w->open[k], s, most),
                      (uint32_t)back);
    }
    poll_steps(w->poll, w->crowd);
    for (size_t p = w->head[hash3(s)]; p != 0; p = w->prev[p]) {
        size_t back = w->query - p;
        if (back + i > MAX_DISTANCE)
            break;
        if (!may_be_longer(w->joint + p, s, best, most))
            continue;
        best = better(best, (uint32_t)common_prefix(w->joint + p, s, most), (uint32_t)back);
    }
    if (own > best)
        return own;
    /* The farthest possible match counts or not depending on the window. */
    if (best != 0 && (best & WHERE) + i == MAX_DISTANCE)
        w->unsound = 1;
    return best;
}

/* The match at text position i where the tables could not tell. */
static uint32_t settle(Workspace *w, size_t text, size_t i)
{
    const Index *ix = w->ix;
    size_t size = text_size(ix, text);
    if (w->longest[i] == UNKNOWN)
        return search_back(w, w->query + i, w->query + size, ix->effort->chain);
    if (w->query + i >= MAX_DISTANCE)
        return settle_far(w, text, i);
    uint32_t node = ix->context[ix->start[text] + i];
    uint32_t word = w->reach[node];
    const uint8_t *s = w->joint + w->query + i;
    int most = size - i < MAX_MATCH ? (int)(size - i) : MAX_MATCH;
    uint32_t best = word & ~UNSETTLED;
    if (w->longest[i] & OPEN_END)
        word |= OPEN_END;
    /* Of the same length: the nearer one. */
    if (word & CUT_OFF) {
        /* Near the root, the hash chains are the shorter way. */
        int shallow = ix->depth[node] < MIN_MATCH;
        const uint16_t *chain = shallow ? w->prev : w->same;
        size_t p = !shallow ? w->last[node] : most < MIN_MATCH ? 0 : w->head[hash3(s)];
        size_t steps = 0;
        for (; p != 0; p = chain[p], steps++) {
            if (!may_be_longer(w->joint + p, s, best, most))
                continue;
            uint32_t n = (uint32_t)common_prefix(w->joint + p, s, most);
            best = better(best, n, (uint32_t)(w->query - p));
        }
        poll_steps(w->poll, steps);
    }
    if (word & OPEN_END) {
        for (int k = 0; k < w->opens; k++) {
            size_t p = w->open[k];
            if (w->joint[p] != s[0])
                continue;
            uint32_t n = (uint32_t)common_prefix(w->joint + p, s, most);
            best = better(best, n, (uint32_t)(w->query - p));
        }
    }
    uint32_t own = ix->own[ix->start[text] + i];
    return own > best ? own : best;
}

static inline void settle_two(Workspace *w, size_t text, size_t i)
{
    if (w->longest[i] >= OPEN_END)
        w->longest[i] = settle(w, text, i);
    if (w->longest[i + 1] >= OPEN_END)
        w->longest[i + 1] = settle(w, text, i + 1);
}

/* One step of the lazy parse at text position i: a match is taken unless the
 * next is longer. Returns its length. */
static inline size_t count_step(const Symbols *t, Histogram *h, const uint8_t *s, size_t i,
                                uint32_t here, uint32_t next)
{
    uint32_t length = here >> LENGTH_SHIFT;
    uint32_t dist = (here & WHERE) + ((uint32_t)i & ((here >> 15 & 1) - 1));
    if (length == 0 || next >> LENGTH_SHIFT > length || (length == MIN_MATCH && dist > TOO_FAR)) {
        count_literal(h, s[i]);
        return 1;
    }
    count_match(t, h, length, dist);
    return length;
}

/* The longest match at every text position, as far as the tables tell. */
static void look_up(Workspace *w, size_t text)
{
    const Index *ix = w->ix;
    const size_t start = ix->start[text], size = text_size(ix, text), query = w->query;
    const uint8_t *s = ix->bytes + start;
    const uint32_t *own = ix->own + start, *reach = w->reach;
    const uint16_t *context = ix->context + start;
    uint32_t *longest = w->longest;
    size_t within = size, i = 0;
    if (query + size > MAX_DISTANCE)
        within = query < MAX_DISTANCE ? MAX_DISTANCE - query : 0;
    for (; i < within; i++) {
        uint32_t a = own[i], b = reach[context[i]];
        longest[i] = a > b ? a : b;
    }
    for (; i < size; i++)
        longest[i] = own[i] | (i < MAX_DISTANCE ? CUT_OFF : 0);
    longest[size] = 0;
    if (ix->lead == 1)
        for (size_t k = ix->echo_start[text]; k < ix->echo_start[text + 1]; k++) {
            size_t e = ix->echo[k] - 1u;
            if (e < within)
                longest[e] |= (uint32_t)(s[e] == w->joint[query - 1]) * OPEN_END;
        }
    if (ix->crowd[text] == OVERCROWDED)
        hide_query(w, text);
    if (longest[0] >= OPEN_END)
        longest[0] = settle(w, text, 0);
}

/* The longest match at query position i, now that the text is there. */
static uint32_t query_match(const Workspace *w, size_t i, size_t joint)
{
    if (i == w->query)
        return w->longest[0];
    return w->match[i] & OPEN_END ? match_in_query(w, i, joint) : w->match[i];
}

/* One step of the parse in what is left of the query; returns its length. */
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

/* Count the text's symbols from position i on, where most are literals: what comes
 * next is guessed well, and so the guess is not waited for. */
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

/* The same where literals and matches take turns: a wrong guess costs more than
 * waiting for the length of each step, and so nothing is guessed. */
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
    look_up(w, text);
    *h = w->counts;
    size_t at = w->settled;
    while (at < w->query)
        at += count_query_step(w, h, at, joint);
    if (joint < MOSTLY_LITERALS)
        count_by_guess(w, text, at - w->query, h);
    else
        count_by_steps(w, text, at - w->query, h);
}

/* A match of `good` length cuts the next search to a quarter of the chain.
 * Whether that hides the longer match that the tables know at joint position
 * `at`, which is the next. */
static int is_hidden(const Workspace *w, uint32_t here, uint32_t next, size_t at)
{
    if (here >> LENGTH_SHIFT < (uint32_t)w->ix->effort->good ||
        next >> LENGTH_SHIFT <= here >> LENGTH_SHIFT)
        return 0;
    size_t dist = (next & WHERE) + (next & OWN ? 0 : at - w->query);
    uint32_t h = hash3(w->joint + at);
    int looked_at = 1;
    poll_steps(w->poll, dist);
    for (size_t i = at - dist + 1; i < at; i++)
        looked_at += hash3(w->joint + i) == h;
    return looked_at > w->ix->effort->chain / 4;
}

/* The length of a long pair, or 0 if the tables do not hold after all. */
static uint64_t long_length(Workspace *w, size_t text)
{
    const Symbols *t = &w->ix->symbols;
    const size_t size = text_size(w->ix, text), query = w->query, joint = query + size;
    const uint8_t *s = w->ix->bytes + w->ix->start[text];
    const int crowded = (int)(w->crowd + w->ix->crowd[text]) > w->ix->effort->chain / 4;
    uint64_t bits = 0;
    uint32_t symbols = w->symbols;
    size_t block_start = 0, at = w->settled;
    Histogram h = w->counts;

    w->unsound = 0;
    memcpy(w->joint + query, s, size);
    look_up(w, text);
    while (at < joint) {
        size_t length;
        if (at < query) {
            if (crowded &&
                is_hidden(w, query_match(w, at, joint), query_match(w, at + 1, joint), at + 1))
                return 0;
            length = count_query_step(w, &h, at, joint);
        } else {
            size_t i = at - query;
            settle_two(w, text, i);
            if (crowded && is_hidden(w, w->longest[i], w->longest[i + 1], at + 1))
                w->longest[i + 1] = search_back(w, at + 1, joint, w->ix->effort->chain / 4);
            if (w->unsound || w->poll->stopped)
                return 0;
            length = count_step(t, &h, s, i, w->longest[i], w->longest[i + 1]);
        }
        at += length;
        /* A literal at the very end does not end a block. */
        if (++symbols == BLOCK_SYMBOLS && !(length == 1 && at == joint)) {
            bits = block_end(t, &h, bits, at - block_start, 1);
            histogram_clear(&h);
            block_start = at;
            symbols = 0;
        }
    }
    bits = block_end(t, &h, bits, joint - block_start, 1);
    return (bits + 7) >> 3;
}

/* ---- one pair the general way ---- */

static uint64_t general_length(Workspace *w, size_t text)
{
    const Index *ix = w->ix;
    size_t size = text_size(ix, text) - ix->lead;
    memcpy(w->joint + w->end, ix->bytes + ix->start[text] + ix->lead, size);
    size_t joint = w->end + size;
    /* Go on from where the query's parse stops seeing only the query. */
    Chains *c = w->chains;
    if (!w->resumable) {
        c->origin = w->next_origin;
        parse_begin(&w->parse, c, w->joint, w->end, w->poll);
        parse_run(&w->parse, c, &ix->symbols, ix->effort, MAX_MATCH + MIN_MATCH + 1);
        w->next_origin = c->origin + (uint32_t)(w->end + ix->longest) + 2 * WINDOW;
        w->resumable = 1;
    }
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
    chains_forget(c, w->joint, from, joint >= MIN_MATCH ? joint - MIN_MATCH + 1 : 0);
    memcpy(c->prev + slot, w->once->prev, first * sizeof *c->prev);
    memcpy(c->prev, w->once->prev + first, (left - first) * sizeof *c->prev);
    return parse_finish(&p, &ix->symbols);
}

uint64_t pair_length(Workspace *w, size_t text, int way)
{
    uint64_t length = way == PAIR_LONG ? long_length(w, text) : 0;
    return length ? length : general_length(w, text);
}
