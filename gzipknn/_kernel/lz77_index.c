/* An inverted index from the keys of the texts to the positions where they begin. It finds all
 * matches in all texts without reading the rest of the texts. */
#include "lz77.h"
#include "hashes.h"

#include <stdlib.h>
#include <string.h>

static void *allocate(Lz77Index *ix, size_t count, size_t size)
{
    if (count > SIZE_MAX / 2 / size)
        return NULL;
    ix->nbytes += count * size;
    return malloc(count * size + 1);
}

/* Write the sum of the numbers before each position and before the end. */
static void add_up(const uint16_t *of, size_t size, uint32_t *before, uint32_t step)
{
    before[0] = 0;
    for (size_t i = 0; i < size; i++)
        before[(i + 1) * step] = before[i * step] + of[i];
}

/* Choose the size of blocks, and let each text begin a new block. The size is about the mean size
 * of a text, or less, so that positions fit in 32 bits. */
static void make_blocks(Lz77Index *ix)
{
    const uint32_t total = ix->start[ix->texts];
    uint64_t blocks;
    ix->block_bits = 0;
    while ((uint64_t)ix->texts << ix->block_bits < total)
        ix->block_bits++;
    for (;; ix->block_bits--) {
        blocks = 0;
        for (size_t j = 0; j < ix->texts; j++) {
            ix->first_block[j] = (uint32_t)blocks;
            const uint64_t size = ix->start[j + 1] - ix->start[j];
            blocks += (size + ((uint64_t)1 << ix->block_bits) - 1) >> ix->block_bits;
        }
        if (blocks << ix->block_bits <= UINT32_MAX)
            break;
    }
    ix->first_block[ix->texts] = (uint32_t)blocks;
}

typedef struct {
    Powers powers;
    uint64_t *hash;   /* hashes of the prefixes of one text */
    uint32_t *bits;   /* sums of bits before each of its positions */
    uint8_t *length;  /* the length of the key at each position */
    uint8_t *most;    /* the bound of each place */
} Keys;

/* Go through all keys twice: first count the keys of each bucket, then write their places. */
static int sort_keys(Lz77Index *ix, Keys *k, int put, Poll *poll)
{
    for (size_t j = 0; j < ix->texts; j++) {
        const uint32_t start = ix->start[j], size = ix->start[j + 1] - start;
        prefix_hashes(ix->bytes + start, size, k->hash, poll);
        for (size_t i = 0; i <= size; i++)
            k->bits[i] = ix->bits[(start + i) * ix->step];
        lz77_keys(k->bits, size, ix->match, k->length, poll);
        if (put)
            lz77_most((Before){ix->bits + (size_t)start * ix->step, ix->step}, size, ix->match, k->length,
                      k->most, poll);
        if (poll_steps(poll, size))
            return KERNEL_STOPPED;
        for (uint32_t i = 0; i < size; i++) {
            uint32_t length = k->length[i];
            if (poll_at(poll, i))
                return KERNEL_STOPPED;
            if (length == 0)
                continue;
            uint64_t h = string_hash(&k->powers, k->hash, i, length);
            uint32_t b = (uint32_t)(h >> (64 - ix->bucket_bits));
            if (!put) {
                ix->bucket[b + 1]++;
                ix->has_key[length] = 1;
                if (length > ix->longest_key)
                    ix->longest_key = length;
                gate_open(ix->gate, &k->powers, k->hash, i, length);
                continue;
            }
            Place *place = &ix->places[ix->bucket[b]++];
            const uint32_t before = i ? ix->bytes[start + i - 1] : NO_BYTE;
            place->position = (ix->first_block[j] << ix->block_bits) + i;
            place->what = key_of(h, length) | before << 15 | (uint32_t)k->most[i] << 24;
        }
    }
    return KERNEL_OK;
}

