/* Prints the results of the kernel for texts that are made here, as lines of numbers. The output must be the same on
 * machines of either byte order. If two routines compute the same number, both must agree. */
#include "class_counts.h"
#include "lz77.h"
#include "screen.h"
#include "search.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXTS = 24, QUERIES = 10, ROUNDS = 10, NEAREST = 5, LEVELS = 6, LONGEST = 40000 };

static uint32_t seed = 1;
static int unequal = 0;
static Poll poll = {NULL, NULL, 0, 0};

static uint32_t draw(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(seed >> 8) * below >> 24);
}

static void *room(size_t size)
{
    void *memory = calloc(size + 1, 1);
    if (!memory)
        exit(2);
    return memory;
}

/* Make a text of new bytes and of pieces of the buffer before it. */
static size_t make_text(uint8_t *buffer, size_t at, uint32_t longest, uint32_t alphabet)
{
    size_t size = draw(longest), end = at + size;
    const uint32_t lowest = draw(3) ? 'a' : 0;
    while (at < end) {
        size_t piece = 1 + draw(draw(4) ? 12 : 400);
        if (piece > end - at)
            piece = end - at;
        if (at > 0 && draw(3)) {
            size_t from = draw((uint32_t)at);
            for (; piece > 0; piece--)
                buffer[at++] = buffer[from++];
        }
        for (; piece > 0; piece--)
            buffer[at++] = (uint8_t)(lowest + draw(alphabet));
    }
    return size;
}

static void print(const char *name, const int64_t *numbers, size_t count)
{
    printf("%s", name);
    for (size_t i = 0; i < count; i++)
        printf(" %lld", (long long)numbers[i]);
    printf("\n");
}

/* Print the sum and a hash of many small numbers. */
static void print_hash(const char *name, const uint16_t *numbers, size_t count)
{
    uint64_t sum = 0, hash = 14695981039346656037u;
    for (size_t i = 0; i < count; i++) {
        sum += numbers[i];
        hash = (hash ^ numbers[i]) * 1099511628211u;
    }
    printf("%s %llu %llx\n", name, (unsigned long long)sum, (unsigned long long)hash);
}

static void expect_equal(const char *name, const int64_t *a, const int64_t *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (a[i] != b[i]) {
            unequal++;
            fprintf(stderr, "%s: %lld is not %lld\n", name, (long long)a[i], (long long)b[i]);
        }
}

/* All texts, and then all queries, in one buffer. */
typedef struct {
    uint8_t *buffer;
    int64_t offsets[TEXTS + QUERIES + 1];
} Case;

static const uint8_t *query_of(const Case *c, int i, size_t *size)
{
    *size = (size_t)(c->offsets[TEXTS + i + 1] - c->offsets[TEXTS + i]);
    return c->buffer + c->offsets[TEXTS + i];
}

static void run_deflate(const Case *c, int level)
{
    Chains *chains = room(sizeof *chains);
    Symbols *symbols = room(sizeof *symbols);
    int64_t lengths[TEXTS + QUERIES], joint[TEXTS];
    Index ix;
    chains_clear(chains);
    symbols_init(symbols);
    for (int i = 0; i < TEXTS + QUERIES; i++)
        lengths[i] = (int64_t)deflate_length(chains, symbols, effort_of(level), c->buffer + c->offsets[i],
                                             (size_t)(c->offsets[i + 1] - c->offsets[i]), &poll);
    print("lengths", lengths, TEXTS + QUERIES);
    const size_t total = (size_t)c->offsets[TEXTS];
    uint16_t *tokens = room(3 * total * sizeof *tokens);
    Tokens found = {tokens, tokens + total, tokens + 2 * total, 0, 0};
    deflate_tokens(chains, symbols, effort_of(level), c->buffer, total, &found, &poll);
    print_hash("tokens", found.length, found.count);
    print_hash("distances", found.dist, found.count);
    print_hash("bits", found.bits, found.count);
    if (index_build(&ix, c->buffer, c->offsets, TEXTS, (const uint8_t *)" ", 1, level, &poll) != KERNEL_OK)
        exit(2);
    Workspace *w = workspace_new(&ix);
    if (!w)
        exit(2);
    for (int i = 0; i < QUERIES; i++) {
        size_t size;
        const uint8_t *query = query_of(c, i, &size);
        if (query_begin(w, query, size, &poll) != 0)
            exit(2);
        query_joint_lengths(w, NULL, TEXTS, joint);
        print("joint", joint, TEXTS);
        for (int metric = 0; metric < METRICS; metric++) {
            double distances[NEAREST];
            int64_t indices[NEAREST];
            query_nearest(w, lengths[TEXTS + i], lengths, NULL, TEXTS, 0, NEAREST, 0, metric, 0, distances,
                          indices);
            print("nearest", indices, NEAREST);
            for (int n = 0; n < NEAREST; n++)
                printf("distance %.17g\n", distances[n]);
        }
    }
    workspace_free(w);
    index_free(&ix);
    free(tokens);
    free(symbols);
    free(chains);
}

