/* Repeats by suffix order: worst cases are bounded because nothing is compared
 * beyond REPEAT_MAX bytes. */
#ifndef GZIPKNN_SUFFIXES_H
#define GZIPKNN_SUFFIXES_H

#include <stddef.h>
#include <stdint.h>

#include "poll.h"

enum { REPEAT_MAX = 255 };

/* All of these may be stopped; `poll->stopped` tells. */

/* The positions 0 ... size - 1 ordered by the REPEAT_MAX bytes from there on;
 * `room` holds 2 * size items. */
void suffix_order(const uint8_t *s, uint32_t size, uint32_t *order, uint32_t *room,
                  Poll *poll);

/* By rank: the prefix shared with the suffix one rank before, at most REPEAT_MAX;
 * size + 1 items, 0 at both ends. */
void shared_prefixes(const uint8_t *s, uint32_t size, const uint32_t *order, uint8_t *shared,
                     Poll *poll);

/* By position: the longest repeat of what begins earlier. Consumes `shared`;
 * `room` holds 3 * size items. */
void longest_repeats(uint32_t size, const uint32_t *order, uint8_t *shared, uint32_t *room,
                     uint8_t *longest, Poll *poll);

#endif
