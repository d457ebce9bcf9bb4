#include "expect.h"

#include <stdio.h>

static unsigned passed, failed;

void expect_that(int so, const char *file, int line, const char *condition) {
  if (so) {
    passed++;
  } else {
    failed++;
    printf("%s:%d: not so: %s\n", file, line, condition);
  }
}

int expect_end(void) {
  printf("%u passed, %u failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
