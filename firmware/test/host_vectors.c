/* The vectors on the machine that builds. */
#include <stdio.h>

#include "vectors.h"

static void print(const char *line) { puts(line); }

int main(void) { return vectors_run(print) == 0 ? 0 : 1; }