static void run_lz77(const Case *c, uint32_t literal, uint32_t match, int weighs)
{
    const size_t total = (size_t)c->offsets[TEXTS];
    uint16_t *costs = room(total * sizeof *costs), *own = room(total * sizeof *own);
    uint8_t *sizes = room(total);
    uint16_t *wide = room(total * sizeof *wide);
    uint16_t *worth = room(total * sizeof *worth);
    int64_t saved[TEXTS], by_pairs[TEXTS];
    Lz77Text texts[TEXTS];
    Lz77Index ix;
    double c_y[TEXTS], distances[NEAREST];
    int64_t indices[NEAREST];
    Lz77Nearest nearest = {.c_x = 100, .c_y = c_y, .within = INFINITY, .k = NEAREST,
                           .distances = distances, .indices = indices};
    for (size_t i = 0; i < total; i++)
        costs[i] = (uint16_t)(literal + draw(literal));
    lz77_own(c->buffer, c->offsets, TEXTS, costs, 2 * match, own, &poll);
    print_hash("own", own, total);
    lz77_key_sizes(c->offsets, TEXTS, own, match, sizes, &poll);
    for (size_t i = 0; i < total; i++)
        worth[i] = (uint16_t)(own[i] * (1 + i % 3) / 2);
    for (size_t i = 0; i < total; i++)
        wide[i] = sizes[i];
    print_hash("keys", wide, total);
    for (int j = 0; j < TEXTS; j++) {
        const int64_t begin = c->offsets[j];
        const Lz77Text text = {c->buffer + begin, sizes + begin, own + begin, weighs ? worth + begin : NULL,
                               (uint32_t)(c->offsets[j + 1] - begin)};
        texts[j] = text;
        c_y[j] = 0;
        for (uint32_t at = 0; at < text.size; at++)
            c_y[j] += (weighs ? text.worth : text.own)[at] / 256.0;
    }
    if (lz77_index(&ix, c->buffer, c->offsets, TEXTS, own, weighs ? worth : NULL, match, &poll) != KERNEL_OK)
        exit(2);
    for (int i = 0; i < QUERIES; i++) {
        size_t size;
        const uint8_t *query = query_of(c, i, &size);
        lz77_savings(&ix, query, size, saved, &poll);
        lz77_pairs(texts, TEXTS, match, query, size, by_pairs, &poll);
        print("savings", saved, TEXTS);
        print("pairs", by_pairs, TEXTS);
        expect_equal("lz77_pairs and lz77_savings", by_pairs, saved, TEXTS);
        for (int metric = 0; metric < LZ77_METRICS; metric++) {
            nearest.metric = metric;
            lz77_nearest(&ix, query, size, &nearest, &poll);
            print("lz77 nearest", indices, NEAREST);
        }
    }
    lz77_free(&ix);
    free(worth);
    free(wide);
    free(sizes);
    free(own);
    free(costs);
}

