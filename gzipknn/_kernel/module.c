/* The Python binding: checks arguments, releases the GIL, calls the core. */
#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdlib.h>
#include <string.h>

#include "lz77.h"
#include "screen.h"
#include "search.h"

/* Inputs longer than this are refused: positions are 32 bits wide, and where
 * pointers are too, so is what memory is counted in. */
#define INPUT_MAX ((int64_t)1 << (SIZE_MAX > UINT32_MAX ? 30 : 26))

/* Compressed lengths from here on are refused: sums of them must fit. */
#define LENGTH_MAX ((int64_t)1 << 52)

/* ---- arguments ---- */

/* A contiguous one-dimensional buffer of `format` items; `count` < 0: any
 * number of them. Returns 0 with an exception set when it is not. */
static int get_array(PyObject *object, Py_buffer *view, const char *name, char format,
                     int64_t count, int writable)
{
    const char *type = format == 'q'   ? "int64"
                       : format == 'd' ? "float64"
                       : format == 'H' ? "uint16"
                       : format == 'I' ? "uint32"
                                       : "uint8";
    Py_ssize_t itemsize = format == 'B' ? 1 : format == 'H' ? 2 : format == 'I' ? 4 : 8;
    int flags = PyBUF_FORMAT | PyBUF_ND | PyBUF_STRIDES | (writable ? PyBUF_WRITABLE : 0);
    if (PyObject_GetBuffer(object, view, flags) < 0) {
        PyErr_Clear();
        PyErr_Format(PyExc_TypeError, "%s must be a %sbuffer of %s, got %R", name,
                     writable ? "writable " : "", type, Py_TYPE(object));
        return 0;
    }
    const char *got = view->format ? view->format : "B";
    if (*got == '=' || *got == '@' || (*got == '<' && view->itemsize == 1))
        got++;
    int right = got[0] != 0 && got[1] == 0 && view->itemsize == itemsize &&
                (got[0] == format || (format == 'q' && got[0] == 'l') ||
                 (format == 'I' && got[0] == 'L'));
    if (!right)
        PyErr_Format(PyExc_TypeError, "%s must hold %s items, got format '%s'", name, type,
                     view->format ? view->format : "B");
    else if (view->ndim != 1)
        PyErr_Format(PyExc_ValueError, "%s must have one dimension, got %d", name, view->ndim);
    else if (view->shape[0] > 1 && view->strides[0] != itemsize)
        PyErr_Format(PyExc_ValueError, "%s must be contiguous", name);
    else if (view->shape[0] > 0 && (uintptr_t)view->buf % (size_t)itemsize != 0)
        PyErr_Format(PyExc_ValueError,
                     "%s must be aligned to %zd bytes, got an array that begins %zd bytes past "
                     "that; copy it: numpy.array(%s)",
                     name, itemsize, (Py_ssize_t)((uintptr_t)view->buf % (size_t)itemsize), name);
    else if (count >= 0 && view->shape[0] != (Py_ssize_t)count)
        PyErr_Format(PyExc_ValueError, "%s must have %lld items, got %zd", name, (long long)count,
                     view->shape[0]);
    else
        return 1;
    PyBuffer_Release(view);
    return 0;
}

/* Bytes-like, contiguous, any format. */
static int get_bytes(PyObject *object, Py_buffer *view, const char *name)
{
    if (PyObject_GetBuffer(object, view, PyBUF_SIMPLE) < 0) {
        PyErr_Clear();
        PyErr_Format(PyExc_TypeError, "%s must be bytes-like and contiguous, got %R", name,
                     Py_TYPE(object));
        return 0;
    }
    if (view->len > INPUT_MAX) {
        PyErr_Format(PyExc_ValueError, "%s must have at most %lld bytes, got %zd; cut it", name,
                     (long long)INPUT_MAX, view->len);
        PyBuffer_Release(view);
        return 0;
    }
    return 1;
}

