/* Semihosting (Arm, version 2.0): the debugger's side, here QEMU, prints, ends the run, keeps files and counts. A
 * product has a UART and a flash driver in this place. */
#include "semihosting.h"

#include <string.h>

#include "board.h"

enum { OPEN = 0x01, CLOSE = 0x02, WRITE0 = 0x04, WRITE = 0x05, READ = 0x06, SEEK = 0x0A, EXIT_EXTENDED = 0x20, GET_CMDLINE = 0x15 };
enum { MODE_RB_PLUS = 3 };
enum { APPLICATION_EXIT = 0x20026 };

/* CMSDK APB timer 0 at 25 MHz (AN385, 4.1). */
#define TIMER_CTRL (*(volatile uint32_t *)0x40000000u)
#define TIMER_VALUE (*(volatile uint32_t *)0x40000004u)
#define TIMER_RELOAD (*(volatile uint32_t *)0x40000008u)

static int call(int operation, const void *argument) {
  register int r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

void board_print(const char *text) { call(WRITE0, text); }

void board_exit(int code) {
  const uint32_t block[2] = {APPLICATION_EXIT, (uint32_t)code};
  call(EXIT_EXTENDED, block);
  for (;;) {
  }
}

/* It counts down 2^32 ticks of 40 ns, which is more than any one figure takes. */
uint64_t board_ticks(void) {
  if ((TIMER_CTRL & 1) == 0) {
    TIMER_RELOAD = UINT32_MAX;
    TIMER_VALUE = UINT32_MAX;
    TIMER_CTRL = 1;
  }
  return UINT32_MAX - TIMER_VALUE;
}

uint64_t board_instructions_since(uint64_t then) {
  return ((board_ticks() - then) * 40 + ICOUNT_NS / 2) / ICOUNT_NS;
}

int semihosting_open(const char *path) {
  const struct {
    const char *path;
    uint32_t mode, length;
  } block = {path, MODE_RB_PLUS, (uint32_t)strlen(path)};
  return call(OPEN, &block);
}

static int at(int file, uint32_t offset) {
  const uint32_t block[2] = {(uint32_t)file, offset};
  return call(SEEK, block);
}

int semihosting_read(int file, uint32_t offset, uint8_t *bytes, uint32_t length) {
  const uint32_t block[3] = {(uint32_t)file, (uint32_t)(uintptr_t)bytes, length};
  return at(file, offset) == 0 && call(READ, block) == 0 ? 0 : -1;
}

int semihosting_write(int file, uint32_t offset, const uint8_t *bytes, uint32_t length) {
  const uint32_t block[3] = {(uint32_t)file, (uint32_t)(uintptr_t)bytes, length};
  return at(file, offset) == 0 && call(WRITE, block) == 0 ? 0 : -1;
}

int semihosting_arguments(char *out, uint32_t room) {
  struct {
    char *out;
    uint32_t room;
  } block = {out, room};
  return call(GET_CMDLINE, &block);
}