int lz77_index(Lz77Index *ix, const uint8_t *bytes, const int64_t *offsets, size_t texts,
               const uint16_t *own, const uint16_t *worth, uint32_t match, Poll *poll)
{
    Keys k = {.hash = NULL}; /* and all else 0 */
    size_t total = (size_t)(offsets[texts] - offsets[0]), longest = 0;
    int status = KERNEL_NO_MEMORY;
    memset(ix, 0, sizeof *ix);
    ix->nbytes = sizeof *ix;
    ix->texts = texts;
    ix->match = match;
    ix->bucket_bits = 8;
    while (ix->bucket_bits < 31 && (size_t)1 << ix->bucket_bits < total / 2)
        ix->bucket_bits++;
    const size_t buckets = (size_t)1 << ix->bucket_bits;
    ix->start = allocate(ix, texts + 1, sizeof *ix->start);
    ix->first_block = allocate(ix, texts + 1, sizeof *ix->first_block);
    ix->bytes = allocate(ix, total, 1);
    ix->step = worth ? 2 : 1;
    ix->bits = allocate(ix, total + 1 + LINE, ix->step * sizeof *ix->bits);
    ix->bucket = allocate(ix, buckets + 1, sizeof *ix->bucket);
    ix->gate = allocate(ix, GATE_WORDS, sizeof *ix->gate);
    if (!ix->start || !ix->first_block || !ix->bytes || !ix->bits || !ix->bucket || !ix->gate)
        return KERNEL_NO_MEMORY;
    for (size_t j = 0; j <= texts; j++) {
        ix->start[j] = (uint32_t)(offsets[j] - offsets[0]);
        if (j > 0 && ix->start[j] - ix->start[j - 1] > longest)
            longest = ix->start[j] - ix->start[j - 1];
    }
    make_blocks(ix);
    memcpy(ix->bytes, bytes + offsets[0], total);
    add_up(own + offsets[0], total, ix->bits, ix->step);
    if (worth)
        add_up(worth + offsets[0], total, ix->bits + 1, ix->step);
    if (poll_steps(poll, total))
        return KERNEL_STOPPED;
    memset(ix->bucket, 0, (buckets + 1) * sizeof *ix->bucket);
    memset(ix->gate, 0, GATE_WORDS * sizeof *ix->gate);
    powers_init(&k.powers);
    k.hash = malloc((longest + 1) * sizeof *k.hash);
    k.bits = malloc((longest + 1) * sizeof *k.bits);
    k.length = malloc(longest + 1);
    k.most = malloc(longest + 1);
    if (k.hash && k.bits && k.length && k.most)
        status = sort_keys(ix, &k, 0, poll);
    if (status == KERNEL_OK) {
        for (size_t b = 0; b < buckets; b++)
            ix->bucket[b + 1] += ix->bucket[b];
        ix->places = allocate(ix, (size_t)ix->bucket[buckets] + PLACES_AHEAD, sizeof *ix->places);
        status = ix->places ? sort_keys(ix, &k, 1, poll) : KERNEL_NO_MEMORY;
        /* Each bucket now holds its end, which is where the next one begins. */
        memmove(ix->bucket + 1, ix->bucket, buckets * sizeof *ix->bucket);
        ix->bucket[0] = 0;
    }
    free(k.hash);
    free(k.bits);
    free(k.length);
    free(k.most);
    return status;
}

void lz77_free(Lz77Index *ix)
{
    free(ix->start);
    free(ix->first_block);
    free(ix->bytes);
    free(ix->bits);
    free(ix->bucket);
    free(ix->places);
    free(ix->gate);
}

/* ---- look-ups ---- */

enum { TOGETHER = 128 /* look-ups whose memory is prefetched together */ };

typedef struct {
    uint32_t bucket, rank, length, key;
} Lookup;

static int look_up(const Lz77Index *ix, Lookup *lookups, size_t *count, TakeKey *take, void *data,
                   Poll *poll)
{
    size_t full = 0;
    int status = KERNEL_OK;
    for (size_t i = 0; i < *count; i++) {
        const uint32_t *bucket = ix->bucket + lookups[i].bucket;
        lookups[full] = lookups[i];
        full += bucket[0] != bucket[1];
        for (uint32_t p = bucket[0]; p < bucket[1] && p - bucket[0] < PLACES_AHEAD; p += LINE / 2)
            FETCH(ix->places + p);
    }
    for (size_t i = 0; i < full && status == KERNEL_OK; i++) {
        const uint32_t *bucket = ix->bucket + lookups[i].bucket;
        status = take(data, lookups[i].rank, lookups[i].length, lookups[i].key,
                      ix->places + bucket[0], ix->places + bucket[1], poll);
        if (status == KERNEL_OK && poll_steps(poll, bucket[1] - bucket[0]))
            status = KERNEL_STOPPED;
    }
    *count = 0;
    return status;
}

int lz77_find_keys(const Lz77Index *ix, const Lz77Query *q, TakeKey *take, void *data, Poll *poll)
{
    Powers powers;
    Lookup lookups[TOGETHER];
    size_t count = 0;
    int status = KERNEL_OK;
    uint64_t *hash = malloc(((size_t)q->size + 1) * sizeof *hash);
    if (!hash)
        return KERNEL_NO_MEMORY;
    powers_init(&powers);
    prefix_hashes(q->bytes, q->size, hash, poll);
    if (poll->stopped)
        status = KERNEL_STOPPED;
    for (uint32_t r = 0; r < q->size && status == KERNEL_OK; r++) {
        uint32_t at = q->order[r], most = q->size - at;
        if (most > ix->longest_key)
            most = ix->longest_key;
        most = gate_most(ix->gate, &powers, hash, at, most);
        /* The prefix that it shares with the suffix one rank before was looked up there. */
        for (uint32_t length = q->shared[r] + 1u; length <= most && status == KERNEL_OK; length++) {
            if (!ix->has_key[length])
                continue;
            const uint64_t h = string_hash(&powers, hash, at, length);
            const uint32_t bucket = (uint32_t)(h >> (64 - ix->bucket_bits));
            FETCH(ix->bucket + bucket);
            lookups[count++] = (Lookup){bucket, r, length, key_of(h, length)};
            if (count == TOGETHER)
                status = look_up(ix, lookups, &count, take, data, poll);
        }
        if (poll_steps(poll, 1 + most))
            status = KERNEL_STOPPED;
    }
    if (status == KERNEL_OK)
        status = look_up(ix, lookups, &count, take, data, poll);
    free(hash);
    return status;
}