static int check_offsets(const Py_buffer *offsets, Py_ssize_t size)
{
    const int64_t *o = offsets->buf;
    Py_ssize_t n = offsets->shape[0];
    if (n < 1) {
        PyErr_SetString(PyExc_ValueError, "offsets must have at least one item, got 0");
        return 0;
    }
    if (o[0] < 0) {
        PyErr_Format(PyExc_ValueError, "offsets must start at 0 or above, got %lld",
                     (long long)o[0]);
        return 0;
    }
    for (Py_ssize_t i = 1; i < n; i++) {
        if (o[i] < o[i - 1]) {
            PyErr_Format(PyExc_ValueError, "offsets must not decrease, got %lld after %lld",
                         (long long)o[i], (long long)o[i - 1]);
            return 0;
        }
        if (o[i] - o[i - 1] > INPUT_MAX) {
            PyErr_Format(PyExc_ValueError,
                         "a text must have at most %lld bytes, got %lld at position %zd; cut it",
                         (long long)INPUT_MAX, (long long)(o[i] - o[i - 1]), i - 1);
            return 0;
        }
    }
    if (o[n - 1] > size) {
        PyErr_Format(PyExc_ValueError, "offsets must end at or before %zd, got %lld", size,
                     (long long)o[n - 1]);
        return 0;
    }
    return 1;
}

/* A copy of the offsets of so many bytes, as Python may write to them meanwhile;
 * NULL with an exception set if they are not right. */
static int64_t *copy_offsets(PyObject *object, Py_ssize_t size, size_t *texts)
{
    Py_buffer view;
    if (!get_array(object, &view, "offsets", 'q', -1, 0))
        return NULL;
    size_t bytes = (size_t)view.shape[0] * sizeof(int64_t);
    int64_t *copy = malloc(bytes + 1);
    if (copy) {
        memcpy(copy, view.buf, bytes);
        Py_buffer checked = view;
        checked.buf = copy;
        *texts = (size_t)view.shape[0] - 1;
        if (!check_offsets(&checked, size)) {
            free(copy);
            copy = NULL;
        }
    } else {
        PyErr_NoMemory();
    }
    PyBuffer_Release(&view);
    return copy;
}

static int check_level(int level)
{
    if (effort_of(level))
        return 1;
    PyErr_Format(PyExc_ValueError, "level must be 4 to 9, got %d", level);
    return 0;
}

/* ---- staying interruptible ---- */

/* Whether Python wants the work to end: the main thread learns of Ctrl-C, and the
 * threads of a search learn that its results are no longer wanted. */
static int is_unwanted(void *state)
{
    PyEval_RestoreThread(*(PyThreadState **)state);
    int stop = PyErr_CheckSignals() != 0;
    PyObject *blocks = stop ? NULL : PyImport_ImportModule("gzipknn.utils.interruption");
    PyObject *none = blocks ? PyObject_CallMethod(blocks, "check_wanted", NULL) : NULL;
    stop = none == NULL;
    Py_XDECREF(none);
    Py_XDECREF(blocks);
    *(PyThreadState **)state = PyEval_SaveThread();
    return stop;
}

static Poll poll_python(PyThreadState **state)
{
    Poll poll = {is_unwanted, state, 0, 0};
    return poll;
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
        if (!poll.stopped)
            result = Py_NewRef(Py_None);
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
    /* Own copies: Python may write to its arrays meanwhile, and these are read twice. */
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
    Workspace *spare;  /* a list, as long as ever threads asked at once; changed under the GIL */
} IndexObject;

static Workspace *take_workspace(IndexObject *self)
{
    Workspace *w = self->spare;
    if (w)
        self->spare = w->next;
    else if (!(w = workspace_new(&self->index)))
        PyErr_NoMemory();
    return w;
}

/* Keep it for the next query, unless it was left in the middle of something. */
static void give_workspace(IndexObject *self, Workspace *w, int stopped)
{
    if (stopped) {
        workspace_free(w);
        return;
    }
    w->next = self->spare;
    self->spare = w;
}

static PyObject *index_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    static char *names[] = {"buffer", "offsets", "separator", "level", NULL};
    PyObject *buffer_object, *offsets_object, *separator_object;
    Py_buffer buffer, separator;
    IndexObject *self = NULL;
    size_t texts;
    int level, status;
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
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    self = (IndexObject *)allocate(type, 0);
    if (!self)
        goto release_separator;
    PyThreadState *state = PyEval_SaveThread();
    Poll poll = poll_python(&state);
    status = index_build(&self->index, buffer.buf, offsets, texts, separator.buf,
                         (size_t)separator.len, level, &poll);
    PyEval_RestoreThread(state);
    if (status != INDEX_OK) {
        if (status == INDEX_NO_MEMORY)
            PyErr_NoMemory();
        Py_DECREF(self);
        self = NULL;
    }
