/* Counting what was expected; the last line of a program is "N passed, N failed". */
#ifndef IOTW_TEST_EXPECT_H
#define IOTW_TEST_EXPECT_H

#define EXPECT(condition) expect_that(condition, __FILE__, __LINE__, #condition)

/* Counts, and says where something is not so. */
void expect_that(int so, const char *file, int line, const char *condition);
/* Prints the counts; what main returns. */
int expect_end(void);

#endif
