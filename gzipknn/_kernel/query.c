/* The tables of a query: its own matches, the parse as far as it does not depend on the text, and
 * the match that the query offers at each node of the tree of contexts. */
#include "query.h"
#include "prefix.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_LEAST = 1 << 8, SLOTS_MAX = 1 << 16, BITS_PER_SLOT = 8 };

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
        const size_t longest = ix->longest_tabled, query = WINDOW + 1;
        w->reach = calloc(ix->nodes, sizeof *w->reach);
        w->slots = malloc(SLOTS_MAX * sizeof *w->slots);
        w->follows = malloc(SLOTS_MAX * BITS_PER_SLOT / 8);
        w->same = malloc(query * sizeof *w->same);
        w->node = malloc(query * sizeof *w->node);
        w->head = malloc(HASH_SIZE * sizeof *w->head);
        w->prev = malloc(query * sizeof *w->prev);
        w->crowds = malloc(HASH_SIZE * sizeof *w->crowds);
        w->number = malloc(query * sizeof *w->number);
        w->match = malloc(query * sizeof *w->match);
        w->longest = malloc((longest + 2) * sizeof *w->longest);
        w->steps = malloc((longest + 1) * sizeof *w->steps);
        w->text_crowds = calloc(HASH_SIZE, sizeof *w->text_crowds);
        w->text_head = calloc(HASH_SIZE, sizeof *w->text_head);
        w->link = malloc((longest + 1) * sizeof *w->link);
        w->text_number = malloc((longest + 1) * sizeof *w->text_number);
        if (!w->reach || !w->slots || !w->follows || !w->same || !w->node || !w->head || !w->prev ||
            !w->crowds || !w->number || !w->match || !w->longest || !w->text_crowds ||
            !w->text_head || !w->link || !w->text_number || !w->steps)
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
    free(w->whole);
    free(w->reach);
    free(w->slots);
    free(w->follows);
    free(w->same);
    free(w->node);
    free(w->head);
    free(w->prev);
    free(w->crowds);
    free(w->number);
    free(w->match);
    free(w->longest);
    free(w->steps);
    free(w->text_crowds);
    free(w->text_head);
    free(w->link);
    free(w->text_number);
    free(w->chains);
    free(w->once);
    free(w);
}

/* ---- the query's tables ---- */

uint32_t match_in_query(const Workspace *w, size_t i, size_t stop, int limit)
{
    const uint8_t *s = w->joint;
    if (stop - i < MIN_MATCH)
        return 0;
    const int most = stop - i < MAX_MATCH ? (int)(stop - i) : MAX_MATCH, all = limit;
    int best = MIN_MATCH - 1;
    size_t where = 0;
    for (size_t p = w->head[hash3(s + i)]; p != 0 && limit > 0; p = w->prev[p]) {
        if (p >= i)
            continue;
        if (i - p >= MAX_DISTANCE &&
            (i - p > MAX_DISTANCE || limit < all || is_window_start(w->skipped + i, w->skipped + stop)))
            break;
        limit--;
        if (s[p + (size_t)best] != s[i + (size_t)best])
            continue;
        int length = common_prefix(s + p, s + i, most);
        if (length > best) {
            best = length;
            where = p;
            if (length == most)
                break;
        }
    }
    poll_steps(w->poll, (size_t)(all - limit));
    if (where == 0 || (best == MIN_MATCH && i - where > TOO_FAR))
        return 0;
    return (uint32_t)best << LENGTH_SHIFT | OWN | (uint32_t)(i - where);
}

void parse_whole(Workspace *w)
{
    Chains *c = w->chains;
    const size_t end = w->skipped + w->end;
    c->origin = w->next_origin;
    parse_begin(&w->parse, c, w->whole, end, w->poll);
    parse_run(&w->parse, c, &w->ix->symbols, w->ix->effort, MAX_MATCH + MIN_MATCH + 1);
    w->next_origin = c->origin + (uint32_t)(end + w->ix->longest) + 2 * WINDOW;
    w->resumable = 1;
}

static void chain_query(Workspace *w)
{
    unsigned most = 0;
    memset(w->head, 0, HASH_SIZE * sizeof *w->head);
    memset(w->crowds, 0, HASH_SIZE * sizeof *w->crowds);
    for (size_t i = 1; i < w->query && w->end - i >= MIN_MATCH; i++) {
        uint32_t h = hash3(w->joint + i);
        w->prev[i] = w->head[h];
        w->head[h] = (uint16_t)i;
        w->number[i] = ++w->crowds[h];
        most = w->number[i] > most ? w->number[i] : most;
    }
    /* Two strings begin in the query and end in the text. */
    w->crowd = most + 2;
}

