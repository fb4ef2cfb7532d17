/* The joint lengths of a query with texts, and a search for its nearest texts that computes as few
 * exact lengths as possible. */
#include "search.h"
#include "pair.h"

/* ---- joint lengths ---- */

/* Pairs whose symbols are counted, and whose Huffman trees are not built yet. */
typedef struct {
    Histogram counts[BATCH];
    uint64_t joint[BATCH];
    size_t item[BATCH];
    int count;
} Batch;

static void batch_finish(const Workspace *w, Batch *b, int64_t *lengths)
{
    uint64_t bytes[BATCH];
    one_block_bytes(&w->ix->symbols, b->counts, b->joint, b->count, bytes);
    for (int x = 0; x < b->count; x++)
        lengths[b->item[x]] = (int64_t)bytes[x];
    b->count = 0;
}

int query_joint_lengths(Workspace *w, const int64_t *texts, size_t count, int64_t *lengths)
{
    Batch b;
    b.count = 0;
    for (size_t i = 0; i < count; i++) {
        size_t text = texts ? (size_t)texts[i] : i;
        if (texts && i + 1 < count)
            pair_fetch(w->ix, (size_t)texts[i + 1]);
        size_t joint = w->skipped + w->query + text_size(w->ix, text);
        int how = pair_way(w, text);
        if (how == PAIR_SHORT) {
            pair_count(w, text, &b.counts[b.count]);
            b.joint[b.count] = joint;
            b.item[b.count++] = i;
            if (b.count == BATCH)
                batch_finish(w, &b, lengths);
        } else {
            lengths[i] = (int64_t)pair_length(w, text, how);
        }
        if (poll_steps(w->poll, joint))
            return KERNEL_STOPPED;
    }
    batch_finish(w, &b, lengths);
    return KERNEL_OK;
}

/* ---- the nearest ---- */

static double distance(int metric, int64_t c_query, int64_t c_text, int64_t c_joint)
{
    double x = (double)c_query, y = (double)c_text, xy = (double)c_joint;
    double low = x < y ? x : y, high = x < y ? y : x;
    switch (metric) {
    case METRIC_NCD:
        return high == 0 ? 0.0 : (xy - low) / high;
    case METRIC_CDM:
        return x + y == 0 ? 0.5 : xy / (x + y);
    default:
        return xy == 0 ? 0.0 : 1.0 - (x + y - xy) / xy;
    }
}

static int before(double d, int64_t i, double e, int64_t j)
{
    return d < e || (d == e && i < j);
}

/* Add a text to the k nearest texts, in order, if it is one of them. */
static void keep(double *distances, int64_t *indices, size_t k, size_t *kept, double d, int64_t i)
{
    size_t at = *kept;
    if (at == k) {
        if (!before(d, i, distances[k - 1], indices[k - 1]))
            return;
        at--;
    } else {
        ++*kept;
    }
    for (; at > 0 && before(d, i, distances[at - 1], indices[at - 1]); at--) {
        distances[at] = distances[at - 1];
        indices[at] = indices[at - 1];
    }
    distances[at] = d;
    indices[at] = i;
}

/* The state of a search. */
typedef struct {
    int64_t c_query, overhead;
    int64_t first;          /* the index of text 0 */
    const int64_t *c_texts;
    int metric;
    double *distances;
    int64_t *indices;
    size_t k, kept;
    Sizing sizings[BATCH];  /* texts that may be among the nearest */
    size_t texts[BATCH];
    int pending;
    int64_t built;
    size_t bounded, ruled_out;  /* texts for which the first bound was tried, and sufficed */
} Search;

static double distance_at(const Search *r, size_t text, uint64_t length)
{
    return distance(r->metric, r->c_query, r->c_texts[text], (int64_t)length + r->overhead);
}

/* Every distance grows with the joint length, also after rounding. So a lower bound on the length
 * is a lower bound on the distance. */
static int may_be_kept(const Search *r, size_t text, uint64_t length)
{
    return r->kept < r->k || before(distance_at(r, text, length), r->first + (int64_t)text,
                                    r->distances[r->k - 1], r->indices[r->k - 1]);
}

static int is_wanted(void *data, const Sizing *z)
{
    const Search *r = data;
    return may_be_kept(r, r->texts[z - r->sizings], z->at_least);
}

static void try_text(Search *r, size_t text, uint64_t length)
{
    keep(r->distances, r->indices, r->k, &r->kept, distance_at(r, text, length),
         r->first + (int64_t)text);
    r->built++;
}

static void try_pending(const Workspace *w, Search *r)
{
    sizing_finish(&w->ix->symbols, r->sizings, r->pending, is_wanted, r);
    for (int x = 0; x < r->pending; x++)
        if (r->sizings[x].exact)
            try_text(r, r->texts[x], r->sizings[x].at_least);
    r->pending = 0;
}

int64_t query_nearest(Workspace *w, int64_t c_query, const int64_t *c_texts, const int64_t *texts,
                      size_t count, int64_t first, size_t k, size_t kept, int metric,
                      int64_t overhead, double *distances, int64_t *indices)
{
    Search r;
    r.c_query = c_query;
    r.first = first;
    r.overhead = overhead;
    r.c_texts = c_texts;
    r.metric = metric;
    r.distances = distances;
    r.indices = indices;
    r.k = k;
    r.kept = kept;
    r.pending = 0;
    r.built = 0;
    r.bounded = r.ruled_out = 0;
    for (size_t i = 0; i < count; i++) {
        size_t j = texts ? (size_t)texts[i] : i;
        if (texts && i + 1 < count)
            pair_fetch(w->ix, (size_t)texts[i + 1]);
        size_t joint = w->skipped + w->query + text_size(w->ix, j);
        int how = pair_way(w, j);
        if (how == PAIR_SHORT) {
            Sizing *z = &r.sizings[r.pending];
            pair_count(w, j, &z->counts);
            z->input_bytes = joint;
            sizing_start(&w->ix->symbols, z);
            /* The first bound costs a tenth of what it may save, so it must suffice often enough. */
            int try_bound = r.bounded < 64 || r.ruled_out > r.bounded / 8;
            if (try_bound) {
                sizing_bound(&w->ix->symbols, z);
                r.bounded++;
            }
            if (try_bound && !may_be_kept(&r, j, z->at_least)) {
                r.ruled_out++;
            } else {
                r.texts[r.pending++] = j;
                if (r.pending == BATCH)
                    try_pending(w, &r);
            }
        } else {
            try_text(&r, j, pair_length(w, j, how));
        }
        if (poll_steps(w->poll, joint))
            return KERNEL_STOPPED;
    }
    try_pending(w, &r);
    return r.built;
}
