/* One query against an indexed corpus: exact joint lengths from tables, and
 * the nearest texts with as few exact lengths as possible. */
#include "search.h"
#include "prefix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OPEN_MAX = DEPTH_MAX + SEPARATOR_MAX };

struct Workspace {
    const Index *ix;

    /* The query, the separator and, while a pair is looked at, its text. */
    uint8_t *joint;
    size_t room;
    size_t query;         /* bytes */
    size_t end;           /* of query and separator */

    /* Tables of this query. */
    int tabled;
    unsigned crowd;       /* its fullest hash chain */
    uint16_t *crowds;     /* all of them */
    uint16_t *text_crowds; /* of the text up to some position, else 0 */
    uint32_t *reach;      /* by node: the match that the query offers there */
    uint16_t *last;       /* by node with CUT_OFF: the last query position that ends there; */
    uint16_t *same;       /* by query position: the one before that ends at the same node */
    size_t open[OPEN_MAX]; /* query positions whose match may run into the text, last first */
    int opens;
    uint16_t *head, *prev; /* hash chains over the query; position, 0: none */
    uint32_t *match;      /* by query position: longest match; OPEN_END: up to the text */
    size_t settled;       /* the parse up to here does not depend on the text */
    Histogram counts;     /* and has these symbols, */
    uint32_t symbols;     /* so many */
    uint32_t *longest;    /* by text position: longest match of this pair */
    int unsound;          /* this pair's parse depends on more than the tables hold */

    /* The general way. */
    Chains *chains, *once;
    uint32_t next_origin;
    int resumable;
    Parse parse;
};

static size_t text_size(const Index *ix, size_t text)
{
    return ix->start[text + 1] - ix->start[text];
}

Workspace *workspace_new(const Index *ix)
{
    Workspace *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->ix = ix;
    w->chains = malloc(sizeof *w->chains);
    w->once = malloc(sizeof *w->once);
    if (!w->chains || !w->once)
        goto fail;
    chains_clear(w->chains);
    w->next_origin = 1;
    if (ix->tabled) {
        size_t longest = ix->longest_tabled;
        w->reach = calloc(ix->nodes, sizeof *w->reach);
        w->last = malloc(ix->nodes * sizeof *w->last);
        w->same = malloc(WINDOW * sizeof *w->same);
        w->head = calloc(HASH_SIZE, sizeof *w->head);
        w->prev = malloc(WINDOW * sizeof *w->prev);
        w->match = malloc(WINDOW * sizeof *w->match);
        w->longest = malloc((longest + 2) * sizeof *w->longest);
        w->crowds = malloc(HASH_SIZE * sizeof *w->crowds);
        w->text_crowds = calloc(HASH_SIZE, sizeof *w->text_crowds);
        if (!w->crowds || !w->text_crowds || !w->reach || !w->last || !w->same || !w->head || !w->prev || !w->match || !w->longest)
            goto fail;
    }
    return w;
fail:
    workspace_free(w);
    return NULL;
}

void workspace_free(Workspace *w)
{
    if (!w)
        return;
    free(w->joint);
    free(w->reach);
    free(w->last);
    free(w->same);
    free(w->head);
    free(w->prev);
    free(w->match);
    free(w->longest);
    free(w->crowds);
    free(w->text_crowds);
    free(w->chains);
    free(w->once);
    free(w);
}

/* ---- the query's tables ---- */

/* Longest match at query position i, among query positions; what lies before
 * `stop` takes part. */
static uint32_t match_in_query(const Workspace *w, size_t i, size_t stop)
{
    const uint8_t *s = w->joint;
    if (stop - i < MIN_MATCH)
        return 0;
    int most = stop - i < MAX_MATCH ? (int)(stop - i) : MAX_MATCH;
    int best = MIN_MATCH - 1;
    size_t where = 0;
    for (size_t p = w->head[hash3(s + i)]; p != 0; p = w->prev[p]) {
        if (p >= i || s[p + (size_t)best] != s[i + (size_t)best])
            continue;
        int length = common_prefix(s + p, s + i, most);
        if (length > best) {
            best = length;
            where = p;
            if (length == most)
                break;
        }
    }
    if (where == 0 || (best == MIN_MATCH && i - where > TOO_FAR))
        return 0;
    return (uint32_t)best << LENGTH_SHIFT | OWN | (uint32_t)(i - where);
}

static inline void count_literal(Histogram *h, uint8_t byte)
{
    h->litlen[byte]++;
    h->dist[NO_DIST]++;
}

static inline void count_match(const Symbols *t, Histogram *h, uint32_t length, uint32_t dist)
{
    h->litlen[t->length_symbol[length]]++;
    h->dist[t->dist_symbol[dist]]++;
}

