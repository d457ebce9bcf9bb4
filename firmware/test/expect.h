/* Counting what was expected; the last line of a program is "N passed, N failed". */
#ifndef IOTW_TEST_EXPECT_H
#define IOTW_TEST_EXPECT_H

#include <stdio.h>

static unsigned expect_passed, expect_failed;

#define EXPECT(condition)                                                           \
  do {                                                                              \
    if (condition) {                                                                \
      expect_passed++;                                                              \
    } else {                                                                        \
      expect_failed++;                                                              \
      printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                \
    }                                                                               \
  } while (0)

static int expect_end(void) {
  printf("%u passed, %u failed\n", expect_passed, expect_failed);
  return expect_failed == 0 ? 0 : 1;
}

#endif
