/* The Python module. What it holds is added by the bind_*.c files: each checks the
 * arguments of its functions, releases the GIL and calls the core. */
#include "binding.h"

static int module_exec(PyObject *module)
{
    return bind_class_counts(module) < 0 || bind_deflate(module) < 0 || bind_lz77(module) < 0 ||
                   bind_screen(module) < 0
               ? -1
               : 0;
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, (void *)module_exec},
#ifdef Py_GIL_DISABLED
    /* Nothing that changes is global. What changes in objects is changed alone: BEGIN_ALONE. */
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL}};

static struct PyModuleDef module_definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_native",
    .m_doc = "Exact deflate lengths, and nearest texts by them.",
    .m_slots = module_slots};

PyMODINIT_FUNC PyInit__native(void)
{
    return PyModuleDef_Init(&module_definition);
}
