/* What is made of a query before it meets the texts: its own matches, the parse
 * as far as no text has a say, and what it offers at each node of the tree of
 * contexts. */
#include "query.h"
#include "prefix.h"

#include <stdlib.h>
#include <string.h>

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
        w->steps = malloc((longest + 1) * sizeof *w->steps);
        w->crowds = malloc(HASH_SIZE * sizeof *w->crowds);
        w->text_crowds = calloc(HASH_SIZE, sizeof *w->text_crowds);
        if (!w->crowds || !w->text_crowds || !w->reach || !w->last || !w->same || !w->head ||
            !w->prev || !w->match || !w->longest || !w->steps)
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
    free(w->steps);
    free(w->crowds);
    free(w->text_crowds);
    free(w->chains);
    free(w->once);
    free(w);
}

/* ---- the query's tables ---- */

uint32_t match_in_query(const Workspace *w, size_t i, size_t stop)
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
        if (poll_steps(w->poll, w->crowd))
            return;
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

int query_begin(Workspace *w, const uint8_t *query, size_t size, Poll *poll)
{
    const Index *ix = w->ix;
    size_t separator = ix->separator_size;
    size_t room = size + separator + ix->longest + 16;
    if (room > w->room) {
        uint8_t *joint = malloc(room);
        if (!joint)
            return KERNEL_NO_MEMORY;
        free(w->joint);
        w->joint = joint;
        w->room = room;
    }
    memcpy(w->joint, query, size);
    memcpy(w->joint + size, ix->separator, separator);
    w->poll = poll;
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
        if (poll_steps(poll, ix->nodes))
            return KERNEL_STOPPED;
        mark_contexts(w);
        w->tabled = w->symbols < BLOCK_SYMBOLS;
    }
    return KERNEL_OK;
}
