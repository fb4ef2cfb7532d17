/* Sorted suffixes and repeated strings. No more than REPEAT_MAX bytes are compared, which bounds
 * the time in the worst case. */
#ifndef GZIPKNN_SUFFIXES_H
#define GZIPKNN_SUFFIXES_H

#include <stddef.h>
#include <stdint.h>

#include "poll.h"

enum { REPEAT_MAX = 255 };

/* All of these functions may be stopped, which sets `poll->stopped`. */

/* Order the positions 0 ... size - 1 by the REPEAT_MAX bytes that begin there. `room` has
 * 2 * size items. */
void suffix_order(const uint8_t *s, uint32_t size, uint32_t *order, uint32_t *room,
                  Poll *poll);

/* Write, by rank, the length of the prefix shared with the suffix one rank before, at most
 * REPEAT_MAX. There are size + 1 items, with 0 at both ends. */
void shared_prefixes(const uint8_t *s, uint32_t size, const uint32_t *order, uint8_t *shared,
                     Poll *poll);

/* Write, by position, the length of the longest string that also begins earlier. This overwrites
 * `shared`. `room` has 3 * size items. */
void longest_repeats(uint32_t size, const uint32_t *order, uint8_t *shared, uint32_t *room,
                     uint8_t *longest, Poll *poll);

#endif
