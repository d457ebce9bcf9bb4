#ifndef IOTW_STARTUP_H
#define IOTW_STARTUP_H

#include <stdint.h>

/* Of the mps2-an385. */
#define BOARD_HZ 25000000u

/* Milliseconds since the start; wraps. */
uint32_t board_ms(void);

/* Until the next interrupt, a millisecond at most. */
void board_sleep(void);

/* The deepest that the stack has been since the start, bytes. */
uint32_t board_stack_used(void);

#endif
