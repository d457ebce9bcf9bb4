/* The vectors of the spec and of the standards, run on the target itself. */
#ifndef IOTW_TEST_VECTORS_H
#define IOTW_TEST_VECTORS_H

/* Runs all vectors, tells one line for each kind by `print`, and returns how many failed. Needs hal_yield, nothing
 * else of the port; the last line is "N passed, N failed". */
int vectors_run(void (*print)(const char *line));

#endif
