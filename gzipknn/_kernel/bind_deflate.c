/* The Python binding of deflate: lengths and tokens of single texts, and an index of a corpus. */
#include "binding.h"
#include "deflate.h"
#include "search.h"

#include <stdlib.h>
#include <string.h>

/* Longer compressed lengths are refused, so that sums of them fit in 64 bits. */
#define LENGTH_MAX ((int64_t)1 << 52)

static int check_level(int level)
{
    if (effort_of(level))
        return 1;
    PyErr_Format(PyExc_ValueError, "level must be 4 to 9, got %d", level);
    return 0;
}

/* ---- lengths ---- */

typedef struct {
    Chains chains;
    Symbols symbols;
} Single;

static PyObject *lengths(PyObject *module, PyObject *args)
{
    PyObject *buffer_object, *offsets_object, *out_object, *result = NULL;
    Py_buffer buffer, out;
    size_t texts;
    int level;
    (void)module;
    if (!PyArg_ParseTuple(args, "OOiO:lengths", &buffer_object, &offsets_object, &level,
                          &out_object))
        return NULL;
    if (!check_level(level) || !get_array(buffer_object, &buffer, "buffer", 'B', -1, 0))
        return NULL;
    int64_t *offsets = copy_offsets(offsets_object, buffer.shape[0], &texts);
    if (!offsets)
        goto release_buffer;
    if (!get_array(out_object, &out, "out", 'q', (int64_t)texts, 1))
        goto release_offsets;
    Single *single = malloc(sizeof *single);
    if (single) {
        int64_t *lengths_out = out.buf;
        PyThreadState *state = PyEval_SaveThread();
        Poll poll = poll_python(&state);
        chains_clear(&single->chains);
        symbols_init(&single->symbols);
        for (size_t i = 0; i < texts; i++) {
            uint64_t length = deflate_length(
                &single->chains, &single->symbols, effort_of(level),
                (const uint8_t *)buffer.buf + offsets[i], (size_t)(offsets[i + 1] - offsets[i]),
                &poll);
            if (poll.stopped)
                break;
            lengths_out[i] = (int64_t)length;
        }
        PyEval_RestoreThread(state);
        result = none_if_ok(poll.stopped ? KERNEL_STOPPED : KERNEL_OK);
        free(single);
    } else {
        PyErr_NoMemory();
    }
    PyBuffer_Release(&out);
release_offsets:
    free(offsets);
release_buffer:
    PyBuffer_Release(&buffer);
    return result;
}

/* ---- the tokens of one stream ---- */

static PyObject *tokens(PyObject *module, PyObject *args)
{
    PyObject *data_object, *out_object[3], *result = NULL;
    Py_buffer data, out[3];
    int level, held = 0;
    (void)module;
    if (!PyArg_ParseTuple(args, "OiOOO:tokens", &data_object, &level, &out_object[0],
                          &out_object[1], &out_object[2]))
        return NULL;
    if (!check_level(level) || !get_bytes(data_object, &data, "data"))
        return NULL;
    const char *names[3] = {"length", "dist", "bits"};
    while (held < 3 && get_array(out_object[held], &out[held], names[held], 'H', data.len, 1))
        held++;
    /* These are copies, because the data are read twice and another thread may write to the
     * arrays of Python during the call. */
    const size_t size = (size_t)data.len;
    uint8_t *copy = held == 3 ? malloc(size + 1) : NULL;
    uint16_t *own = held == 3 ? malloc(3 * size * sizeof *own + 1) : NULL;
    Single *single = held == 3 ? malloc(sizeof *single) : NULL;
    if (copy && own && single) {
        Tokens found = {own, own + size, own + 2 * size, 0, 0};
        memcpy(copy, data.buf, size);
        PyThreadState *state = PyEval_SaveThread();
        Poll poll = poll_python(&state);
        chains_clear(&single->chains);
        symbols_init(&single->symbols);
        deflate_tokens(&single->chains, &single->symbols, effort_of(level), copy, size, &found,
                       &poll);
        for (int i = 0; i < 3 && !poll.stopped; i++)
            memcpy(out[i].buf, own + (size_t)i * size, found.count * sizeof *own);
        PyEval_RestoreThread(state);
        if (!poll.stopped)
            result = PyLong_FromSize_t(found.count);
    } else if (held == 3) {
        PyErr_NoMemory();
    }
    free(own);
    free(single);
    free(copy);
    while (held > 0)
        PyBuffer_Release(&out[--held]);
    PyBuffer_Release(&data);
    return result;
}

/* ---- Index ---- */

typedef struct {
    PyObject_HEAD
    Index index;
    Workspace *spare;  /* a list of unused workspaces: one for each thread that ever ran at once */
} IndexObject;

