/* The index of a corpus: each position's longest match in its own text (own_matches.c), and its
 * node in a tree of the frequent strings of the corpus. */
#include "tables.h"
#include "own_matches.h"

#include <stdlib.h>
#include <string.h>

enum {
    SAMPLE = 1 << 20,       /* the size of the sample of the corpus that the tree is made from */
    RARE = 1 << 16,         /* a string that occurs at less than 1 / RARE of it gets no node */
    TABLED_MAX = 1 << 26,   /* longer texts have no tables */
    LEAST = 8,              /* a string that occurs less often than this gets no node */
    NODES_GROWN = 1 << 18,   /* the most nodes before the rarest are dropped */
    NODES_MAX = 1 << 16
};

/* ---- the tree of contexts ---- */

typedef struct {
    uint32_t begin, end;  /* its occurrences in the sorted positions */
    uint32_t parent;
    uint8_t byte, depth;
} Node;

static int by_count(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Sort the positions of the sample by the bytes that follow, group by group, while a group is
 * large. Every group becomes a node. `room` has an item for each position, and `next` a byte. */
static uint32_t grow(Node *nodes, uint32_t *at, uint32_t *room, uint8_t *next,
                     const uint8_t *sample, uint32_t size, uint32_t least, Poll *poll)
{
    uint32_t n = 1, count[256] = {0}, place[256];
    nodes[0].begin = 0;
    nodes[0].end = size;
    nodes[0].parent = 0;
    nodes[0].depth = 0;
    for (uint32_t i = 0; i < size; i++)
        at[i] = i;
    for (uint32_t v = 0; v < n; v++) {
        const uint32_t begin = nodes[v].begin, depth = nodes[v].depth;
        uint32_t end = nodes[v].end, kept = begin, bytes = 0;
        uint8_t seen[257];  /* room for one that is not new */
        if (depth == DEPTH_MAX || poll_steps(poll, 1 + end - begin))
            break;
        for (uint32_t i = begin; i < end; i++) {
            if (at[i] + depth == size) {
                at[i--] = at[--end];
                continue;
            }
            const uint8_t byte = sample[at[i] + depth];
            next[i] = byte;
            seen[bytes] = byte;
            bytes += count[byte]++ == 0;
        }
        for (uint32_t k = 0; k < bytes; k++) {
            const uint8_t byte = seen[k];
            place[byte] = UINT32_MAX;
            if (count[byte] >= least && n < NODES_GROWN) {
                place[byte] = kept;
                nodes[n].begin = kept;
                kept += count[byte];
                nodes[n].end = kept;
                nodes[n].parent = v;
                nodes[n].byte = byte;
                nodes[n].depth = (uint8_t)(depth + 1);
                n++;
            }
            count[byte] = 0;
        }
        if (bytes < 2)
            continue;
        for (uint32_t i = begin; i < end; i++)
            if (place[next[i]] != UINT32_MAX)
                room[place[next[i]]++] = at[i];
        memcpy(at + begin, room + begin, (kept - begin) * sizeof *at);
    }
    return n;
}

static void *allocate(Index *ix, size_t count, size_t size)
{
    if (count > SIZE_MAX / 2 / size)
        return NULL;
    ix->nbytes += count * size;
    return malloc(count * size + 1);
}

/* Number the nodes and store the tree. For each node, also store the node of its string without
 * the first byte. That node exists, because the shorter string occurs at least as often. */
static int number_nodes(Index *ix, const Node *nodes, uint32_t n)
{
    const uint32_t grown = n;
    uint64_t *order = malloc(grown * sizeof *order);
    uint32_t *number = malloc(grown * sizeof *number);
    uint32_t slots = 4;
    if (n > NODES_MAX)
        n = NODES_MAX;
    while (slots < 2 * n)
        slots *= 2;
    ix->nodes = n;
    ix->edge_mask = slots - 1;
    ix->parent = allocate(ix, n, sizeof *ix->parent);
    ix->shorter = allocate(ix, n, sizeof *ix->shorter);
    ix->edges = allocate(ix, slots, sizeof *ix->edges);
    if (!order || !number || !ix->parent || !ix->shorter || !ix->edges) {
        free(order);
        free(number);
        return KERNEL_NO_MEMORY;
    }
    /* A node occurs no more often than its parent, so a prefix of this order
     * is a tree with parents first. */
    for (uint32_t v = 0; v < grown; v++)
        order[v] = (uint64_t)(UINT32_MAX - (nodes[v].end - nodes[v].begin)) << 32 | v;
    qsort(order + 1, grown - 1, sizeof *order, by_count);
    for (uint32_t i = 0; i < n; i++)
        number[order[i] & UINT32_MAX] = i;
    memset(ix->edges, 0, slots * sizeof *ix->edges);
    ix->parent[0] = 0;
    for (uint32_t i = 1; i < n; i++) {
        const Node *v = &nodes[order[i] & UINT32_MAX];
        uint32_t parent = number[v->parent], key = parent << 8 | v->byte;
        ix->parent[i] = parent;
        uint32_t slot = key * 2654435769u;
        slot ^= slot >> 15;
        while (ix->edges[slot & ix->edge_mask].node)
            slot++;
        ix->edges[slot & ix->edge_mask].key = key;
        ix->edges[slot & ix->edge_mask].node = i;
    }
    ix->shorter[0] = IS_LEAF;
    for (uint32_t i = 1; i < n; i++) {
        const Node *v = &nodes[order[i] & UINT32_MAX];
        const uint32_t parent = ix->parent[i];
        uint32_t node = v->depth > 1 ? index_child(ix, ix->shorter[parent] >> SHORTER_SHIFT, v->byte) : 0;
        ix->shorter[i] = node << SHORTER_SHIFT | IS_LEAF | v->depth;
        ix->shorter[parent] &= ~IS_LEAF;
    }
    free(order);
    free(number);
    return KERNEL_OK;
}

static int build_tree(Index *ix, size_t total, Poll *poll)
{
    /* The sample consists of every step-th text, up to a limit. */
    size_t step = total / SAMPLE + 1, size = 0;
    for (size_t j = 0; j < ix->texts; j += step)
        if (ix->crowd[j] != NO_TABLES)
            size += ix->start[j + 1] - ix->start[j];
    if (size > 4 * (size_t)SAMPLE)
        size = 4 * (size_t)SAMPLE;
    uint8_t *sample = malloc(size + 1);
    uint32_t *at = malloc((size + 1) * sizeof *at);
    uint32_t *room = malloc((size + 1) * sizeof *room);
    uint8_t *next = malloc(size + 1);
    Node *nodes = malloc(NODES_GROWN * sizeof *nodes);
    int status = KERNEL_NO_MEMORY;
    if (sample && at && room && next && nodes) {
        size_t n = 0;
        for (size_t j = 0; j < ix->texts; j += step) {
            size_t length = ix->start[j + 1] - ix->start[j];
            if (ix->crowd[j] == NO_TABLES)
                continue;
            if (length > size - n)
                length = size - n;
            memcpy(sample + n, ix->bytes + ix->start[j], length);
            n += length;
        }
        uint32_t least = (uint32_t)(size / RARE);
        uint32_t n_nodes = grow(nodes, at, room, next, sample, (uint32_t)size,
                                least < LEAST ? LEAST : least, poll);
        status = number_nodes(ix, nodes, n_nodes);
        if (status == KERNEL_OK && poll->stopped)
            status = KERNEL_STOPPED;
    }
    free(sample);
    free(at);
    free(room);
    free(next);
    free(nodes);
    return status;
}

/* Find the deepest node at each position. At the next position, the string without its first byte
 * is known to have a node. */
static void find_contexts(Index *ix, size_t text, Poll *poll)
{
    const uint8_t *s = ix->bytes + ix->start[text];
    const size_t size = ix->start[text + 1] - ix->start[text];
    uint16_t *context = ix->context + ix->start[text];
    uint32_t node = 0;
    for (size_t i = 0; i < size && !poll_at(poll, i); i++) {
        size_t end = i + (ix->shorter[node] & DEPTH_MASK);
        for (uint32_t child; end < size && (child = index_child(ix, node, s[end])) != 0; end++)
            node = child;
        context[i] = (uint16_t)node;
        node = ix->shorter[node] >> SHORTER_SHIFT;
    }
    poll_steps(poll, size);
}

/* ---- all of it ---- */

static int build_tables(Index *ix, Poll *poll)
{
    size_t total = ix->start[ix->texts], echoes = 0;
    int status = KERNEL_NO_MEMORY;
    Finder *f = malloc(sizeof *f);
    ix->crowd = allocate(ix, ix->texts, sizeof *ix->crowd);
    ix->length = allocate(ix, ix->texts, sizeof *ix->length);
    ix->own = allocate(ix, total, sizeof *ix->own);
    ix->context = allocate(ix, total, sizeof *ix->context);
    ix->echo_start = allocate(ix, ix->texts + 1, sizeof *ix->echo_start);
    if (!f || !ix->crowd || !ix->length || !ix->own || !ix->context || !ix->echo_start)
        goto done;
    finder_clear(f);
    for (size_t j = 0; j < ix->texts; j++) {
        const uint8_t *s = ix->bytes + ix->start[j];
        size_t size = ix->start[j + 1] - ix->start[j];
        ix->crowd[j] = NO_TABLES;
        ix->length[j] = 0;
        ix->echo_start[j] = echoes;
        if (size > TABLED_MAX)
            continue;
        OwnMatches own = own_matches(f, &ix->symbols, ix->effort, s, size, ix->lead,
                                     ix->own + ix->start[j], poll);
        if (poll->stopped) {
            status = KERNEL_STOPPED;
            goto done;
        }
        ix->length[j] = own.length;
        ix->crowd[j] = (uint16_t)((int)own.crowd > ix->effort->chain ? OVERCROWDED : own.crowd);
        if (size > ix->longest_tabled)
            ix->longest_tabled = size;
        for (size_t i = 1; i + 2 <= size && ix->lead == 1; i++)
            echoes += s[i] == s[0] && s[i + 1] == s[1];
    }
    ix->echo_start[ix->texts] = echoes;
    ix->echo = allocate(ix, echoes, sizeof *ix->echo);
    if (!ix->echo)
        goto done;
    status = build_tree(ix, total, poll);
    echoes = 0;
    for (size_t j = 0; j < ix->texts && status == KERNEL_OK; j++) {
        const uint8_t *s = ix->bytes + ix->start[j];
        size_t size = ix->start[j + 1] - ix->start[j];
        if (ix->crowd[j] == NO_TABLES)
            continue;
        find_contexts(ix, j, poll);
        if (poll->stopped)
            status = KERNEL_STOPPED;
        for (size_t i = 1; i + 2 <= size && ix->lead == 1; i++)
            if (s[i] == s[0] && s[i + 1] == s[1])
                ix->echo[echoes++] = (uint32_t)i;
    }
done:
    free(f);
    return status;
}

int index_build(Index *ix, const uint8_t *bytes, const int64_t *offsets, size_t texts,
                const uint8_t *separator, size_t separator_size, int level, Poll *poll)
{
    memset(ix, 0, sizeof *ix);
    ix->effort = effort_of(level);
    symbols_init(&ix->symbols);
    symbols_init_bounds(&ix->symbols);
    ix->texts = texts;
    ix->separator_size = separator_size;
    ix->lead = separator_size <= SEPARATOR_MAX ? separator_size : 0;
    size_t total = (size_t)(offsets[texts] - offsets[0]) + texts * ix->lead;
    ix->nbytes = sizeof *ix;
    ix->separator = allocate(ix, separator_size, 1);
    ix->start = allocate(ix, texts + 1, sizeof *ix->start);
    ix->bytes = allocate(ix, total, 1);
    if (!ix->separator || !ix->start || !ix->bytes)
        return KERNEL_NO_MEMORY;
    memcpy(ix->separator, separator, separator_size);
    size_t n = 0;
    for (size_t j = 0; j < texts; j++) {
        size_t size = (size_t)(offsets[j + 1] - offsets[j]);
        ix->start[j] = n;
        memcpy(ix->bytes + n, separator, ix->lead);
        memcpy(ix->bytes + n + ix->lead, bytes + offsets[j], size);
        n += ix->lead + size;
        if (ix->lead + size > ix->longest)
            ix->longest = ix->lead + size;
    }
    ix->start[texts] = n;
    /* The match at a position is independent of the parse only if no limit of the level applies.
     * This is so at level 9. */
    ix->tabled = ix->effort->lazy == MAX_MATCH && ix->effort->nice == MAX_MATCH && ix->lead > 0 &&
                 texts > 0;
    return ix->tabled ? build_tables(ix, poll) : KERNEL_OK;
}

void index_free(Index *ix)
{
    free(ix->separator);
    free(ix->start);
    free(ix->bytes);
    free(ix->crowd);
    free(ix->length);
    free(ix->own);
    free(ix->context);
    free(ix->echo_start);
    free(ix->echo);
    free(ix->parent);
    free(ix->shorter);
    free(ix->edges);
}

int index_text_lengths(const Index *ix, int64_t *lengths, Poll *poll)
{
    Chains *c = malloc(sizeof *c);
    if (!c)
        return KERNEL_NO_MEMORY;
    chains_clear(c);
    for (size_t j = 0; j < ix->texts && !poll->stopped; j++) {
        const size_t begin = ix->start[j] + ix->lead;
        uint64_t length = ix->tabled ? ix->length[j] : 0;
        if (length == 0)
            length = deflate_length(c, &ix->symbols, ix->effort, ix->bytes + begin,
                                    ix->start[j + 1] - begin, poll);
        lengths[j] = (int64_t)length;
    }
    free(c);
    return poll->stopped ? KERNEL_STOPPED : KERNEL_OK;
}
