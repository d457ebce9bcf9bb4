/* QEMU's `sim` machine: the simulator's system calls print and end the run; CCOUNT counts. */
#include "board.h"

#include <string.h>

enum { SYS_EXIT = 1, SYS_WRITE = 4 };

static int call(int number, uint32_t first, uint32_t second, uint32_t third) {
  register int a2 __asm__("a2") = number;
  register uint32_t a3 __asm__("a3") = first;
  register uint32_t a4 __asm__("a4") = second;
  register uint32_t a5 __asm__("a5") = third;
  __asm__ volatile("simcall" : "+r"(a2), "+r"(a3) : "r"(a4), "r"(a5) : "memory");
  return a2;
}

void board_print(const char *text) { call(SYS_WRITE, 1, (uint32_t)(uintptr_t)text, (uint32_t)strlen(text)); }

void board_exit(int code) {
  call(SYS_EXIT, (uint32_t)code, 0, 0);
  for (;;) {
  }
}

/* 40 MHz. It starts anywhere between two ticks, so that a difference of it may be one more or less from run to run. */
uint64_t board_ticks(void) {
  uint32_t count;
  __asm__ volatile("rsr %0, ccount" : "=r"(count));
  return count;
}

uint64_t board_instructions_since(uint64_t then) {
  const uint32_t ticks = (uint32_t)board_ticks() - (uint32_t)then;
  return ((uint64_t)ticks * 25 + ICOUNT_NS / 2) / ICOUNT_NS;
}
