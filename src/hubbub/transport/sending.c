/* Offering many sockets their bytes in one call: the twin of sending.py in machine code.

   A message to a big room is one send for each member. Here nothing of Python stands between two of
   them, and the interpreter's lock is let go of once for all. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <errno.h>
#include <sys/socket.h>

struct offer {
    PyObject *message; /* held, whoever changes the list meanwhile */
    const char *data;
    Py_ssize_t size;
    Py_ssize_t taken;
    int descriptor;
};

/* Read descriptors and messages; return how many were read, all unless an exception is set. */
static Py_ssize_t read_offers(PyObject *descriptors, PyObject *messages, Py_ssize_t count,
                              struct offer *offers)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *message = PyList_GET_ITEM(messages, i);
        int overflow;
        long descriptor = PyLong_AsLongAndOverflow(PyList_GET_ITEM(descriptors, i), &overflow);
        if (descriptor == -1 && PyErr_Occurred())
            return i;
        if (overflow || descriptor < 0 || descriptor > INT_MAX) {
            PyErr_SetString(PyExc_ValueError, "this is no descriptor");
            return i;
        }
        if (!PyBytes_Check(message)) {
            PyErr_SetString(PyExc_TypeError, "a message has to be bytes");
            return i;
        }
        Py_INCREF(message);
        offers[i] = (struct offer){message, PyBytes_AS_STRING(message), PyBytes_GET_SIZE(message),
                                   0, (int)descriptor};
    }
    return count;
}

/* Send all; return whether every socket took everything. Needs no interpreter's lock. */
static int send_offers(struct offer *offers, Py_ssize_t count)
{
    int all = 1;
    for (Py_ssize_t i = 0; i < count; i++) {
        struct offer *offer = offers + i;
        do
            offer->taken = send(offer->descriptor, offer->data, (size_t)offer->size,
                                MSG_DONTWAIT | MSG_NOSIGNAL);
        while (offer->taken < 0 && errno == EINTR);
        if (offer->taken < 0)
            offer->taken = -errno;
        all &= offer->taken == offer->size;
    }
    return all;
}

static PyObject *results_of(const struct offer *offers, Py_ssize_t count)
{
    PyObject *results = PyList_New(count);
    for (Py_ssize_t i = 0; results != NULL && i < count; i++) {
        PyObject *taken = PyLong_FromSsize_t(offers[i].taken);
        if (taken == NULL)
            Py_CLEAR(results);
        else
            PyList_SET_ITEM(results, i, taken);
    }
    return results;
}

static PyObject *send_all(PyObject *module, PyObject *arguments)
{
    PyObject *descriptors, *messages, *results = NULL;
    if (!PyArg_ParseTuple(arguments, "O!O!", &PyList_Type, &descriptors, &PyList_Type, &messages))
        return NULL;
    Py_ssize_t count = PyList_GET_SIZE(descriptors);
    if (count != PyList_GET_SIZE(messages))
        return PyErr_Format(PyExc_ValueError, "%zd descriptors for %zd messages", count,
                            PyList_GET_SIZE(messages));
    struct offer *offers = PyMem_New(struct offer, count);
    if (offers == NULL)
        return PyErr_NoMemory();
    Py_ssize_t held = read_offers(descriptors, messages, count, offers);
    if (held == count) {
        int all;
        Py_BEGIN_ALLOW_THREADS
        all = send_offers(offers, count);
        Py_END_ALLOW_THREADS
        results = all ? Py_NewRef(Py_None) : results_of(offers, count);
    }
    while (held > 0)
        Py_DECREF(offers[--held].message);
    PyMem_Free(offers);
    return results;
}

static PyMethodDef methods[] = {
    {"send_all", send_all, METH_VARARGS, "Offer each socket its message: see sending.py."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "hubbub.transport.sending", NULL, 0, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_sending(void)
{
    return PyModule_Create(&definition);
}
