/* One query against all texts of a corpus. */
#ifndef GZIPKNN_SEARCH_H
#define GZIPKNN_SEARCH_H

#include "query.h"

enum { METRIC_NCD, METRIC_CDM, METRIC_CLM, METRICS };

/* Write the lengths of the pairs with some texts of the corpus (NULL: with the first `count`).
 * Returns KERNEL_OK or KERNEL_STOPPED. */
int query_joint_lengths(Workspace *w, const int64_t *texts, size_t count, int64_t *lengths);

/* Find the k nearest of some texts (NULL: of the first `count`) by (distance, index). The index
 * of text i is `first` + i. The `kept` neighbours that distances and indices hold already, in
 * order, compete with them. Returns the number of exact lengths computed, or KERNEL_STOPPED. */
int64_t query_nearest(Workspace *w, int64_t c_query, const int64_t *c_texts, const int64_t *texts,
                      size_t count, int64_t first, size_t k, size_t kept, int metric,
                      int64_t overhead, double *distances, int64_t *indices);

#endif