release_separator:
    PyBuffer_Release(&separator);
release_offsets:
    free(offsets);
release_buffer:
    PyBuffer_Release(&buffer);
    return (PyObject *)self;
}

static void index_dealloc(PyObject *object)
{
    IndexObject *self = (IndexObject *)object;
    PyTypeObject *type = Py_TYPE(object);
    while (self->spare) {
        Workspace *w = self->spare;
        self->spare = w->next;
        workspace_free(w);
    }
    index_free(&self->index);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

/* A copy of the indices, as Python may write to them meanwhile, all of them
 * below `texts`; NULL with an exception set. */
static int64_t *copy_indices(PyObject *object, size_t texts, Py_ssize_t *count)
{
    Py_buffer indices;
    if (!get_array(object, &indices, "indices", 'q', -1, 0))
        return NULL;
    *count = indices.shape[0];
    int64_t *copy = malloc((size_t)*count * sizeof *copy + 1);
    if (copy)
        memcpy(copy, indices.buf, (size_t)*count * sizeof *copy);
    else
        PyErr_NoMemory();
    PyBuffer_Release(&indices);
    for (Py_ssize_t i = 0; copy && i < *count; i++) {
        if (copy[i] < 0 || (uint64_t)copy[i] >= texts) {
            PyErr_Format(PyExc_IndexError, "indices must be below %zu, got %lld", texts,
                         (long long)copy[i]);
            free(copy);
            copy = NULL;
        }
    }
    return copy;
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
        if (status == 0)
            status = query_joint_lengths(w, indices, (size_t)count, out.buf);
        PyEval_RestoreThread(state);
        give_workspace(self, w, poll.stopped);
        if (status == QUERY_NO_MEMORY)
            PyErr_NoMemory();
        else if (status == 0)
            result = Py_NewRef(Py_None);
    }
    PyBuffer_Release(&out);
release_indices:
    free(indices);
release_query:
    PyBuffer_Release(&query);
    return result;
}

static PyObject *nearest(PyObject *object, PyObject *args)
{
    IndexObject *self = (IndexObject *)object;
    PyObject *query_object, *c_y_object, *distances_object, *indices_object, *result = NULL;
    Py_buffer query, c_y, distances, indices;
    long long c_x, overhead;
    Py_ssize_t k;
    int metric;
    if (!PyArg_ParseTuple(args, "OLOniLOO:nearest", &query_object, &c_x, &c_y_object, &k, &metric,
                          &overhead, &distances_object, &indices_object))
        return NULL;
    if (metric < 0 || metric >= METRICS)
        return PyErr_Format(PyExc_ValueError, "metric must be 0 to %d, got %d", METRICS - 1,
                            metric);
    if (k < 1 || (size_t)k > self->index.texts)
        return PyErr_Format(PyExc_ValueError, "k must be 1 to %zu, got %zd", self->index.texts, k);
    if (c_x < 0 || overhead < 0 || c_x > LENGTH_MAX || overhead > LENGTH_MAX)
        return PyErr_Format(PyExc_ValueError,
                            "c_x and overhead must be 0 to 2**52, got %lld, %lld", c_x, overhead);
    if (!get_bytes(query_object, &query, "query"))
        return NULL;
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
        if (built == 0)
            built = query_nearest(w, c_x, c_y.buf, (size_t)k, metric, overhead, distances.buf,
                                  indices.buf);
        PyEval_RestoreThread(state);
        give_workspace(self, w, poll.stopped);
        if (built == QUERY_NO_MEMORY)
            PyErr_NoMemory();
        else if (built != QUERY_STOPPED)
            result = PyLong_FromLongLong(built);
    }
    PyBuffer_Release(&indices);
release_distances:
    PyBuffer_Release(&distances);
release_c_y:
    PyBuffer_Release(&c_y);
release_query:
    PyBuffer_Release(&query);
    return result;
}

static PyObject *index_nbytes(PyObject *object, void *closure)
{
    (void)closure;
    return PyLong_FromSize_t(((IndexObject *)object)->index.nbytes);
}

