/* One query against all texts of a corpus. */
#ifndef GZIPKNN_SEARCH_H
#define GZIPKNN_SEARCH_H

#include "query.h"

enum { METRIC_NCD, METRIC_CDM, METRIC_CLM, METRICS };

/* Lengths of the pairs with some texts (NULL: with the first `count`), all of
 * them indices of the corpus. Returns KERNEL_OK or KERNEL_STOPPED. */
int query_joint_lengths(Workspace *w, const int64_t *texts, size_t count, int64_t *lengths);

/* The k nearest by (distance, index) of some texts (NULL: of the first `count`), text i
 * counting as `first` + i, and of the `kept` that distances and indices hold already, in
 * order. Returns how many exact lengths it took, or KERNEL_STOPPED. */
int64_t query_nearest(Workspace *w, int64_t c_query, const int64_t *c_texts, const int64_t *texts,
                      size_t count, int64_t first, size_t k, size_t kept, int metric,
                      int64_t overhead, double *distances, int64_t *indices);

#endif
