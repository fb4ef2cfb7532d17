/* The Python binding of class_counts.h: counts of strings in the texts of each class. */
#include "binding.h"
#include "class_counts.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    PyObject_HEAD
    Counts counts;
    int readers, changing; /* calls in progress */
} CountsObject;

/* ---- one call at a time may change the counts, and no other may read them meanwhile ---- */

static int begin(CountsObject *self, int change)
{
    int free_to_begin;
    BEGIN_ALONE(self);
    free_to_begin = !self->changing && !(change && self->readers);
    if (free_to_begin && change)
        self->changing = 1;
    else if (free_to_begin)
        self->readers++;
    END_ALONE();
    if (!free_to_begin)
        PyErr_SetString(PyExc_RuntimeError,
                        "these counts are in use by another thread, and one of the two calls changes "
                        "them; let one end before the other begins");
    return free_to_begin;
}

static void end(CountsObject *self, int change)
{
    BEGIN_ALONE(self);
    if (change)
        self->changing = 0;
    else
        self->readers--;
    END_ALONE();
}

/* ---- arguments ---- */

/* Copies of the arguments. Another thread may write to the arrays of Python during the call,
 * but the call must be able to undo exactly what it has counted. */
typedef struct {
    uint8_t *bytes;
    int64_t *offsets, *classes;
    Labelled texts;
} Copies;

static void free_copies(Copies *c)
{
    free(c->bytes);
    free(c->offsets);
    free(c->classes);
}

static int64_t *copy_classes(PyObject *object, size_t texts)
{
    Py_buffer view;
    if (!get_array(object, &view, "classes", 'q', (int64_t)texts, 0))
        return NULL;
    int64_t *copy = malloc(texts * sizeof *copy + 1);
    if (copy)
        memcpy(copy, view.buf, texts * sizeof *copy);
    else
        PyErr_NoMemory();
    PyBuffer_Release(&view);
    for (size_t j = 0; copy && j < texts; j++)
        if (copy[j] < 0 || copy[j] >= COUNTS_CLASSES) {
            PyErr_Format(PyExc_ValueError, "classes must be 0 to %d, got %lld at position %zu",
                         COUNTS_CLASSES - 1, (long long)copy[j], j);
            free(copy);
            copy = NULL;
        }
    return copy;
}

/* Copy texts and the class of each text. `classes` may be None. */
static int copy_texts(Copies *c, PyObject *buffer_object, PyObject *offsets, PyObject *classes)
{
    Py_buffer buffer;
    memset(c, 0, sizeof *c);
    if (!get_array(buffer_object, &buffer, "buffer", 'B', -1, 0))
        return 0;
    int right = 0;
    c->offsets = copy_offsets(offsets, buffer.shape[0], &c->texts.texts);
    if (c->offsets) {
        const int64_t first = c->offsets[0];
        const size_t size = (size_t)(c->offsets[c->texts.texts] - first);
        c->bytes = malloc(size + 1);
        if (c->bytes)
            memcpy(c->bytes, (const uint8_t *)buffer.buf + first, size);
        else
            PyErr_NoMemory();
        for (size_t j = 0; j <= c->texts.texts; j++)
            c->offsets[j] -= first;
        if (c->bytes && !Py_IsNone(classes))
            c->classes = copy_classes(classes, c->texts.texts);
        right = c->bytes && (Py_IsNone(classes) || c->classes);
    }
    PyBuffer_Release(&buffer);
    c->texts.bytes = c->bytes;
    c->texts.offsets = c->offsets;
    c->texts.classes = c->classes;
    if (!right)
        free_copies(c);
    return right;
}

static PyObject *too_large(const Counts *x, long long most)
{
    PyErr_Format(PyExc_ValueError,
                 "the counts of these texts need more than max_bytes=%lld, or are of 4 GiB of texts "
                 "or more: %zu bytes are held for the %lld bytes of text before them; nothing was "
                 "counted",
                 most, counts_nbytes(x), (long long)x->bytes);
    return NULL;
}

static PyObject *not_counted(int64_t text)
{
    PyErr_Format(PyExc_ValueError,
                 "text %lld is not among the counted texts of its class; nothing was changed",
                 (long long)text);
    return NULL;
}

/* ---- methods ---- */

static PyObject *counts_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    static char *names[] = {"order", "pooled", NULL};
    int order, pooled;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "ip:ClassCounts", names, &order, &pooled))
        return NULL;
    if (order < 0 || order > COUNTS_ORDER) {
        PyErr_Format(PyExc_ValueError, "order must be 0 to %d, got %d", COUNTS_ORDER, order);
        return NULL;
    }
    PyObject *self = allocate_object(type);
    return self ? object_if_ok(
                      self, counts_init(&((CountsObject *)self)->counts, (unsigned)order, pooled))
                : NULL;
}

static void counts_dealloc(PyObject *object)
{
    counts_free(&((CountsObject *)object)->counts);
    free_object(object);
}