static PyMethodDef index_methods[] = {
    {"joint_lengths", joint_lengths, METH_VARARGS,
     "joint_lengths(query, out, indices=None): deflate length of query + separator + text, for each "
     "text or for some."},
    {"nearest", nearest, METH_VARARGS,
     "nearest(query, c_x, c_y, k, metric, overhead, distances, indices): the k nearest texts."},
    {NULL, NULL, 0, NULL}};

static PyGetSetDef index_getset[] = {
    {"nbytes", index_nbytes, NULL, "Memory held, in bytes.", NULL},
    {NULL, NULL, NULL, NULL, NULL}};

static PyType_Slot index_slots[] = {
    {Py_tp_new, index_new},
    {Py_tp_dealloc, index_dealloc},
    {Py_tp_methods, index_methods},
    {Py_tp_getset, index_getset},
    {Py_tp_doc, "Index(buffer, offsets, separator, level): a corpus, ready for queries."},
    {0, NULL}};

static PyType_Spec index_spec = {
    .name = "gzipknn._kernel._native.Index",
    .basicsize = sizeof(IndexObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = index_slots};

/* ---- lz77 ---- */

/* A corpus, and bits or the like of each of its bytes. */
typedef struct {
    Py_buffer buffer, bits;
    int64_t *offsets;
    size_t texts;
} Bytes;

static void release_bytes(Bytes *b)
{
    free(b->offsets);
    PyBuffer_Release(&b->bits);
    PyBuffer_Release(&b->buffer);
}

static int get_texts(Bytes *b, PyObject *buffer, PyObject *offsets, PyObject *bits,
                     const char *name)
{
    if (!get_array(buffer, &b->buffer, "buffer", 'B', -1, 0))
        return 0;
    if (!get_array(bits, &b->bits, name, 'H', b->buffer.shape[0], 0)) {
        PyBuffer_Release(&b->buffer);
        return 0;
    }
    b->offsets = copy_offsets(offsets, b->buffer.shape[0], &b->texts);
    if (!b->offsets)
        release_bytes(b);
    return b->offsets != NULL;
}

/* A price in units of 1 / 256 bit, as what a byte costs. */
static int check_price(const char *name, int price)
{
    if (price >= 0 && price <= UINT16_MAX)
        return 1;
    PyErr_Format(PyExc_ValueError, "%s must be 0 to %d, got %d", name, UINT16_MAX, price);
    return 0;
}

static PyObject *own_bits(PyObject *module, PyObject *args)
{
    PyObject *buffer, *offsets, *literal, *out_object, *result = NULL;
    Bytes b;
    Py_buffer out;
    int copy;
    (void)module;
    if (!PyArg_ParseTuple(args, "OOOiO:own_bits", &buffer, &offsets, &literal, &copy,
                          &out_object) ||
        !check_price("copy", copy) || !get_texts(&b, buffer, offsets, literal, "literal"))
        return NULL;
    if (get_array(out_object, &out, "out", 'H', b.buffer.shape[0], 1)) {
        PyThreadState *state = PyEval_SaveThread();
        Poll poll = poll_python(&state);
        int status = lz77_own(b.buffer.buf, b.offsets, b.texts, b.bits.buf, (uint32_t)copy,
                              out.buf, &poll);
        PyEval_RestoreThread(state);
        if (status == LZ77_NO_MEMORY)
            PyErr_NoMemory();
        else if (status == LZ77_OK)
            result = Py_NewRef(Py_None);
        PyBuffer_Release(&out);
    }
    release_bytes(&b);
    return result;
}

typedef struct {
    PyObject_HEAD
    Lz77Index index;
} Lz77Object;

static PyObject *lz77_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    static char *names[] = {"buffer", "offsets", "bits", "match", NULL};
    PyObject *buffer, *offsets, *bits;
    Lz77Object *self = NULL;
    Bytes b;
    int match;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "OOOi:Lz77Index", names, &buffer, &offsets,
                                     &bits, &match) ||
        !check_price("match", match) || !get_texts(&b, buffer, offsets, bits, "bits"))
        return NULL;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    int64_t total = b.offsets[b.texts] - b.offsets[0];
    if (total >= (int64_t)UINT32_MAX)
        PyErr_Format(PyExc_ValueError,
                     "all texts together must have less than 4 GiB, got %lld bytes; index them in "
                     "parts",
                     (long long)total);
    else if ((self = (Lz77Object *)allocate(type, 0))) {
        PyThreadState *state = PyEval_SaveThread();
        Poll poll = poll_python(&state);
        int status = lz77_index(&self->index, b.buffer.buf, b.offsets, b.texts, b.bits.buf,
                                (uint32_t)match, &poll);
        PyEval_RestoreThread(state);
        if (status == LZ77_NO_MEMORY)
            PyErr_NoMemory();
        if (status != LZ77_OK) {
            Py_DECREF(self);
            self = NULL;
        }
    }
    release_bytes(&b);
    return (PyObject *)self;
}

