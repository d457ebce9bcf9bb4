/* QEMU's `virt` machine: a 16550 UART, a device that ends the run, and the counter of retired instructions. */
#include "board.h"

#define UART_THR (*(volatile uint8_t *)0x10000000u)
#define TEST_DEVICE (*(volatile uint32_t *)0x00100000u)

void board_print(const char *text) {
  while (*text != 0) UART_THR = (uint8_t)*text++;
}

void board_exit(int code) {
  TEST_DEVICE = code == 0 ? 0x5555u : (uint32_t)code << 16 | 0x3333u;
  for (;;) {
  }
}

uint64_t board_ticks(void) {
  uint32_t high, low, again;
  do {
    __asm__ volatile(".option arch, +zicsr\n\tcsrr %0, minstreth" : "=r"(high));
    __asm__ volatile(".option arch, +zicsr\n\tcsrr %0, minstret" : "=r"(low));
    __asm__ volatile(".option arch, +zicsr\n\tcsrr %0, minstreth" : "=r"(again));
  } while (high != again);
  return (uint64_t)high << 32 | low;
}

/* With -icount QEMU gives nanoseconds in this counter. */
uint64_t board_instructions_since(uint64_t then) { return (board_ticks() - then) / ICOUNT_NS; }
