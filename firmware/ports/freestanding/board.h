/* What the ports without an operating system know of their board. */
#ifndef IOTW_BOARD_H
#define IOTW_BOARD_H

#include <stdint.h>

/* Writes text where whoever runs the image sees it. */
void board_print(const char *text);

/* Ends the run; 0: all is well. */
void board_exit(int code) __attribute__((noreturn));

/* A counter of the board, for board_instructions_since. */
uint64_t board_ticks(void);

/* Instructions since board_ticks told `then`, under QEMU's -icount as tools/emulator.mjs asks for it: one takes
 * ICOUNT_NS of the board's time, more than two ticks, so that rounding gives their number exactly. */
uint64_t board_instructions_since(uint64_t then);

#define ICOUNT_NS 128u

#endif