static uint32_t count_symbols(const Histogram *h)
{
    uint32_t symbols = 0;
    for (int s = 0; s < 32; s++)
        symbols += h->dist[s];
    return symbols;
}

/* Matches within the query, and the parse as far as the text has no say. */
static void parse_query(Workspace *w)
{
    const uint8_t *s = w->joint;
    size_t size = w->query, end = w->end;
    uint32_t *match = w->match;
    memset(w->head, 0, HASH_SIZE * sizeof *w->head);
    for (size_t i = 0; i < size; i++) {
        match[i] = OPEN_END;
        if (end - i < MIN_MATCH)
            continue;
        uint32_t m = match_in_query(w, i, end);
        int to_the_end = i + ((m & ~UNSETTLED) >> LENGTH_SHIFT) == end;
        match[i] = to_the_end ? m | OPEN_END : m;
        if (i > 0) {
            uint32_t h = hash3(s + i);
            w->prev[i] = w->head[h];
            w->head[h] = (uint16_t)i;
        }
    }
    match[size] = OPEN_END;

    histogram_clear(&w->counts);
    size_t i = 0;
    while (i < size) {
        uint32_t here = match[i], next = match[i + 1];
        if (here == 0) {
            count_literal(&w->counts, s[i++]);
            continue;
        }
        if ((here | next) & OPEN_END)
            break;
        if (next >> LENGTH_SHIFT > here >> LENGTH_SHIFT) {
            count_literal(&w->counts, s[i++]);
            continue;
        }
        count_match(&w->ix->symbols, &w->counts, here >> LENGTH_SHIFT, here & WHERE);
        i += here >> LENGTH_SHIFT;
    }
    w->settled = i;
    w->symbols = count_symbols(&w->counts);
}

static unsigned query_crowd(Workspace *w)
{
    /* Two strings begin in the query and end in the text: +2. */
    unsigned most = 0;
    memset(w->crowds, 0, HASH_SIZE * sizeof *w->crowds);
    for (size_t i = 0; i + MIN_MATCH <= w->end; i++) {
        unsigned n = ++w->crowds[hash3(w->joint + i)];
        most = n > most ? n : most;
    }
    return most + 2;
}

static void mark_contexts(Workspace *w)
{
    const Index *ix = w->ix;
    uint32_t *reach = w->reach;
    w->opens = 0;
    for (size_t p = 1; p < w->query; p++) {
        uint32_t node = 0;
        size_t at = p;
        for (;;) {
            if (node != 0) {
                uint32_t word = ix->depth[node] < MIN_MATCH
                    ? 0 : (uint32_t)ix->depth[node] << LENGTH_SHIFT | (uint32_t)(w->query - p);
                reach[node] = (reach[node] & UNSETTLED) | word;
            }
            if (at == w->end)
                break;
            uint32_t child = index_child(ix, node, w->joint[at]);
            if (child == 0)
                break;
            node = child;
            at++;
        }
        if (at == w->end) {
            /* One byte and a one-byte separator are in `echo`. */
            if (at - p >= MIN_MATCH)
                reach[node] |= OPEN_END;
        } else {
            w->same[p] = reach[node] & CUT_OFF ? w->last[node] : 0;
            w->last[node] = (uint16_t)p;
            reach[node] |= CUT_OFF;
        }
    }
    for (size_t p = w->query - 1; p > 0 && w->end - p <= DEPTH_MAX; p--)
        w->open[w->opens++] = p;

    for (uint32_t v = 1; v < ix->nodes; v++) {
        uint32_t above = reach[ix->parent[v]], here = reach[v];
        uint32_t word = here & ~UNSETTLED ? here : here | (above & ~UNSETTLED);
        reach[v] = word | (above & OPEN_END);
    }
}

int query_begin(Workspace *w, const uint8_t *query, size_t size)
{
    const Index *ix = w->ix;
    size_t separator = ix->separator_size;
    size_t room = size + separator + ix->longest + 16;
    if (room > w->room) {
        uint8_t *joint = malloc(room);
        if (!joint)
            return -1;
        free(w->joint);
        w->joint = joint;
        w->room = room;
    }
    memcpy(w->joint, query, size);
    memcpy(w->joint + size, ix->separator, separator);
    w->query = size;
    w->end = size + separator;
    w->resumable = 0;
    w->tabled = ix->tabled && size > 0 && w->end < MAX_DISTANCE;
    if (w->tabled) {
        w->crowd = query_crowd(w);
        w->tabled = (int)w->crowd <= ix->effort->chain / 4;
    }
    if (w->tabled) {
        memset(w->reach, 0, ix->nodes * sizeof *w->reach);
        parse_query(w);
        mark_contexts(w);
        w->tabled = w->symbols < BLOCK_SYMBOLS;
    }
    return 0;
}

