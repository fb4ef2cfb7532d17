/* The parts that all files of the Python binding share. Include this header first, because it
 * sets a macro that Python.h reads. setup.py defines Py_LIMITED_API, except for free-threaded
 * Python, which has no limited API. */
#ifndef GZIPKNN_BINDING_H
#define GZIPKNN_BINDING_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stddef.h>
#include <stdint.h>

#include "poll.h"
#include "status.h"

/* ---- arguments: each function returns 0 or NULL, with an exception set, if one is wrong ---- */

/* Get a contiguous one-dimensional buffer of `count` items of a format. If `count` is below 0,
 * any number of items is accepted. */
int get_array(PyObject *object, Py_buffer *view, const char *name, char format, int64_t count,
              int writable);

/* Get the contiguous bytes of a bytes-like object of any format. */
int get_bytes(PyObject *object, Py_buffer *view, const char *name);

/* Copy the offsets of texts in a buffer of `size` bytes, and check them. They are copied because
 * another thread may write to the array of Python during the call. */
int64_t *copy_offsets(PyObject *object, Py_ssize_t size, size_t *texts);

/* Copy indices for the same reason, and check that all of them are below `texts`. */
int64_t *copy_indices(PyObject *object, size_t texts, Py_ssize_t *count);

/* ---- what threads share ---- */

/* Between these two, no other thread has access to `object`. The code between them must be
 * short and must not call Python. If there is a GIL, the GIL ensures this. */
#ifdef Py_GIL_DISABLED
#define BEGIN_ALONE(object) Py_BEGIN_CRITICAL_SECTION(object)
#define END_ALONE() Py_END_CRITICAL_SECTION()
#else
#define BEGIN_ALONE(object) {
#define END_ALONE() }
#endif

/* ---- while the GIL is released ---- */

/* Return a poll that asks Python whether to stop. `state` is the result of PyEval_SaveThread. */
Poll poll_python(PyThreadState **state);

/* ---- the end of a call, when the GIL is held again ---- */

/* Return whether a routine succeeded. If memory was lacking, this sets a MemoryError. If the
 * routine was stopped, the exception is set already. The caller handles KERNEL_TOO_LARGE. */
int check_status(int status);

/* Return None, or NULL if the routine failed. */
PyObject *none_if_ok(int status);

/* Return the new object, or NULL if the routine that fills it failed. */
PyObject *object_if_ok(PyObject *self, int status);

/* ---- types ---- */

PyObject *allocate_object(PyTypeObject *type);
void free_object(PyObject *object);
int add_type(PyObject *module, const char *name, PyType_Spec *spec);

/* ---- each file adds its functions and types to the module; -1 is an error ---- */

int bind_class_counts(PyObject *module);
int bind_deflate(PyObject *module);
int bind_lz77(PyObject *module);
int bind_screen(PyObject *module);

#endif
