/* zlib's lazy parse (levels 4 to 9) of one input. It only counts symbols. */
#include "deflate.h"
#include "prefix.h"

#include <string.h>

enum {
    LONG = 5,    /* bytes that the positions on a long chain share */
    MANY = 1024  /* from this limit of candidates on, such chains pay */
};

static const Effort efforts[6] = {
    {4, 4, 16, 16},     {8, 16, 32, 32},     {8, 16, 128, 128},
    {8, 32, 128, 256},  {32, 128, 258, 1024}, {32, 258, 258, 4096}};

const Effort *effort_of(int level)
{
    return level < 4 || level > 9 ? NULL : &efforts[level - 4];
}

/* Inputs must be shorter than 3 GiB. Chain numbers grow from one input to the next, so that
 * entries of earlier inputs are too old to count. 0 is older than everything. */
void chains_clear(Chains *c)
{
    memset(c->head, 0, sizeof c->head);
    memset(c->head_long, 0, sizeof c->head_long);
    c->origin = 1;
}

static inline uint32_t hash5(const uint8_t *s)
{
    uint32_t first;
    memcpy(&first, s, sizeof first);
    return (first * 2654435769u + s[4] * 2246822519u) >> 17;
}

static inline uint32_t insert(Chains *c, const uint8_t *data, size_t size, size_t at)
{
    const uint32_t number = c->origin + (uint32_t)at, h = hash3(data + at);
    Link *link = &c->link[number % WINDOW];
    link->before = c->head[h];
    link->place = link->before ? c->link[link->before % WINDOW].place + 1 : 0;
    c->head[h] = number;
    if (size - at >= LONG) {
        const uint32_t g = hash5(data + at);
        link->before_long = c->head_long[g];
        c->head_long[g] = number;
    }
    return link->before;
}

void chains_forget(Chains *c, const uint8_t *data, size_t keep, size_t size)
{
    for (size_t at = size; at > keep;) {
        at--;
        const Link *link = &c->link[(c->origin + (uint32_t)at) % WINDOW];
        if (size - at >= MIN_MATCH)
            c->head[hash3(data + at)] = link->before;
        if (size - at >= LONG)
            c->head_long[hash5(data + at)] = link->before_long;
    }
}

/* Return whether a match may be longer than `best`: whether its last four bytes would agree. */
static inline int may_be_longer(const uint8_t *match, const uint8_t *scan, int best)
{
    uint32_t a, b;
    memcpy(&a, match + best - 3, sizeof a);
    memcpy(&b, scan + best - 3, sizeof b);
    return a == b;
}

/* Find the longest match of at least LONG bytes at p->at that is longer than `best`, among the
 * first `chain` candidates on the chain by three bytes. Return its length, or `best`. Matches of
 * this length are also on the shorter chain by five bytes, in the same order. */
static int long_match(const Parse *p, const Chains *c, uint32_t limit, int chain, int nice,
                      int most, int best, uint32_t *dist)
{
    const uint8_t *scan = p->data + p->at;
    const uint32_t number = c->origin + (uint32_t)p->at;
    const Link *here = &c->link[number % WINDOW], *there;
    size_t steps = 0;
    for (uint32_t candidate = here->before_long; candidate > limit;
         candidate = there->before_long, steps++) {
        const uint8_t *match = scan - (number - candidate);
        there = &c->link[candidate % WINDOW];
        int is_longer = 0;
        if (may_be_longer(match, scan, best)) {
            int length = common_prefix(match, scan, most);
            is_longer = length > best;
            if (is_longer && here->place - there->place <= (uint32_t)chain) {
                best = length;
                *dist = number - candidate;
                if (length >= nice)
                    break;
            }
        }
        /* All candidates that follow are even farther down the chain by three bytes. */
        if ((is_longer || steps % 64 == 63) && hash3(match) == hash3(scan) &&
            here->place - there->place >= (uint32_t)chain)
            break;
    }
    poll_steps(p->poll, steps);
    return best;
}

/* Find the longest match at p->at that is longer than `best`, from chain number `candidate` on.
 * Return its length (or `best`) and set *dist. */
static int longest_match(const Parse *p, const Chains *c, const Effort *e, uint32_t candidate,
                         int best, uint32_t *dist)
{
    const uint8_t *scan = p->data + p->at;
    uint32_t number = c->origin + (uint32_t)p->at;
    size_t lookahead = p->size - p->at;
    int most = lookahead < MAX_MATCH ? (int)lookahead : MAX_MATCH;
    int nice = e->nice < most ? e->nice : most;
    int chain = best >= e->good ? e->chain >> 2 : e->chain;
    /* Candidates at or before the limit do not count: it is the window's first byte, or too far. */
    uint32_t limit = c->origin + (uint32_t)p->slid;
    if (p->at - p->slid > MAX_DISTANCE)
        limit = number - MAX_DISTANCE;
    if (best >= most)
        return best;
    if (e->chain >= MANY && most >= LONG && candidate > limit) {
        int found = long_match(p, c, limit, chain, nice, most, best < LONG ? LONG - 1 : best, dist);
        if (*dist != 0 || best >= LONG - 1)
            return *dist != 0 ? found : best;
        nice = LONG - 1;
    }
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
        candidate = c->link[candidate % WINDOW].before;
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

/* Set the bits of the tokens of a block. The tokens of a stored block are its bytes. */
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

/* zlib moves the contents of its 64 KiB window down by half when the lookahead is short near the
 * end of the window. Positions that fall on the first byte or below are lost. */
void parse_slide(Parse *p)
{
    /* zlib has read 64 KiB into the window, or all of the input. */
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
            candidate = insert(c, data, size, p->at);

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
            insert(c, data, size, i);
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
