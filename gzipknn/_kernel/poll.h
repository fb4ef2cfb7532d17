/* Staying interruptible. Loops count their work in steps of some nanoseconds;
 * after every few million steps the caller is asked whether to stop. Whoever
 * told a loop to stop must not use its results, and has to free them. */
#ifndef GZIPKNN_POLL_H
#define GZIPKNN_POLL_H

#include <stddef.h>

typedef struct {
    int (*ask)(void *);  /* nonzero: stop. NULL: never */
    void *data;          /* for `ask` */
    size_t steps;        /* since it was last asked */
    int stopped;         /* once it says so, it stays so */
} Poll;

enum {
    POLL_STEPS = 1 << 22,
    POLL_CHUNK = 1 << 16  /* iterations of a plain loop that are counted at once */
};

/* Count steps; nonzero if the work is to stop. */
static inline int poll_steps(Poll *p, size_t steps)
{
    p->steps += steps;
    if (p->steps >= POLL_STEPS && !p->stopped) {
        p->steps = 0;
        p->stopped = p->ask && p->ask(p->data) != 0;
    }
    return p->stopped;
}

/* The same in iteration i of a plain loop. */
static inline int poll_at(Poll *p, size_t i)
{
    return i % POLL_CHUNK == POLL_CHUNK - 1 && poll_steps(p, POLL_CHUNK);
}

#endif