static int check_most(long long most)
{
    if (most >= 0)
        return 1;
    PyErr_Format(PyExc_ValueError, "max_bytes must be at least 0, got %lld", most);
    return 0;
}

static PyObject *add(PyObject *object, PyObject *args)
{
    CountsObject *self = (CountsObject *)object;
    PyObject *buffer, *offsets, *classes, *result = NULL;
    Copies copies;
    long long most;
    if (!PyArg_ParseTuple(args, "OOOL:add", &buffer, &offsets, &classes, &most) ||
        !check_most(most) || !copy_texts(&copies, buffer, offsets, classes))
        return NULL;
    if (!copies.classes) {
        PyErr_SetString(PyExc_TypeError, "classes must be a buffer of int64, got None");
    } else if (begin(self, 1)) {
        PyThreadState *state = PyEval_SaveThread();
        Poll poll = poll_python(&state);
        const size_t bound = (uint64_t)most > SIZE_MAX ? SIZE_MAX : (size_t)most;
        int status = counts_add(&self->counts, &copies.texts, bound, &poll);
        PyEval_RestoreThread(state);
        result = status == KERNEL_TOO_LARGE ? too_large(&self->counts, most) : none_if_ok(status);
        end(self, 1);
    }
    free_copies(&copies);
    return result;
}

static PyObject *remove_texts(PyObject *object, PyObject *args)
{
    CountsObject *self = (CountsObject *)object;
    PyObject *buffer, *offsets, *classes, *result = NULL;
    Copies copies;
    if (!PyArg_ParseTuple(args, "OOO:remove", &buffer, &offsets, &classes) ||
        !copy_texts(&copies, buffer, offsets, classes))
        return NULL;
    if (!copies.classes) {
        PyErr_SetString(PyExc_TypeError, "classes must be a buffer of int64, got None");
    } else if (begin(self, 1)) {
        PyThreadState *state = PyEval_SaveThread();
        Poll poll = poll_python(&state);
        int64_t removed = counts_remove(&self->counts, &copies.texts, &poll);
        PyEval_RestoreThread(state);
        end(self, 1);
        if (removed < 0)
            result = none_if_ok((int)removed);
        else if ((size_t)removed < copies.texts.texts)
            result = not_counted(removed);
        else
            result = Py_NewRef(Py_None);
    }
    free_copies(&copies);
    return result;
}

static PyObject *lengths(PyObject *object, PyObject *args)
{
    CountsObject *self = (CountsObject *)object;
    PyObject *buffer, *offsets, *owners, *out_object, *result = NULL;
    Copies copies;
    Py_buffer out;
    int classes;
    double background;
    if (!PyArg_ParseTuple(args, "OOOidO:lengths", &buffer, &offsets, &owners, &classes,
                          &background, &out_object))
        return NULL;
    if (!(background >= 0 && background < 1) || classes < 0 || classes > COUNTS_CLASSES) {
        PyErr_Format(PyExc_ValueError,
                     "background must be from 0 to below 1 and n_classes from 0 to %d, got %R",
                     COUNTS_CLASSES, args);
        return NULL;
    }
    if (!copy_texts(&copies, buffer, offsets, owners))
        return NULL;
    const int changes = copies.classes != NULL;
    if (!get_array(out_object, &out, "out", 'd', (int64_t)copies.texts.texts * classes, 1))
        goto free_texts;
    if (!begin(self, changes))
        goto release_out;
    if ((uint32_t)classes < self->counts.classes) {
        PyErr_Format(PyExc_ValueError, "n_classes must be at least %lld, got %d",
                     (long long)self->counts.classes, classes);
    } else {
        PyThreadState *state = PyEval_SaveThread();
        Poll poll = poll_python(&state);
        int64_t done = counts_lengths(&self->counts, &copies.texts, (size_t)classes, background,
                                      out.buf, &poll);
        PyEval_RestoreThread(state);
        if (done < 0)
            result = none_if_ok((int)done);
        else if ((size_t)done < copies.texts.texts)
            result = not_counted(done);
        else
            result = Py_NewRef(Py_None);
    }
    end(self, changes);
release_out:
    PyBuffer_Release(&out);
free_texts:
    free_copies(&copies);
    return result;
}

/* Get three arrays of int64 that have the same number of items. */
static int get_items(PyObject *args, Py_buffer view[3], int64_t count, int writable)
{
    static const char *names[] = {"keys", "classes", "counts"};
    PyObject *objects[3];
    if (!PyArg_ParseTuple(args, "OOO", &objects[0], &objects[1], &objects[2]))
        return 0;
    for (int i = 0; i < 3; i++) {
        if (!get_array(objects[i], &view[i], names[i], 'q', count, writable)) {
            while (i-- > 0)
                PyBuffer_Release(&view[i]);
            return 0;
        }
        count = view[i].shape[0];
    }
    return 1;
}