static void lz77_dealloc(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    lz77_free(&((Lz77Object *)object)->index);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

static PyObject *savings(PyObject *object, PyObject *args)
{
    const Lz77Index *ix = &((Lz77Object *)object)->index;
    PyObject *query_object, *out_object, *result = NULL;
    Py_buffer query, out;
    if (!PyArg_ParseTuple(args, "OO:savings", &query_object, &out_object) ||
        !get_bytes(query_object, &query, "query"))
        return NULL;
    if (get_array(out_object, &out, "out", 'q', (int64_t)ix->texts, 1)) {
        PyThreadState *state = PyEval_SaveThread();
        Poll poll = poll_python(&state);
        int status = lz77_savings(ix, query.buf, (size_t)query.len, out.buf, &poll);
        PyEval_RestoreThread(state);
        if (status == LZ77_NO_MEMORY)
            PyErr_NoMemory();
        else if (status == LZ77_OK)
            result = Py_NewRef(Py_None);
        PyBuffer_Release(&out);
    }
    PyBuffer_Release(&query);
    return result;
}

static PyObject *lz77_nbytes(PyObject *object, void *closure)
{
    (void)closure;
    return PyLong_FromSize_t(((Lz77Object *)object)->index.nbytes);
}

static PyMethodDef lz77_methods[] = {
    {"savings", savings, METH_VARARGS,
     "savings(query, out): bits that matches with the query save in each text, times 256."},
    {NULL, NULL, 0, NULL}};

static PyGetSetDef lz77_getset[] = {
    {"nbytes", lz77_nbytes, NULL, "Memory held, in bytes.", NULL},
    {NULL, NULL, NULL, NULL, NULL}};

static PyType_Slot lz77_slots[] = {
    {Py_tp_new, lz77_new},
    {Py_tp_dealloc, lz77_dealloc},
    {Py_tp_methods, lz77_methods},
    {Py_tp_getset, lz77_getset},
    {Py_tp_doc, "Lz77Index(buffer, offsets, bits, match): texts by their rare strings."},
    {0, NULL}};

static PyType_Spec lz77_spec = {
    .name = "gzipknn._kernel._native.Lz77Index",
    .basicsize = sizeof(Lz77Object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = lz77_slots};

static PyObject *key_sizes(PyObject *module, PyObject *args)
{
    PyObject *buffer, *offsets, *bits, *out_object, *result = NULL;
    Bytes b;
    Py_buffer out;
    int match;
    (void)module;
    if (!PyArg_ParseTuple(args, "OOOiO:key_sizes", &buffer, &offsets, &bits, &match, &out_object) ||
        !check_price("match", match) || !get_texts(&b, buffer, offsets, bits, "bits"))
        return NULL;
    if (get_array(out_object, &out, "out", 'B', b.buffer.shape[0], 1)) {
        PyThreadState *state = PyEval_SaveThread();
        Poll poll = poll_python(&state);
        int status = lz77_key_sizes(b.offsets, b.texts, b.bits.buf, (uint32_t)match, out.buf,
                                    &poll);
        PyEval_RestoreThread(state);
        if (status == LZ77_NO_MEMORY)
            PyErr_NoMemory();
        else if (status == LZ77_OK)
            result = Py_NewRef(Py_None);
        PyBuffer_Release(&out);
    }
    release_bytes(&b);
    return result;
}

static PyObject *pair_savings(PyObject *module, PyObject *args)
{
    PyObject *buffer, *offsets, *bits, *sizes_object, *query_object, *indices_object, *out_object;
    PyObject *result = NULL;
    Bytes b;
    Py_buffer sizes, query, out;
    Py_ssize_t count;
    int match;
    (void)module;
    if (!PyArg_ParseTuple(args, "OOOOiOOO:pair_savings", &buffer, &offsets, &bits, &sizes_object,
                          &match, &query_object, &indices_object, &out_object) ||
        !check_price("match", match) || !get_texts(&b, buffer, offsets, bits, "bits"))
        return NULL;
    if (!get_array(sizes_object, &sizes, "sizes", 'B', b.buffer.shape[0], 0))
        goto release_texts;
    if (!get_bytes(query_object, &query, "query"))
        goto release_sizes;
    int64_t *indices = copy_indices(indices_object, b.texts, &count);
    if (!indices)
        goto release_query;
    Lz77Text *texts = malloc((size_t)count * sizeof *texts + 1);
    if (!texts) {
        PyErr_NoMemory();
        goto release_indices;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        const int64_t begin = b.offsets[indices[i]];
        texts[i].bytes = (const uint8_t *)b.buffer.buf + begin;
        texts[i].sizes = (const uint8_t *)sizes.buf + begin;
        texts[i].own = (const uint16_t *)b.bits.buf + begin;
        texts[i].size = (uint32_t)(b.offsets[indices[i] + 1] - begin);
    }
    if (!get_array(out_object, &out, "out", 'q', count, 1))
        goto release_chosen;
    PyThreadState *state = PyEval_SaveThread();
    Poll poll = poll_python(&state);
    int status = lz77_pairs(texts, (size_t)count, (uint32_t)match, query.buf, (size_t)query.len,
                            out.buf, &poll);
    PyEval_RestoreThread(state);
    if (status == LZ77_NO_MEMORY)
        PyErr_NoMemory();
    else if (status == LZ77_OK)
        result = Py_NewRef(Py_None);
    PyBuffer_Release(&out);
release_chosen:
    free(texts);
release_indices:
    free(indices);
release_query:
    PyBuffer_Release(&query);
release_sizes:
    PyBuffer_Release(&sizes);
release_texts:
    release_bytes(&b);
    return result;
}

/* ---- Screen ---- */

typedef struct {
    PyObject_HEAD
    Screen screen;
} ScreenObject;

static PyObject *screen_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    static char *names[] = {"buffer", "offsets", "sizes", "weights", "totals", NULL};
    PyObject *buffer_object, *offsets_object, *sizes_object, *weights_object, *totals_object;
    Py_buffer buffer, sizes, weights = {.buf = NULL}, totals;
    ScreenObject *self = NULL;
    size_t texts;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "OOOOO:Screen", names, &buffer_object,
                                     &offsets_object, &sizes_object, &weights_object,
                                     &totals_object) ||
        !get_array(buffer_object, &buffer, "buffer", 'B', -1, 0))
        return NULL;
    const int weighted = !Py_IsNone(weights_object);
    int64_t *offsets = copy_offsets(offsets_object, buffer.shape[0], &texts);
    if (!offsets)
        goto release_buffer;
    if (!get_array(sizes_object, &sizes, "sizes", 'B', weighted ? buffer.shape[0] : -1, 0))
        goto release_offsets;
    if (weighted && !get_array(weights_object, &weights, "weights", 'B', buffer.shape[0], 0))
        goto release_sizes;
    if (!get_array(totals_object, &totals, "totals", 'q', (int64_t)texts, 1))
        goto release_weights;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    self = (ScreenObject *)allocate(type, 0);
    if (self) {
        PyThreadState *state = PyEval_SaveThread();
        Poll poll = poll_python(&state);
        int status = screen_build(&self->screen, buffer.buf, offsets, texts, sizes.buf,
                                  (size_t)sizes.shape[0], weights.buf, totals.buf, &poll);
        PyEval_RestoreThread(state);
        if (status == SCREEN_NO_MEMORY)
            PyErr_NoMemory();
        if (status == SCREEN_TOO_LARGE)
            PyErr_Format(PyExc_ValueError,
                         "a Screen holds at most %d texts and 2**32 strings, got %zu texts of %lld "
                         "bytes together and %zd sizes of strings; index them in parts",
                         SCREEN_TEXTS, texts, (long long)(offsets[texts] - offsets[0]),
                         weighted ? (Py_ssize_t)1 : sizes.shape[0]);
        if (status != SCREEN_OK) {
            Py_DECREF(self);
            self = NULL;
        }
    }
    PyBuffer_Release(&totals);
