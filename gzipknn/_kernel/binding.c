/* The functions that the bindings share: they check arguments, let Python interrupt a call, and
 * end a call. */
#include "binding.h"

#include <stdlib.h>
#include <string.h>

/* Longer inputs are refused, because positions have 32 bits. The limit is lower on machines
 * where pointers, and so sizes of memory, have 32 bits, too. */
#define INPUT_MAX ((int64_t)1 << (SIZE_MAX > UINT32_MAX ? 30 : 26))

/* ---- arguments ---- */

int get_array(PyObject *object, Py_buffer *view, const char *name, char format,
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

int get_bytes(PyObject *object, Py_buffer *view, const char *name)
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

int64_t *copy_offsets(PyObject *object, Py_ssize_t size, size_t *texts)
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

int64_t *copy_indices(PyObject *object, size_t texts, Py_ssize_t *count)
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

/* ---- staying interruptible ---- */

/* Return whether Python wants the work to stop. The main thread is told of Ctrl-C. The threads
 * of a search are told when its results are no longer wanted. */
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

Poll poll_python(PyThreadState **state)
{
    Poll poll = {is_unwanted, state, 0, 0};
    return poll;
}

/* ---- the end of a call ---- */

int check_status(int status)
{
    if (status == KERNEL_NO_MEMORY)
        PyErr_NoMemory();
    return status == KERNEL_OK;
}

PyObject *none_if_ok(int status)
{
    return check_status(status) ? Py_NewRef(Py_None) : NULL;
}

PyObject *object_if_ok(PyObject *self, int status)
{
    if (check_status(status))
        return self;
    Py_DECREF(self);
    return NULL;
}

/* ---- types ---- */

PyObject *allocate_object(PyTypeObject *type)
{
    return ((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
}

void free_object(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

int add_type(PyObject *module, const char *name, PyType_Spec *spec)
{
    PyObject *type = PyType_FromModuleAndSpec(module, spec, NULL);
    if (!type)
        return -1;
    int status = PyModule_AddObjectRef(module, name, type);
    Py_DECREF(type);
    return status;
}
