/* An inverted index from the keys of the texts to the positions where they begin: it
 * finds all matches of all texts without looking at the rest of them. */
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

/* What comes before each position, and before the end. */
static void add_up(const uint16_t *of, size_t size, uint32_t *before)
{
    before[0] = 0;
    for (size_t i = 0; i < size; i++)
        before[i + 1] = before[i] + of[i];
}

typedef struct {
    Powers powers;
    uint64_t *hash;   /* of the prefixes of one text */
    uint8_t *length;  /* of its keys */
} Keys;

/* Go through all keys: the first time counting those of each bucket, the second
 * time putting them there. */
static int sort_keys(Lz77Index *ix, Keys *k, int put, Poll *poll)
{
    for (size_t j = 0; j < ix->texts; j++) {
        const uint32_t start = ix->start[j], size = ix->start[j + 1] - start;
        prefix_hashes(ix->bytes + start, size, k->hash, poll);
        lz77_keys(ix->bits + start, size, ix->match, k->length, poll);
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
            place->position = start + i;
            place->tag = (uint8_t)h;
            place->length = (uint8_t)length;
            place->before = i ? ix->bytes[start + i - 1] : NO_BYTE;
        }
    }
    return KERNEL_OK;
}

int lz77_index(Lz77Index *ix, const uint8_t *bytes, const int64_t *offsets, size_t texts,
               const uint16_t *own, const uint16_t *worth, uint32_t match, Poll *poll)
{
    Keys k = {.hash = NULL, .length = NULL};
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
    ix->bytes = allocate(ix, total, 1);
    ix->bits = allocate(ix, total + 1, sizeof *ix->bits);
    if (worth)
        ix->worth = allocate(ix, total + 1, sizeof *ix->worth);
    ix->bucket = allocate(ix, buckets + 1, sizeof *ix->bucket);
    ix->gate = allocate(ix, GATE_WORDS, sizeof *ix->gate);
    if (!ix->start || !ix->bytes || !ix->bits || (worth && !ix->worth) || !ix->bucket || !ix->gate)
        return KERNEL_NO_MEMORY;
    for (size_t j = 0; j <= texts; j++) {
        ix->start[j] = (uint32_t)(offsets[j] - offsets[0]);
        if (j > 0 && ix->start[j] - ix->start[j - 1] > longest)
            longest = ix->start[j] - ix->start[j - 1];
    }
    memcpy(ix->bytes, bytes + offsets[0], total);
    add_up(own + offsets[0], total, ix->bits);
    if (worth)
        add_up(worth + offsets[0], total, ix->worth);
    if (poll_steps(poll, total))
        return KERNEL_STOPPED;
    memset(ix->bucket, 0, (buckets + 1) * sizeof *ix->bucket);
    memset(ix->gate, 0, GATE_WORDS * sizeof *ix->gate);
    powers_init(&k.powers);
    k.hash = malloc((longest + 1) * sizeof *k.hash);
    k.length = malloc(longest + 1);
    if (k.hash && k.length)
        status = sort_keys(ix, &k, 0, poll);
    if (status == KERNEL_OK) {
        for (size_t b = 0; b < buckets; b++)
            ix->bucket[b + 1] += ix->bucket[b];
        ix->places = allocate(ix, ix->bucket[buckets], sizeof *ix->places);
        status = ix->places ? sort_keys(ix, &k, 1, poll) : KERNEL_NO_MEMORY;
        /* Each now tells where it ends, which is where the next begins. */
        memmove(ix->bucket + 1, ix->bucket, buckets * sizeof *ix->bucket);
        ix->bucket[0] = 0;
    }
    free(k.hash);
    free(k.length);
    return status;
}

void lz77_free(Lz77Index *ix)
{
    free(ix->start);
    free(ix->bytes);
    free(ix->bits);
    free(ix->worth);
    free(ix->bucket);
    free(ix->places);
    free(ix->gate);
}