release_weights:
    if (weighted)
        PyBuffer_Release(&weights);
release_sizes:
    PyBuffer_Release(&sizes);
release_offsets:
    free(offsets);
release_buffer:
    PyBuffer_Release(&buffer);
    return (PyObject *)self;
}

static void screen_dealloc(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    screen_free(&((ScreenObject *)object)->screen);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

static PyObject *shared(PyObject *object, PyObject *args)
{
    const Screen *screen = &((ScreenObject *)object)->screen;
    PyObject *query_object, *out_object, *result = NULL;
    Py_buffer query, out;
    if (!PyArg_ParseTuple(args, "OO:shared", &query_object, &out_object) ||
        !get_bytes(query_object, &query, "query"))
        return NULL;
    if (get_array(out_object, &out, "out", 'I', (int64_t)screen->texts, 1)) {
        PyThreadState *state = PyEval_SaveThread();
        Poll poll = poll_python(&state);
        int status = screen_shared(screen, query.buf, (size_t)query.len, out.buf, &poll);
        PyEval_RestoreThread(state);
        if (status == SCREEN_NO_MEMORY)
            PyErr_NoMemory();
        else if (status == SCREEN_OK)
            result = Py_NewRef(Py_None);
        PyBuffer_Release(&out);
    }
    PyBuffer_Release(&query);
    return result;
}

static PyObject *screen_nbytes(PyObject *object, void *closure)
{
    (void)closure;
    return PyLong_FromSize_t(((ScreenObject *)object)->screen.nbytes);
}

static PyMethodDef screen_methods[] = {
    {"shared", shared, METH_VARARGS,
     "shared(query, out): the weights of the query's strings that each text holds, added up."},
    {NULL, NULL, 0, NULL}};

static PyGetSetDef screen_getset[] = {
    {"nbytes", screen_nbytes, NULL, "Memory held, in bytes.", NULL},
    {NULL, NULL, NULL, NULL, NULL}};

static PyType_Slot screen_slots[] = {
    {Py_tp_new, screen_new},
    {Py_tp_dealloc, screen_dealloc},
    {Py_tp_methods, screen_methods},
    {Py_tp_getset, screen_getset},
    {Py_tp_doc, "Screen(buffer, offsets, sizes, weights, totals): texts by their strings."},
    {0, NULL}};

static PyType_Spec screen_spec = {
    .name = "gzipknn._kernel._native.Screen",
    .basicsize = sizeof(ScreenObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = screen_slots};

/* ---- module ---- */

static PyMethodDef module_methods[] = {
    {"tokens", tokens, METH_VARARGS,
     "tokens(data, level, length, dist, bits)\n--\n\nWrite what the deflate stream of data holds: of each "
     "literal (distance 0) or match its\nlength, distance and bits; return how many. The arrays of "
     "uint16 have as many items as data has bytes."},
    {"lengths", lengths, METH_VARARGS,
     "lengths(buffer, offsets, level, out): raw deflate length of each text."},
    {"own_bits", own_bits, METH_VARARGS,
     "own_bits(buffer, offsets, literal, copy, out): bits of each byte given its text before, times "
     "256."},
    {"key_sizes", key_sizes, METH_VARARGS,
     "key_sizes(buffer, offsets, bits, match, out): the size of the key at each byte, or 0."},
    {"pair_savings", pair_savings, METH_VARARGS,
     "pair_savings(buffer, offsets, bits, sizes, match, query, indices, out): bits that matches "
     "with the query save in some of the texts, times 256."},
    {NULL, NULL, 0, NULL}};

static int add_type(PyObject *module, const char *name, PyType_Spec *spec)
{
    PyObject *type = PyType_FromModuleAndSpec(module, spec, NULL);
    if (!type)
        return -1;
    int status = PyModule_AddObjectRef(module, name, type);
    Py_DECREF(type);
    return status;
}

static int module_exec(PyObject *module)
{
    if (add_type(module, "Index", &index_spec) < 0)
        return -1;
    if (add_type(module, "Lz77Index", &lz77_spec) < 0)
        return -1;
    return add_type(module, "Screen", &screen_spec);
}

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, (void *)module_exec}, {0, NULL}};

static struct PyModuleDef module_definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_native",
    .m_doc = "Exact deflate lengths, and nearest texts by them.",
    .m_methods = module_methods,
    .m_slots = module_slots};

PyMODINIT_FUNC PyInit__native(void)
{
    return PyModuleDef_Init(&module_definition);
}
