/* The Python module. The bind_*.c files add its functions and types. Each function checks its
 * arguments, releases the GIL and calls the core. */
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
    /* No global state changes. One thread at a time changes an object: see BEGIN_ALONE. */
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL}};

static struct PyModuleDef module_definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_native",
    .m_doc = "Exact compressed lengths by deflate and lz77, and searches for the nearest texts.",
    .m_slots = module_slots};

PyMODINIT_FUNC PyInit__native(void)
{
    return PyModuleDef_Init(&module_definition);
}
