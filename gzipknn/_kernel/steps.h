/* The steps of the parse for all positions of a text at once, in loops that compilers can
 * vectorize. */
#ifndef GZIPKNN_STEPS_H
#define GZIPKNN_STEPS_H

#include "tables.h"

/* A step of one byte without a distance. */
#define LITERAL (1u << LENGTH_SHIFT | OWN)

/* Write the step of the parse at each text position: a match, a literal, or 0 if the match must
 * be settled first. */
static inline void mark_steps(const uint32_t * longest, size_t size, uint32_t * steps)
{
    for (size_t i = 0; i < size; i++) {
        int32_t here = (int32_t)longest[i], next = (int32_t)longest[i + 1];
        int32_t step = next > (here | 0xffff) ? 0 : here;
        step = step > (int32_t)LITERAL ? step : (int32_t)LITERAL;
        steps[i] = (uint32_t)(here | next) >= OPEN_END ? 0 : (uint32_t)step;
    }
}

/* Drop matches of three bytes that are too far away. */
static inline void drop_far(uint32_t *longest, size_t from, size_t size)
{
    for (size_t i = from; i < size; i++) {
        uint32_t here = longest[i], far = (here & WHERE) + (uint32_t)i > TOO_FAR;
        longest[i] = here & (((here >> 15 == 2 * MIN_MATCH) & far) - 1);
    }
}

#endif
