/* What the files of the Python binding share. Include it first: it sets what Python.h
 * offers. setup.py defines Py_LIMITED_API but for free-threaded Python, which has none. */
#ifndef GZIPKNN_BINDING_H
#define GZIPKNN_BINDING_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stddef.h>
#include <stdint.h>

#include "poll.h"
#include "status.h"

/* ---- arguments: each returns 0 or NULL with an exception set if one is not right ---- */

/* A contiguous one-dimensional buffer of `format` items; `count` < 0: any number of
 * them. */
int get_array(PyObject *object, Py_buffer *view, const char *name, char format, int64_t count,
              int writable);

/* Bytes-like, contiguous, any format. */
int get_bytes(PyObject *object, Py_buffer *view, const char *name);

/* A copy of the offsets into `size` bytes, as Python may write to its array meanwhile. */
int64_t *copy_offsets(PyObject *object, Py_ssize_t size, size_t *texts);

/* A copy of the indices, all of them below `texts`, as Python may write to its array
 * meanwhile. */
int64_t *copy_indices(PyObject *object, size_t texts, Py_ssize_t *count);

/* ---- what threads share ---- */

/* What stands between the two has `object` to itself: it must be short and call no Python.
 * The GIL sees to that where there is one. */
#ifdef Py_GIL_DISABLED
#define BEGIN_ALONE(object) Py_BEGIN_CRITICAL_SECTION(object)
#define END_ALONE() Py_END_CRITICAL_SECTION()
#else
#define BEGIN_ALONE(object) {
#define END_ALONE() }
#endif

/* ---- while the GIL is released ---- */

/* A poll that asks Python whether to stop; `state` is what PyEval_SaveThread returned. */
Poll poll_python(PyThreadState **state);

/* ---- the end of a call, when the GIL is held again ---- */

/* Whether a routine ended well. If not, an exception is set: a MemoryError here, the one
 * of a stopped routine by whatever stopped it. KERNEL_TOO_LARGE is the caller's. */
int check_status(int status);

/* None, or NULL if the routine did not end well. */
PyObject *none_if_ok(int status);

/* The new object, or NULL if the routine that fills it did not end well. */
PyObject *object_if_ok(PyObject *self, int status);

/* ---- types ---- */

PyObject *allocate_object(PyTypeObject *type);
void free_object(PyObject *object);
int add_type(PyObject *module, const char *name, PyType_Spec *spec);

/* ---- what each file adds to the module; -1 with an exception set ---- */

int bind_class_counts(PyObject *module);
int bind_deflate(PyObject *module);
int bind_lz77(PyObject *module);
int bind_screen(PyObject *module);

#endif