static PyObject *export_items(PyObject *object, PyObject *args)
{
    CountsObject *self = (CountsObject *)object;
    Py_buffer view[3];
    /* This comes first, because the number of counts must not change after the check. */
    if (!begin(self, 0))
        return NULL;
    const int right = get_items(args, view, (int64_t)self->counts.raw, 1);
    if (right)
        counts_export(&self->counts, view[0].buf, view[1].buf, view[2].buf);
    end(self, 0);
    for (int i = 0; right && i < 3; i++)
        PyBuffer_Release(&view[i]);
    return right ? Py_NewRef(Py_None) : NULL;
}

static PyObject *import_items(PyObject *object, PyObject *args)
{
    CountsObject *self = (CountsObject *)object;
    Py_buffer view[3];
    PyObject *result = NULL;
    if (!get_items(args, view, -1, 0))
        return NULL;
    const size_t items = (size_t)view[0].shape[0];
    int64_t *copy = malloc(3 * items * sizeof *copy + 1);
    for (int i = 0; i < 3; i++) {
        if (copy)
            memcpy(copy + (size_t)i * items, view[i].buf, items * sizeof *copy);
        PyBuffer_Release(&view[i]);
    }
    if (!copy) {
        PyErr_NoMemory();
    } else if (!begin(self, 1)) {
        result = NULL;
    } else if (self->counts.entries) {
        end(self, 1);
        PyErr_SetString(PyExc_ValueError, "counts can be read into empty counts only");
    } else {
        PyThreadState *state = PyEval_SaveThread();
        Poll poll = poll_python(&state);
        int64_t done = counts_import(&self->counts, copy, copy + items, copy + 2 * items, items,
                                     SIZE_MAX, &poll);
        PyEval_RestoreThread(state);
        end(self, 1);
        if (done == KERNEL_TOO_LARGE)
            result = too_large(&self->counts, 0);
        else if (done < 0)
            result = none_if_ok((int)done);
        else if ((size_t)done < items)
            PyErr_Format(PyExc_ValueError, "item %lld is no count of a string of this order, or a "
                         "second one", (long long)done);
        else
            result = Py_NewRef(Py_None);
    }
    free(copy);
    return result;
}

/* ---- attributes ---- */

static size_t raw(const Counts *x)
{
    return x->raw;
}

static size_t entries(const Counts *x)
{
    return x->entries;
}

/* Return a number that a function reads from the counts. It is an error if they are changing. */
static PyObject *told(PyObject *object, size_t (*tell)(const Counts *))
{
    CountsObject *self = (CountsObject *)object;
    if (!begin(self, 0))
        return NULL;
    const size_t number = tell(&self->counts);
    end(self, 0);
    return PyLong_FromSize_t(number);
}

static PyObject *get_nbytes(PyObject *object, void *closure)
{
    (void)closure;
    return told(object, counts_nbytes);
}

static PyObject *get_raw(PyObject *object, void *closure)
{
    (void)closure;
    return told(object, raw);
}

static PyObject *get_entries(PyObject *object, void *closure)
{
    (void)closure;
    return told(object, entries);
}

static PyMethodDef counts_methods[] = {
    {"add", add, METH_VARARGS,
     "add(buffer, offsets, classes, max_bytes): Count each text for its class."},
    {"remove", remove_texts, METH_VARARGS,
     "remove(buffer, offsets, classes): Take texts out of the counts."},
    {"lengths", lengths, METH_VARARGS,
     "lengths(buffer, offsets, classes, n_classes, background, out): Write the code length of each "
     "text in the model of each class, in bits.\n\nIf `classes` is not None, each text is left out of the "
     "counts of its class while it is measured."},
    {"export", export_items, METH_VARARGS,
     "export(keys, classes, counts): Write the n_raw counts from which all others can be computed."},
    {"restore", import_items, METH_VARARGS,
     "restore(keys, classes, counts): Read the arrays that export wrote into empty counts."},
    {NULL, NULL, 0, NULL}};

static PyGetSetDef counts_getset[] = {
    {"nbytes", get_nbytes, NULL, "Memory held, in bytes.", NULL},
    {"n_raw", get_raw, NULL,
     "The number of counts of strings that cannot be extended to the left.", NULL},
    {"n_strings", get_entries, NULL, "The number of different strings that are counted.", NULL},
    {NULL, NULL, NULL, NULL, NULL}};

static PyType_Slot counts_slots[] = {
    {Py_tp_new, counts_new},
    {Py_tp_dealloc, counts_dealloc},
    {Py_tp_methods, counts_methods},
    {Py_tp_getset, counts_getset},
    {Py_tp_doc, "ClassCounts(order, pooled): The counts of strings in the texts of each class."},
    {0, NULL}};

static PyType_Spec counts_spec = {
    .name = "gzipknn._kernel._native.ClassCounts",
    .basicsize = sizeof(CountsObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = counts_slots};

int bind_class_counts(PyObject *module)
{
    return add_type(module, "ClassCounts", &counts_spec);
}
