/* The Python binding of lz77: the cost of bytes, the keys, and the savings by matches. */
#include "binding.h"
#include "lz77.h"

#include <stdlib.h>
#include <string.h>

/* A corpus, and a number for each of its bytes, such as the bits that it costs. */
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

/* Get the worth of the bits of each byte. For None, the array is NULL. */
static int get_worth(PyObject *object, Py_buffer *worth, const Bytes *b)
{
    if (object != Py_None)
        return get_array(object, worth, "worth", 'H', b->buffer.shape[0], 0);
    memset(worth, 0, sizeof *worth);
    return 1;
}

/* Check a price, which is in units of 1 / 256 bit, like the cost of a byte. */
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
        result = none_if_ok(status);
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
    static char *names[] = {"buffer", "offsets", "bits", "match", "worth", NULL};
    PyObject *buffer, *offsets, *bits, *worth_object = Py_None;
    PyObject *self = NULL;
    Bytes b;
    Py_buffer worth;
    int match;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "OOOi|O:Lz77Index", names, &buffer, &offsets,
                                     &bits, &match, &worth_object) ||
        !check_price("match", match) || !get_texts(&b, buffer, offsets, bits, "bits"))
        return NULL;
    if (!get_worth(worth_object, &worth, &b))
        goto release_texts;
    int64_t total = b.offsets[b.texts] - b.offsets[0];
    if (total >= (int64_t)UINT32_MAX)
        PyErr_Format(PyExc_ValueError,
                     "all texts together must have less than 4 GiB, got %lld bytes; index them in "
                     "parts",
                     (long long)total);
    else if ((self = allocate_object(type))) {
        PyThreadState *state = PyEval_SaveThread();
        Poll poll = poll_python(&state);
        int status = lz77_index(&((Lz77Object *)self)->index, b.buffer.buf, b.offsets, b.texts,
                                b.bits.buf, worth.buf, (uint32_t)match, &poll);
        PyEval_RestoreThread(state);
        self = object_if_ok(self, status);
    }
    PyBuffer_Release(&worth);
release_texts:
    release_bytes(&b);
    return self;
}

static void lz77_dealloc(PyObject *object)
{
    lz77_free(&((Lz77Object *)object)->index);
    free_object(object);
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
        result = none_if_ok(status);
        PyBuffer_Release(&out);
    }
    PyBuffer_Release(&query);
    return result;
}

/* Get a number for each text. For None, the array is NULL. */
static int get_numbers(PyObject *object, Py_buffer *numbers, const char *name, size_t texts)
{
    if (object != Py_None)
        return get_array(object, numbers, name, 'd', (int64_t)texts, 0);
    memset(numbers, 0, sizeof *numbers);
    return 1;
}

static PyObject *lz77_nearest_texts(PyObject *object, PyObject *args)
{
    const Lz77Index *ix = &((Lz77Object *)object)->index;
    PyObject *query_object, *c_y_object, *shift_object, *scale_object, *distances_object, *indices_object;
    PyObject *result = NULL;
    Py_buffer query, c_y, shift, scale, distances, indices;
    Lz77Nearest wanted;
    Py_ssize_t k;
    if (!PyArg_ParseTuple(args, "OdOiOOdnOO:nearest", &query_object, &wanted.c_x, &c_y_object,
                          &wanted.metric, &shift_object, &scale_object, &wanted.within, &k,
                          &distances_object, &indices_object))
        return NULL;
    if (wanted.metric < 0 || wanted.metric >= LZ77_METRICS)
        return PyErr_Format(PyExc_ValueError, "metric must be 0 to %d, got %d", LZ77_METRICS - 1,
                            wanted.metric);
    if (k < 1 || (size_t)k > ix->texts)
        return PyErr_Format(PyExc_ValueError, "k must be 1 to %zu, got %zd", ix->texts, k);
    if ((shift_object == Py_None) != (scale_object == Py_None))
        return PyErr_Format(PyExc_TypeError, "shift and scale must be given together");
    if (!get_bytes(query_object, &query, "query"))
        return NULL;
    if (!get_array(c_y_object, &c_y, "c_y", 'd', (int64_t)ix->texts, 0))
        goto release_query;
    if (!get_numbers(shift_object, &shift, "shift", ix->texts))
        goto release_c_y;
    if (!get_numbers(scale_object, &scale, "scale", ix->texts))
        goto release_shift;
    if (!get_array(distances_object, &distances, "distances", 'd', k, 1))
        goto release_scale;
    if (!get_array(indices_object, &indices, "indices", 'q', k, 1))
        goto release_distances;
    wanted.c_y = c_y.buf;
    wanted.shift = shift.buf;
    wanted.scale = scale.buf;
    wanted.k = (size_t)k;
    wanted.distances = distances.buf;
    wanted.indices = indices.buf;
    PyThreadState *state = PyEval_SaveThread();
    Poll poll = poll_python(&state);
    int status = lz77_nearest(ix, query.buf, (size_t)query.len, &wanted, &poll);
    PyEval_RestoreThread(state);
    result = none_if_ok(status);
    PyBuffer_Release(&indices);
release_distances:
    PyBuffer_Release(&distances);
release_scale:
    PyBuffer_Release(&scale);
release_shift:
    PyBuffer_Release(&shift);
release_c_y:
    PyBuffer_Release(&c_y);
release_query:
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
     "savings(query, out): Write the worth of the bits that matches with the query save in each text, in "
     "units of 1 / 256 bit."},
    {"nearest", lz77_nearest_texts, METH_VARARGS,
     "nearest(query, c_x, c_y, metric, shift, scale, within, k, distances, indices): Write the distances "
     "and indices of the k nearest texts that are nearer than `within`."},
    {NULL, NULL, 0, NULL}};

