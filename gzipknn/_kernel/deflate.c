/* zlib's lazy parse (levels 4 to 9) of one input, counting symbols only. */
#include "deflate.h"
#include "prefix.h"

#include <string.h>

static const Effort efforts[6] = {
    {4, 4, 16, 16},     {8, 16, 32, 32},     {8, 16, 128, 128},
    {8, 32, 128, 256},  {32, 128, 258, 1024}, {32, 258, 258, 4096}};

const Effort *effort_of(int level)
{
    return level < 4 || level > 9 ? NULL : &efforts[level - 4];
}

/* Inputs must be shorter than 3 GiB. Chain numbers go up from one input to the
 * next, so that what an earlier one left behind is too old to count; 0 is older
 * than everything. */
void chains_clear(Chains *c)
{
    memset(c->head, 0, sizeof c->head);
    c->origin = 1;
}

static inline uint32_t insert(Chains *c, const uint8_t *data, size_t at)
{
    uint32_t number = c->origin + (uint32_t)at;
    uint32_t h = hash3(data + at);
    uint32_t before = c->head[h];
    c->prev[number & (WINDOW - 1)] = before;
    c->head[h] = number;
    return before;
}

void chains_forget(Chains *c, const uint8_t *data, size_t keep, size_t inserted)
{
    while (inserted > keep) {
        inserted--;
        uint32_t number = c->origin + (uint32_t)inserted;
        c->head[hash3(data + inserted)] = c->prev[number & (WINDOW - 1)];
    }
}

/* The longest match at p->at longer than `best`, looking from chain number
 * `candidate` on; returns its length (or best) and sets *dist. */
static int longest_match(const Parse *p, const Chains *c, const Effort *e, uint32_t candidate,
                         int best, uint32_t *dist)
{
    const uint8_t *scan = p->data + p->at;
    uint32_t number = c->origin + (uint32_t)p->at;
    size_t lookahead = p->size - p->at;
    int most = lookahead < MAX_MATCH ? (int)lookahead : MAX_MATCH;
    int nice = e->nice < most ? e->nice : most;
    int chain = best >= e->good ? e->chain >> 2 : e->chain;
    /* Nothing at or before the limit: the window's first byte, or too far. */
    uint32_t limit = c->origin + (uint32_t)p->slid;
    if (p->at - p->slid > MAX_DISTANCE)
        limit = number - MAX_DISTANCE;
    if (best >= most)
        return best;
    const int allowed = chain;
    do {
        const uint8_t *match = scan - (number - candidate);
        if (match[best] == scan[best] && match[best - 1] == scan[best - 1] &&
            match[0] == scan[0]) {
            int length = common_prefix(match, scan, most);
            if (length > best) {
                best = length;
                *dist = number - candidate;
                if (length >= nice)
                    break;
            }
        }
        candidate = c->prev[candidate & (WINDOW - 1)];
    } while (candidate > limit && --chain != 0);
    poll_steps(p->poll, (size_t)(allowed - chain));
    return best;
}

void parse_begin(Parse *p, Chains *c, const uint8_t *data, size_t size, Poll *poll)
{
    memset(p, 0, sizeof *p);
    p->poll = poll;
    p->data = data;
    p->size = size;
    p->length = MIN_MATCH - 1;
    histogram_clear(&p->counts);
    if (c->origin > UINT32_MAX / 8)
        chains_clear(c);
}

static inline void note(const Parse *p, int length, uint32_t dist)
{
    if (p->tokens) {
        p->tokens->length[p->tokens->count] = (uint16_t)length;
        p->tokens->dist[p->tokens->count++] = (uint16_t)dist;
    }
}

/* Give the tokens of a block their bits; one that is stored holds its bytes. */
static void price(const Parse *p, const Symbols *t, size_t end)
{
    Tokens *k = p->tokens;
    Codes codes;
    size_t at = p->block_start;
    block_codes(t, &p->counts, end - p->block_start, p->block_start >= p->slid, &codes);
    if (codes.stored) {
        for (k->count = k->priced; at < end; at++) {
            note(p, 1, 0);
            k->bits[k->priced++] = 8;
        }
        return;
    }
    for (; k->priced < k->count; k->priced++) {
        const int length = k->length[k->priced];
        const uint32_t dist = k->dist[k->priced];
        uint32_t bits = codes.litlen[dist ? t->length_symbol[length] : p->data[at]];
        if (dist)
            bits += codes.dist[t->dist_symbol[dist]] + match_extra_bits(t, length, dist);
        k->bits[k->priced] = (uint16_t)bits;
        at += (size_t)length;
    }
}

