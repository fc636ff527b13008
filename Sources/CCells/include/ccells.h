#ifndef CCELLS_H
#define CCELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__clang__)
#define CCELLS_SAFE __attribute__((swift_attr("safe")))
#else
#define CCELLS_SAFE
#endif

/// A table of borrowed cells: what one library holds in its own memory and lends to another for
/// the length of one call. The lender fills in the functions, the borrower never frees anything.
/// Swift may pass it on without a pointer in sight, hence "safe"; its fields stay unsafe to use.
typedef struct CCELLS_SAFE ccells_table {
    const void *owner;
    int rows;
    const char *(*value)(const void *owner, int row, int column);
    int (*length)(const void *owner, int row, int column);
    bool (*is_null)(const void *owner, int row, int column);
} ccells_table;

#endif