static Workspace *take_workspace(IndexObject *self)
{
    Workspace *w;
    BEGIN_ALONE(self);
    w = self->spare;
    if (w)
        self->spare = w->next;
    END_ALONE();
    if (!w && !(w = workspace_new(&self->index)))
        PyErr_NoMemory();
    return w;
}

/* Keep a workspace for the next query. If the query was stopped, the workspace is freed. */
static void give_workspace(IndexObject *self, Workspace *w, int stopped)
{
    if (stopped) {
        workspace_free(w);
        return;
    }
    BEGIN_ALONE(self);
    w->next = self->spare;
    self->spare = w;
    END_ALONE();
}

static PyObject *index_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    static char *names[] = {"buffer", "offsets", "separator", "level", NULL};
    PyObject *buffer_object, *offsets_object, *separator_object;
    Py_buffer buffer, separator;
    PyObject *self = NULL;
    size_t texts;
    int level;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "OOOi:Index", names, &buffer_object,
                                     &offsets_object, &separator_object, &level))
        return NULL;
    if (!check_level(level) || !get_array(buffer_object, &buffer, "buffer", 'B', -1, 0))
        return NULL;
    int64_t *offsets = copy_offsets(offsets_object, buffer.shape[0], &texts);
    if (!offsets)
        goto release_buffer;
    if (!get_bytes(separator_object, &separator, "separator"))
        goto release_offsets;
    self = allocate_object(type);
    if (!self)
        goto release_separator;
    PyThreadState *state = PyEval_SaveThread();
    Poll poll = poll_python(&state);
    int status = index_build(&((IndexObject *)self)->index, buffer.buf, offsets, texts,
                             separator.buf, (size_t)separator.len, level, &poll);
    PyEval_RestoreThread(state);
    self = object_if_ok(self, status);
release_separator:
    PyBuffer_Release(&separator);
release_offsets:
    free(offsets);
release_buffer:
    PyBuffer_Release(&buffer);
    return self;
}

static void index_dealloc(PyObject *object)
{
    IndexObject *self = (IndexObject *)object;
    while (self->spare) {
        Workspace *w = self->spare;
        self->spare = w->next;
        workspace_free(w);
    }
    index_free(&self->index);
    free_object(object);
}

static PyObject *joint_lengths(PyObject *object, PyObject *args)
{
    IndexObject *self = (IndexObject *)object;
    PyObject *query_object, *out_object, *indices_object = Py_None, *result = NULL;
    Py_buffer query, out;
    Py_ssize_t count = (Py_ssize_t)self->index.texts;
    int64_t *indices = NULL;
    if (!PyArg_ParseTuple(args, "OO|O:joint_lengths", &query_object, &out_object, &indices_object) ||
        !get_bytes(query_object, &query, "query"))
        return NULL;
    if (!Py_IsNone(indices_object) &&
        !(indices = copy_indices(indices_object, self->index.texts, &count)))
        goto release_query;
    if (!get_array(out_object, &out, "out", 'q', count, 1))
        goto release_indices;
    Workspace *w = take_workspace(self);
    if (w) {
        PyThreadState *state = PyEval_SaveThread();
        Poll poll = poll_python(&state);
        int status = query_begin(w, query.buf, (size_t)query.len, &poll);
        if (status == KERNEL_OK)
            status = query_joint_lengths(w, indices, (size_t)count, out.buf);
        PyEval_RestoreThread(state);
        give_workspace(self, w, poll.stopped);
        result = none_if_ok(status);
    }
    PyBuffer_Release(&out);
release_indices:
    free(indices);
release_query:
    PyBuffer_Release(&query);
    return result;
}

static PyObject *text_lengths(PyObject *object, PyObject *out_object)
{
    const Index *ix = &((IndexObject *)object)->index;
    Py_buffer out;
    if (!get_array(out_object, &out, "out", 'q', (int64_t)ix->texts, 1))
        return NULL;
    PyThreadState *state = PyEval_SaveThread();
    Poll poll = poll_python(&state);
    int status = index_text_lengths(ix, out.buf, &poll);
    PyEval_RestoreThread(state);
    PyBuffer_Release(&out);
    return none_if_ok(status);
}

