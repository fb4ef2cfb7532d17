/* How a routine of the kernel ended. */
#ifndef GZIPKNN_STATUS_H
#define GZIPKNN_STATUS_H

/* Errors are below 0, so that a routine may return a count instead of KERNEL_OK. */
enum {
    KERNEL_OK = 0,
    KERNEL_NO_MEMORY = -1,
    KERNEL_STOPPED = -2,   /* the poll stopped the routine */
    KERNEL_TOO_LARGE = -3
};

#endif