static void run_screen(const Case *c, int weighted)
{
    const size_t total = (size_t)c->offsets[TEXTS];
    const uint8_t ngrams[2] = {4, 6};
    uint8_t *sizes = room(total), *weights = room(total);
    int64_t totals[TEXTS], shared[TEXTS];
    uint32_t found[TEXTS];
    Screen x;
    for (size_t i = 0; i < total; i++) {
        sizes[i] = (uint8_t)draw(9);
        weights[i] = (uint8_t)draw(16);
    }
    if (screen_build(&x, c->buffer, c->offsets, TEXTS, weighted ? sizes : ngrams, weighted ? total : 2,
                     weighted ? weights : NULL, totals, &poll) != KERNEL_OK)
        exit(2);
    print("totals", totals, TEXTS);
    for (int i = 0; i < QUERIES; i++) {
        size_t size;
        const uint8_t *query = query_of(c, i, &size);
        screen_shared(&x, query, size, found, &poll);
        for (int j = 0; j < TEXTS; j++)
            shared[j] = found[j];
        print("shared", shared, TEXTS);
    }
    screen_free(&x);
    free(weights);
    free(sizes);
}

/* Learn the counts of two classes, forget some, write them and read them again. */
static void run_class_counts(Case *c, unsigned order)
{
    int64_t classes[TEXTS];
    double lengths[QUERIES * 2];
    int64_t rounded[QUERIES * 2] = {0};
    Counts counts, again;
    for (int i = 0; i < TEXTS; i++)
        classes[i] = i % 3 == 0;
    const Labelled texts = {c->buffer, c->offsets, TEXTS, classes};
    const Labelled some = {c->buffer, c->offsets + 5, 7, classes + 5};
    const Labelled queries = {c->buffer, c->offsets + TEXTS, QUERIES, NULL};
    if (counts_init(&counts, order, 1) || counts_init(&again, order, 1) ||
        counts_add(&counts, &texts, SIZE_MAX, &poll) || counts_remove(&counts, &some, &poll) != 7)
        exit(2);
    int64_t *keys = room(3 * counts.raw * sizeof *keys), *owners = keys + counts.raw;
    int64_t *times = owners + counts.raw, sums[3] = {0, 0, 0};
    counts_export(&counts, keys, owners, times);
    for (size_t i = 0; i < counts.raw; i++) {
        sums[0] += keys[i] & 0xFFFFFFFF;
        sums[1] += owners[i];
        sums[2] += times[i];
    }
    print("counts", sums, 3);
    if (counts_import(&again, keys, owners, times, counts.raw, SIZE_MAX, &poll) != (int64_t)counts.raw)
        exit(2);
    for (int round = 0; round < 2; round++) {
        if (counts_lengths(round ? &again : &counts, &queries, 2, 0.3, lengths, &poll) != QUERIES)
            exit(2);
        for (int i = 0; i < QUERIES * 2; i++) {
            const int64_t before = rounded[i];
            rounded[i] = (int64_t)(lengths[i] * 100 + 0.5); /* logarithms may differ in their last bits */
            unequal += round && rounded[i] != before;
        }
    }
    print("class lengths", rounded, QUERIES * 2);
    free(keys);
    counts_free(&counts);
    counts_free(&again);
}

int main(void)
{
    const uint32_t alphabets[] = {1, 2, 3, 8, 26, 200};
    Case c;
    c.buffer = room((size_t)(TEXTS + QUERIES) * LONGEST);
    for (int round = 0; round < ROUNDS; round++) {
        const uint32_t longest = round == 0 ? LONGEST : round % 2 ? 300 : 3000;
        const uint32_t alphabet = round == 0 ? 26 : alphabets[draw(6)];
        c.offsets[0] = 0;
        for (int i = 0; i < TEXTS + QUERIES; i++)
            c.offsets[i + 1] = c.offsets[i] + (int64_t)make_text(c.buffer, (size_t)c.offsets[i], longest, alphabet);
        run_deflate(&c, 9);
        run_deflate(&c, 4 + (int)draw(LEVELS));
        /* not as arguments, because the compiler chooses their order */
        const uint32_t literal = 1 + draw(2048);
        const uint32_t match = draw(5000);
        run_lz77(&c, literal, match, (int)draw(2));
        run_screen(&c, 0);
        run_screen(&c, 1);
        run_class_counts(&c, draw(COUNTS_ORDER + 1));
    }
    free(c.buffer);
    printf("unequal %d\n", unequal);
    return unequal != 0;
}
