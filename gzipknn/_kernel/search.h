/* One query against an indexed corpus. */
#ifndef GZIPKNN_SEARCH_H
#define GZIPKNN_SEARCH_H

#include "tables.h"

/* Memory for one query at a time; reusable. */
typedef struct Workspace Workspace;

Workspace *workspace_new(const Index *ix);
void workspace_free(Workspace *w);

enum { QUERY_NO_MEMORY = -1, QUERY_STOPPED = -2 };
enum { METRIC_NCD, METRIC_CDM, METRIC_CLM, METRICS };

/* 0 or QUERY_NO_MEMORY. */
int query_begin(Workspace *w, const uint8_t *query, size_t size);

/* Lengths of the pairs with some texts (NULL: with the first `count`), all of
 * them indices of the corpus. Returns 0 or QUERY_STOPPED. */
int query_joint_lengths(Workspace *w, const int64_t *texts, size_t count, int64_t *lengths,
                        Poll poll, void *poll_data);

/* The k nearest by (distance, index). Returns how many exact lengths it took,
 * or one of these. */
int64_t query_nearest(Workspace *w, int64_t c_query, const int64_t *c_texts, size_t k, int metric,
                      int64_t overhead, double *distances, int64_t *indices, Poll poll,
                      void *poll_data);

/* For tests: leave the tables alone. */
void query_ignore_tables(Workspace *w);

#endif