/* Continue the parse as far as it does not depend on the text. */
static void settle_query(Workspace *w)
{
    const uint8_t *s = w->joint;
    const size_t size = w->query, end = w->end;
    const Effort *e = w->ix->effort;
    const Symbols *t = &w->ix->symbols;
    const Parse *p = &w->parse;
    uint32_t *match = w->match;
    size_t i = p->at - w->skipped - (size_t)p->pending;

    w->parsed = i;
    w->bits = p->bits;
    w->block_start = p->block_start;
    w->symbols = p->symbols;
    w->counts = p->counts;
    for (size_t k = i; k <= size; k++) {
        match[k] = OPEN_END;
        if (k == size || end - k < MIN_MATCH)
            continue;
        uint32_t m = k > i || !p->pending ? match_in_query(w, k, end, e->chain)
            : p->length < MIN_MATCH ? 0 : (uint32_t)p->length << LENGTH_SHIFT | OWN | p->dist;
        /* A match of three bytes that is too far may become longer with the text. Whether the
         * farthest match counts may depend on the size of the text, too. */
        int is_open = k + (m >> LENGTH_SHIFT) == end || (end - k == MIN_MATCH && k > TOO_FAR) ||
                      (w->skipped + k) % WINDOW == MAX_DISTANCE % WINDOW;
        match[k] = is_open ? m | OPEN_END : m;
    }
    while (i < size && !w->poll->stopped) {
        uint32_t here = match[i], next = match[i + 1];
        size_t length = 1;
        if (here == 0) {
            count_literal(&w->counts, s[i]);
        } else {
            if ((here | next) & OPEN_END)
                break;
            if (here >> LENGTH_SHIFT >= (uint32_t)e->good &&
                next >> LENGTH_SHIFT > here >> LENGTH_SHIFT)
                next = match[i + 1] = match_in_query(w, i + 1, end, e->chain / 4);
            if (next >> LENGTH_SHIFT > here >> LENGTH_SHIFT) {
                count_literal(&w->counts, s[i]);
            } else {
                length = here >> LENGTH_SHIFT;
                count_match(t, &w->counts, (uint32_t)length, here & WHERE);
            }
        }
        i += length;
        if (++w->symbols == BLOCK_SYMBOLS) {
            const size_t at = w->skipped + i;
            w->bits = block_end(t, &w->counts, w->bits, at - w->block_start, 1);
            w->block_start = at;
            w->symbols = 0;
            histogram_clear(&w->counts);
        }
    }
    w->settled = i;
}

static void mark_contexts(Workspace *w)
{
    const Index *ix = w->ix;
    const uint8_t *s = w->joint;
    const uint32_t *shorter = ix->shorter;
    uint32_t *reach = w->reach, node = 0, slots = SLOTS_LEAST;
    memset(reach, 0, ix->nodes * sizeof *reach);
    while (slots < SLOTS_MAX && slots < 2 * w->query)
        slots *= 2;
    memset(w->slots, 0, slots * sizeof *w->slots);
    w->slot_mask = slots - 1;
    memset(w->follows, 0, slots * BITS_PER_SLOT / 8);
    for (w->follows_shift = 32; slots * BITS_PER_SLOT > 1u << (32 - w->follows_shift);)
        w->follows_shift--;
    /* Mark each position at its deepest node. */
    uint32_t here = shorter[0];
    for (size_t p = 1; p < w->query; p++) {
        node = here >> SHORTER_SHIFT;
        here = shorter[node];
        size_t at = p + (here & DEPTH_MASK);
        while (at < w->end && !(here & IS_LEAF)) {
            uint32_t child = index_child(ix, node, s[at]);
            if (child == 0)
                break;
            node = child;
            here = shorter[node];
            at++;
        }
        w->node[p] = (uint16_t)node;
        if (at == w->end) {
            /* `echo` covers matches of one byte and a separator of one byte. */
            reach[node] |= at - p >= MIN_MATCH ? OPEN_END : 0;
        } else {
            uint32_t slot = slot_of(w, node, s[at]), next = follows_bit(w, node, s[at]);
            w->follows[next / 32] |= 1u << next % 32;
            w->same[p] = w->slots[slot];
            w->slots[slot] = (uint16_t)p;
            reach[node] |= CUT_OFF;
        }
    }
    w->opens = 0;
    for (size_t p = w->query - 1; p > 0 && w->end - p <= DEPTH_MAX; p--)
        w->open[w->opens++] = p;

    /* Mark it at all nodes above, where the last position counts. Then pass the marks down. */
    for (size_t p = w->query - 1; p > 0; p--) {
        node = w->node[p];
        while ((reach[node] & ~UNSETTLED) == 0 && (shorter[node] & DEPTH_MASK) >= MIN_MATCH) {
            reach[node] |= (shorter[node] & DEPTH_MASK) << LENGTH_SHIFT | (uint32_t)(w->query - p);
            node = ix->parent[node];
        }
    }
    for (uint32_t v = 1; v < ix->nodes; v++) {
        uint32_t inherited = (reach[v] & ~UNSETTLED) == 0 ? ~CUT_OFF : OPEN_END;
        reach[v] |= reach[ix->parent[v]] & inherited;
    }
}

int query_begin(Workspace *w, const uint8_t *query, size_t size, Poll *poll)
{
    const Index *ix = w->ix;
    size_t separator = ix->separator_size;
    size_t room = size + separator + ix->longest + 16;
    if (room > w->room) {
        uint8_t *whole = malloc(room);
        if (!whole)
            return KERNEL_NO_MEMORY;
        free(w->whole);
        w->whole = whole;
        w->room = room;
    }
    memcpy(w->whole, query, size);
    memcpy(w->whole + size, ix->separator, separator);
    w->poll = poll;
    w->skipped = size > WINDOW ? size - WINDOW : 0;
    w->joint = w->whole + w->skipped;
    w->query = size - w->skipped;
    w->end = w->query + separator;
    w->resumable = 0;
    w->tabled = ix->tabled && size > 0;
    if (w->tabled) {
        parse_whole(w);
        chain_query(w);
        settle_query(w);
        mark_contexts(w);
        if (poll_steps(poll, ix->nodes + size))
            return KERNEL_STOPPED;
    }
    return KERNEL_OK;
}