static void end_block(Parse *p, const Symbols *t, size_t end)
{
    if (p->tokens)
        price(p, t, end);
    p->bits = block_end(t, &p->counts, p->bits, end - p->block_start, p->block_start >= p->slid);
    p->block_start = end;
    p->symbols = 0;
    histogram_clear(&p->counts);
}

/* zlib moves its 64 KiB window down by half when it runs short of input near
 * the end of it; what falls on the first byte or below is lost. */
void parse_slide(Parse *p)
{
    /* What has been read: the window's 64 KiB, or all. */
    if (p->size - p->at >= MAX_MATCH + MIN_MATCH + 1 &&
        p->at - p->slid + MAX_MATCH + MIN_MATCH + 1 <= 2 * WINDOW)
        return;
    if (p->at - p->slid >= WINDOW + MAX_DISTANCE)
        p->slid += WINDOW;
}

void parse_step(Parse *p, const Symbols *t, int length, uint32_t dist)
{
    if (p->length >= MIN_MATCH && length <= p->length) {
        p->counts.litlen[t->length_symbol[p->length]]++;
        p->counts.dist[t->dist_symbol[p->dist]]++;
        note(p, p->length, p->dist);
        p->at += (size_t)p->length - 1;
        p->length = MIN_MATCH - 1;
        p->pending = 0;
        if (++p->symbols == BLOCK_SYMBOLS)
            end_block(p, t, p->at);
        return;
    }
    if (p->pending) {
        p->counts.litlen[p->data[p->at - 1]]++;
        note(p, 1, 0);
        if (++p->symbols == BLOCK_SYMBOLS)
            end_block(p, t, p->at);
    }
    p->pending = 1;
    p->length = length;
    p->dist = dist;
    p->at++;
}

void parse_run(Parse *p, Chains *c, const Symbols *t, const Effort *e, size_t reserve)
{
    const uint8_t *data = p->data;
    const size_t size = p->size;
    while (p->at < size && size - p->at >= reserve && !poll_steps(p->poll, 1)) {
        parse_slide(p);
        uint32_t candidate = 0;
        if (size - p->at >= MIN_MATCH)
            candidate = insert(c, data, p->at);

        int length = MIN_MATCH - 1;
        uint32_t dist = 0;
        uint32_t number = c->origin + (uint32_t)p->at;
        if (candidate > c->origin + (uint32_t)p->slid && p->length < e->lazy &&
            number - candidate <= MAX_DISTANCE) {
            length = longest_match(p, c, e, candidate, p->length, &dist);
            if (length == MIN_MATCH && dist > TOO_FAR)
                length = MIN_MATCH - 1;
        }
        const size_t from = p->at + 1, insert_end = size >= MIN_MATCH ? size - MIN_MATCH + 1 : 0;
        parse_step(p, t, length, dist);
        for (size_t i = from; i < p->at && i < insert_end; i++)
            insert(c, data, i);
    }
}

uint64_t parse_finish(Parse *p, const Symbols *t)
{
    if (p->pending) {
        p->counts.litlen[p->data[p->at - 1]]++;
        note(p, 1, 0);
    }
    p->pending = 0;
    end_block(p, t, p->at);
    return (p->bits + 7) >> 3;
}

uint64_t deflate_length(Chains *c, const Symbols *t, const Effort *e, const uint8_t *data,
                        size_t size, Poll *poll)
{
    return deflate_tokens(c, t, e, data, size, NULL, poll);
}

uint64_t deflate_tokens(Chains *c, const Symbols *t, const Effort *e, const uint8_t *data,
                        size_t size, Tokens *tokens, Poll *poll)
{
    Parse p;
    parse_begin(&p, c, data, size, poll);
    p.tokens = tokens;
    parse_run(&p, c, t, e, 0);
    c->origin += (uint32_t)size + WINDOW;
    return parse_finish(&p, t);
}