void query_ignore_tables(Workspace *w)
{
    w->tabled = 0;
}

/* ---- one pair by the tables ---- */

/* How a pair is looked at. */
enum {
    SHORT,   /* one block, and every match is within reach */
    LONG,    /* the tables still hold, step by step */
    GENERAL
};

static int way(const Workspace *w, size_t text)
{
    const Index *ix = w->ix;
    size_t joint = w->query + text_size(ix, text);
    int crowd = (int)(w->crowd + (w->tabled ? ix->crowd[text] : 0));
    if (!w->tabled || ix->crowd[text] == NO_TABLES ||
        (crowd > ix->effort->chain && ix->crowd[text] != OVERCROWDED))
        return GENERAL;
    return joint < BLOCK_SYMBOLS && crowd <= ix->effort->chain / 4 ? SHORT : LONG;
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
    for (size_t p = at - 1; p > 0 && at - p <= MAX_DISTANCE && limit > 0; p--) {
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
        for (; p != 0; p = chain[p]) {
            if (!may_be_longer(w->joint + p, s, best, most))
                continue;
            uint32_t n = (uint32_t)common_prefix(w->joint + p, s, most);
            best = better(best, n, (uint32_t)(w->query - p));
        }
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

/* Count the symbols of a short pair. */
static void count_pair(Workspace *w, size_t text, Histogram *h)
{
    const Symbols *t = &w->ix->symbols;
    const size_t size = text_size(w->ix, text);
    const uint8_t *s = w->ix->bytes + w->ix->start[text];
    uint32_t *longest = w->longest;

    memcpy(w->joint + w->query, s, size);
    look_up(w, text);
    *h = w->counts;
    size_t at = w->settled;
    while (at < w->query)
        at += count_query_step(w, h, at, w->query + size);
    for (size_t i = at - w->query; i < size;) {
        uint32_t here = longest[i], next = longest[i + 1];
        if (here == 0) {
            count_literal(h, s[i++]);
            continue;
        }
        if ((here | next) >= OPEN_END) {
            settle_two(w, text, i);
            continue;
        }
        i += count_step(t, h, s, i, here, next);
    }
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
            if (w->unsound)
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
        parse_begin(&w->parse, c, w->joint, w->end);
        parse_run(&w->parse, c, &ix->symbols, ix->effort, MAX_MATCH + MIN_MATCH + 1);
        w->next_origin = c->origin + (uint32_t)(w->end + ix->longest) + 2 * WINDOW;
        w->resumable = 1;
    }
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
    chains_forget(c, w->joint, from, joint >= MIN_MATCH ? joint - MIN_MATCH + 1 : 0);
    memcpy(c->prev + slot, w->once->prev, first * sizeof *c->prev);
    memcpy(c->prev, w->once->prev + first, (left - first) * sizeof *c->prev);
    return parse_finish(&p, &ix->symbols);
}

/* ---- joint lengths ---- */

/* Pairs whose symbols are counted and whose trees are still to be built. */
typedef struct {
    Histogram counts[LANES];
    uint64_t joint[LANES];
    size_t item[LANES];
    int count;
} Batch;

static void batch_finish(const Workspace *w, Batch *b, int64_t *lengths)
{
    uint64_t bytes[LANES];
    one_block_bytes(&w->ix->symbols, b->counts, b->joint, b->count, bytes);
    for (int x = 0; x < b->count; x++)
        lengths[b->item[x]] = (int64_t)bytes[x];
    b->count = 0;
}

int query_joint_lengths(Workspace *w, const int64_t *texts, size_t count, int64_t *lengths,
                        Poll poll, void *poll_data)
{
    Batch b;
    size_t since = 0;
    b.count = 0;
    for (size_t i = 0; i < count; i++) {
        size_t text = texts ? (size_t)texts[i] : i;
        size_t joint = w->query + text_size(w->ix, text);
        int how = way(w, text);
        if (how == SHORT) {
            count_pair(w, text, &b.counts[b.count]);
            b.joint[b.count] = joint;
            b.item[b.count++] = i;
            if (b.count == LANES)
                batch_finish(w, &b, lengths);
        } else {
            uint64_t length = how == LONG ? long_length(w, text) : 0;
            lengths[i] = (int64_t)(length ? length : general_length(w, text));
        }
        if ((since += joint) > POLL_EVERY) {
            since = 0;
            if (poll && poll(poll_data))
                return QUERY_STOPPED;
        }
    }
    batch_finish(w, &b, lengths);
    return 0;
}

/* ---- the nearest ---- */

static double distance(int metric, int64_t c_query, int64_t c_text, int64_t c_joint)
{
    double x = (double)c_query, y = (double)c_text, xy = (double)c_joint;
    double low = x < y ? x : y, high = x < y ? y : x;
    switch (metric) {
    case METRIC_NCD:
        return high == 0 ? 0.0 : (xy - low) / high;
    case METRIC_CDM:
        return x + y == 0 ? 0.5 : xy / (x + y);
    default:
        return xy == 0 ? 0.0 : 1.0 - (x + y - xy) / xy;
    }
}

static int before(double d, int64_t i, double e, int64_t j)
{
    return d < e || (d == e && i < j);
}

/* Keep the k best, ordered. */
static void keep(double *distances, int64_t *indices, size_t k, size_t *kept, double d, int64_t i)
{
    size_t at = *kept;
    if (at == k) {
        if (!before(d, i, distances[k - 1], indices[k - 1]))
            return;
        at--;
    } else {
        ++*kept;
    }
    for (; at > 0 && before(d, i, distances[at - 1], indices[at - 1]); at--) {
        distances[at] = distances[at - 1];
        indices[at] = indices[at - 1];
    }
    distances[at] = d;
    indices[at] = i;
}

/* A search under way. */
typedef struct {
    int64_t c_query, overhead;
    const int64_t *c_texts;
    int metric;
    double *distances;
    int64_t *indices;
    size_t k, kept;
    Sizing sizings[LANES];  /* texts that may be among the nearest */
    size_t texts[LANES];
    int pending;
    int64_t built;
    size_t bounded, ruled_out;  /* by the first bound */
} Search;

static double distance_at(const Search *r, size_t text, uint64_t length)
{
    return distance(r->metric, r->c_query, r->c_texts[text], (int64_t)length + r->overhead);
}

/* Every distance grows with the joint length, in floating point too, so that a
 * bound on one bounds the other. */
static int may_be_kept(const Search *r, size_t text, uint64_t length)
{
    return r->kept < r->k || before(distance_at(r, text, length), (int64_t)text,
                                    r->distances[r->k - 1], r->indices[r->k - 1]);
}

static int is_wanted(void *data, const Sizing *z)
{
    const Search *r = data;
    return may_be_kept(r, r->texts[z - r->sizings], z->at_least);
}

static void try_text(Search *r, size_t text, uint64_t length)
{
    keep(r->distances, r->indices, r->k, &r->kept, distance_at(r, text, length), (int64_t)text);
    r->built++;
}

static void try_pending(const Workspace *w, Search *r)
{
    sizing_finish(&w->ix->symbols, r->sizings, r->pending, is_wanted, r);
    for (int x = 0; x < r->pending; x++)
        if (r->sizings[x].exact)
            try_text(r, r->texts[x], r->sizings[x].at_least);
    r->pending = 0;
}

int64_t query_nearest(Workspace *w, int64_t c_query, const int64_t *c_texts, size_t k, int metric,
                      int64_t overhead, double *distances, int64_t *indices, Poll poll,
                      void *poll_data)
{
    Search r;
    size_t since = 0;
    r.c_query = c_query;
    r.overhead = overhead;
    r.c_texts = c_texts;
    r.metric = metric;
    r.distances = distances;
    r.indices = indices;
    r.k = k;
    r.kept = 0;
    r.pending = 0;
    r.built = 0;
    r.bounded = r.ruled_out = 0;
    for (size_t j = 0; j < w->ix->texts; j++) {
        size_t joint = w->query + text_size(w->ix, j);
        int how = way(w, j);
        if (how == SHORT) {
            Sizing *z = &r.sizings[r.pending];
            count_pair(w, j, &z->counts);
            z->input_bytes = joint;
            sizing_start(&w->ix->symbols, z);
            /* The first bound costs a tenth of what it may save. */
            int try_bound = r.bounded < 64 || r.ruled_out > r.bounded / 8;
            if (try_bound) {
                sizing_bound(&w->ix->symbols, z);
                r.bounded++;
            }
            if (try_bound && !may_be_kept(&r, j, z->at_least)) {
                r.ruled_out++;
            } else {
                r.texts[r.pending++] = j;
                if (r.pending == LANES)
                    try_pending(w, &r);
            }
        } else {
            uint64_t length = how == LONG ? long_length(w, j) : 0;
            try_text(&r, j, length ? length : general_length(w, j));
        }
        if ((since += joint) > POLL_EVERY) {
            since = 0;
            if (poll && poll(poll_data))
                return QUERY_STOPPED;
        }
    }
    try_pending(w, &r);
    return r.built;
}
