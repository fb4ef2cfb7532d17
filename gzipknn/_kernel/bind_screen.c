/* The Python binding of screen.h: how much each text shares with a query. */
#include "binding.h"
#include "screen.h"

#include <stdlib.h>

typedef struct {
    PyObject_HEAD
    Screen screen;
} ScreenObject;

static PyObject *screen_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    static char *names[] = {"buffer", "offsets", "sizes", "weights", "totals", NULL};
    PyObject *buffer_object, *offsets_object, *sizes_object, *weights_object, *totals_object;
    Py_buffer buffer, sizes, weights = {.buf = NULL}, totals;
    PyObject *self = NULL;
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
    self = allocate_object(type);
    if (self) {
        PyThreadState *state = PyEval_SaveThread();
        Poll poll = poll_python(&state);
        int status = screen_build(&((ScreenObject *)self)->screen, buffer.buf, offsets, texts,
                                  sizes.buf, (size_t)sizes.shape[0], weights.buf, totals.buf,
                                  &poll);
        PyEval_RestoreThread(state);
        if (status == KERNEL_TOO_LARGE)
            PyErr_Format(PyExc_ValueError,
                         "a Screen holds at most %d texts and 2**32 strings, got %zu texts of %lld "
                         "bytes together and %zd sizes of strings; index them in parts",
                         SCREEN_TEXTS, texts, (long long)(offsets[texts] - offsets[0]),
                         weighted ? (Py_ssize_t)1 : sizes.shape[0]);
        self = object_if_ok(self, status);
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
    return self;
}

static void screen_dealloc(PyObject *object)
{
    screen_free(&((ScreenObject *)object)->screen);
    free_object(object);
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
        result = none_if_ok(status);
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
     "shared(query, out): Write the sum of the weights of the strings that each text shares with the "
     "query."},
    {NULL, NULL, 0, NULL}};

static PyGetSetDef screen_getset[] = {
    {"nbytes", screen_nbytes, NULL, "Memory held, in bytes.", NULL},
    {NULL, NULL, NULL, NULL, NULL}};

static PyType_Slot screen_slots[] = {
    {Py_tp_new, screen_new},
    {Py_tp_dealloc, screen_dealloc},
    {Py_tp_methods, screen_methods},
    {Py_tp_getset, screen_getset},
    {Py_tp_doc, "Screen(buffer, offsets, sizes, weights, totals): An index from strings to texts."},
    {0, NULL}};

static PyType_Spec screen_spec = {
    .name = "gzipknn._kernel._native.Screen",
    .basicsize = sizeof(ScreenObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = screen_slots};

int bind_screen(PyObject *module)
{
    return add_type(module, "Screen", &screen_spec);
}
