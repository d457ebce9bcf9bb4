/* The part of <stdlib.h> that the libraries' sources mention. Nothing allocates. */
#ifndef IOTW_STDLIB_H
#define IOTW_STDLIB_H

#include <stddef.h>

void abort(void) __attribute__((noreturn));
int abs(int value);

#endif
