/* Interrupting long loops. Loops count their work in steps of a few nanoseconds. After every few
 * million steps, the caller is asked whether to stop. A caller that stops a loop must not use its
 * results, and must free them. */
#ifndef GZIPKNN_POLL_H
#define GZIPKNN_POLL_H

#include <stddef.h>

typedef struct {
    int (*ask)(void *);  /* returns nonzero to stop; NULL: never stop */
    void *data;          /* the argument of `ask` */
    size_t steps;        /* the number of steps since the last call of `ask` */
    int stopped;         /* once set, it stays set */
} Poll;

enum {
    POLL_STEPS = 1 << 22,
    POLL_CHUNK = 1 << 16  /* iterations of a simple loop that are counted at once */
};

/* Count steps. Return nonzero if the work is to stop. */
static inline int poll_steps(Poll *p, size_t steps)
{
    p->steps += steps;
    if (p->steps >= POLL_STEPS && !p->stopped) {
        p->steps = 0;
        p->stopped = p->ask && p->ask(p->data) != 0;
    }
    return p->stopped;
}

/* Do the same in iteration i of a simple loop. */
static inline int poll_at(Poll *p, size_t i)
{
    return i % POLL_CHUNK == POLL_CHUNK - 1 && poll_steps(p, POLL_CHUNK);
}

#endif