static PyObject *nearest(PyObject *object, PyObject *args)
{
    IndexObject *self = (IndexObject *)object;
    PyObject *query_object, *c_y_object, *distances_object, *indices_object, *result = NULL;
    PyObject *chosen_object = Py_None;
    Py_buffer query, c_y, distances, indices;
    long long c_x, overhead, first = 0;
    Py_ssize_t k, count = (Py_ssize_t)self->index.texts;
    int64_t *chosen = NULL;
    int metric;
    if (!PyArg_ParseTuple(args, "OLOniLOO|OL:nearest", &query_object, &c_x, &c_y_object, &k, &metric,
                          &overhead, &distances_object, &indices_object, &chosen_object, &first))
        return NULL;
    if (metric < 0 || metric >= METRICS)
        return PyErr_Format(PyExc_ValueError, "metric must be 0 to %d, got %d", METRICS - 1,
                            metric);
    const int some = !Py_IsNone(chosen_object);
    if (k < 1 || (!some && (size_t)k > self->index.texts))
        return PyErr_Format(PyExc_ValueError, "k must be 1 to %zu, got %zd", self->index.texts, k);
    if (c_x < 0 || overhead < 0 || c_x > LENGTH_MAX || overhead > LENGTH_MAX)
        return PyErr_Format(PyExc_ValueError,
                            "c_x and overhead must be 0 to 2**52, got %lld, %lld", c_x, overhead);
    if (first < 0 || first > LENGTH_MAX)
        return PyErr_Format(PyExc_ValueError, "first must be 0 to 2**52, got %lld", first);
    if (some && !(chosen = copy_indices(chosen_object, self->index.texts, &count)))
        return NULL;
    if (!get_bytes(query_object, &query, "query"))
        goto release_chosen;
    if (!get_array(c_y_object, &c_y, "c_y", 'q', (int64_t)self->index.texts, 0))
        goto release_query;
    if (!get_array(distances_object, &distances, "distances", 'd', k, 1))
        goto release_c_y;
    if (!get_array(indices_object, &indices, "indices", 'q', k, 1))
        goto release_distances;
    Workspace *w = take_workspace(self);
    if (w) {
        PyThreadState *state = PyEval_SaveThread();
        Poll poll = poll_python(&state);
        int64_t built = query_begin(w, query.buf, (size_t)query.len, &poll);
        if (built == KERNEL_OK)
            built = query_nearest(w, c_x, c_y.buf, chosen, (size_t)count, first, (size_t)k,
                                  some ? (size_t)k : 0, metric, overhead, distances.buf,
                                  indices.buf);
        PyEval_RestoreThread(state);
        give_workspace(self, w, poll.stopped);
        if (built >= 0 || check_status((int)built))
            result = PyLong_FromLongLong(built);
    }
    PyBuffer_Release(&indices);
release_distances:
    PyBuffer_Release(&distances);
release_c_y:
    PyBuffer_Release(&c_y);
release_query:
    PyBuffer_Release(&query);
release_chosen:
    free(chosen);
    return result;
}

static PyObject *index_nbytes(PyObject *object, void *closure)
{
    (void)closure;
    return PyLong_FromSize_t(((IndexObject *)object)->index.nbytes);
}

static PyMethodDef index_methods[] = {
    {"text_lengths", text_lengths, METH_O,
     "text_lengths(out): Write the deflate length of each text, in bytes."},
    {"joint_lengths", joint_lengths, METH_VARARGS,
     "joint_lengths(query, out, indices=None): Write the deflate length of query + separator + text, in "
     "bytes, for each text or for those of the indices."},
    {"nearest", nearest, METH_VARARGS,
     "nearest(query, c_x, c_y, k, metric, overhead, distances, indices, chosen=None, first=0): Write the "
     "distances and indices of the k nearest texts.\n\nIf `chosen` is not None, only these texts are "
     "searched, and the k neighbours that the arrays\nhold already compete with them. Text i has the index "
     "first + i. Returns the number of exact lengths\nthat were computed."},
    {NULL, NULL, 0, NULL}};

static PyGetSetDef index_getset[] = {
    {"nbytes", index_nbytes, NULL, "Memory held, in bytes.", NULL},
    {NULL, NULL, NULL, NULL, NULL}};

static PyType_Slot index_slots[] = {
    {Py_tp_new, index_new},
    {Py_tp_dealloc, index_dealloc},
    {Py_tp_methods, index_methods},
    {Py_tp_getset, index_getset},
    {Py_tp_doc, "Index(buffer, offsets, separator, level): A corpus that is prepared for queries."},
    {0, NULL}};

static PyType_Spec index_spec = {
    .name = "gzipknn._kernel._native.Index",
    .basicsize = sizeof(IndexObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = index_slots};

/* ---- functions of the module ---- */

static PyMethodDef deflate_functions[] = {
    {"tokens", tokens, METH_VARARGS,
     "tokens(data, level, length, dist, bits)\n--\n\nWrite the length, the distance and the bits of each "
     "token in the deflate stream of data.\n\nA token is a literal (distance 0) or a match. The arrays are "
     "of uint16 and have as many items as\ndata has bytes. Returns the number of tokens."},
    {"lengths", lengths, METH_VARARGS,
     "lengths(buffer, offsets, level, out): Write the raw deflate length of each text, in bytes."},
    {NULL, NULL, 0, NULL}};

int bind_deflate(PyObject *module)
{
    if (PyModule_AddFunctions(module, deflate_functions) < 0)
        return -1;
    return add_type(module, "Index", &index_spec);
}