static PyGetSetDef lz77_getset[] = {
    {"nbytes", lz77_nbytes, NULL, "Memory held, in bytes.", NULL},
    {NULL, NULL, NULL, NULL, NULL}};

static PyType_Slot lz77_slots[] = {
    {Py_tp_new, lz77_new},
    {Py_tp_dealloc, lz77_dealloc},
    {Py_tp_methods, lz77_methods},
    {Py_tp_getset, lz77_getset},
    {Py_tp_doc, "Lz77Index(buffer, offsets, bits, match, worth=None): An index from keys to texts."},
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
        result = none_if_ok(status);
        PyBuffer_Release(&out);
    }
    release_bytes(&b);
    return result;
}

static PyObject *pair_savings(PyObject *module, PyObject *args)
{
    PyObject *buffer, *offsets, *bits, *sizes_object, *query_object, *indices_object;
    PyObject *out_object, *worth_object = Py_None, *result = NULL;
    Bytes b;
    Py_buffer worth, sizes, query, out;
    Py_ssize_t count;
    int match;
    (void)module;
    if (!PyArg_ParseTuple(args, "OOOOiOOO|O:pair_savings", &buffer, &offsets, &bits, &sizes_object,
                          &match, &query_object, &indices_object, &out_object, &worth_object) ||
        !check_price("match", match) || !get_texts(&b, buffer, offsets, bits, "bits"))
        return NULL;
    if (!get_worth(worth_object, &worth, &b))
        goto release_texts;
    if (!get_array(sizes_object, &sizes, "sizes", 'B', b.buffer.shape[0], 0))
        goto release_worth;
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
        texts[i].worth = worth.buf ? (const uint16_t *)worth.buf + begin : NULL;
        texts[i].size = (uint32_t)(b.offsets[indices[i] + 1] - begin);
    }
    if (!get_array(out_object, &out, "out", 'q', count, 1))
        goto release_chosen;
    PyThreadState *state = PyEval_SaveThread();
    Poll poll = poll_python(&state);
    int status = lz77_pairs(texts, (size_t)count, (uint32_t)match, query.buf, (size_t)query.len,
                            out.buf, &poll);
    PyEval_RestoreThread(state);
    result = none_if_ok(status);
    PyBuffer_Release(&out);
release_chosen:
    free(texts);
release_indices:
    free(indices);
release_query:
    PyBuffer_Release(&query);
release_sizes:
    PyBuffer_Release(&sizes);
release_worth:
    PyBuffer_Release(&worth);
release_texts:
    release_bytes(&b);
    return result;
}

/* ---- functions of the module ---- */

static PyMethodDef lz77_functions[] = {
    {"own_bits", own_bits, METH_VARARGS,
     "own_bits(buffer, offsets, literal, copy, out): Write the cost of each byte given the text before "
     "it, in units of 1 / 256 bit."},
    {"key_sizes", key_sizes, METH_VARARGS,
     "key_sizes(buffer, offsets, bits, match, out): Write the size of the key at each byte; 0 for none."},
    {"pair_savings", pair_savings, METH_VARARGS,
     "pair_savings(buffer, offsets, bits, sizes, match, query, indices, out, worth=None): Write the "
     "worth of the bits that matches with the query save in some of the texts, in units of 1 / 256 bit."},
    {NULL, NULL, 0, NULL}};

int bind_lz77(PyObject *module)
{
    if (PyModule_AddFunctions(module, lz77_functions) < 0)
        return -1;
    return add_type(module, "Lz77Index", &lz77_spec);
}
