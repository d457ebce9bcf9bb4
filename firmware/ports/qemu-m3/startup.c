/* Reset, exceptions and the millisecond of a Cortex-M3 (ARMv7-M). */
#include "startup.h"

#include <string.h>

#include "board.h"

#define SYST_CSR (*(volatile uint32_t *)0xE000E010u)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014u)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018u)
#define PAINT UINT32_C(0xC0FFEE11)

extern uint32_t data_begin[], data_end[], data_stored[], bss_begin[], bss_end[], stack_end[], stack_begin[];

static volatile uint32_t ms;

int main(void);
void reset(void);

static void tick(void) { ms++; }

static void fault(void) {
  board_print("fault: the processor stopped\n");
  board_exit(1);
}

__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    stack_begin, (void *)reset, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault, 0,
    0,           0,             0,             (void *)fault, (void *)fault, 0,             (void *)fault, (void *)tick,
};

void reset(void) {
  for (uint32_t *to = data_begin, *from = data_stored; to < data_end;) *to++ = *from++;
  for (uint32_t *to = bss_begin; to < bss_end;) *to++ = 0;
  uint32_t *here;
  __asm__("mov %0, sp" : "=r"(here));
  for (uint32_t *to = stack_end; to < here - 16;) *to++ = PAINT;
  SYST_RVR = BOARD_HZ / 1000 - 1;
  SYST_CVR = 0;
  SYST_CSR = 7;
  board_exit(main());
}

uint32_t board_ms(void) { return ms; }

void board_sleep(void) { __asm__ volatile("wfi"); }

uint32_t board_stack_used(void) {
  const uint32_t *at = stack_end;
  while (at < stack_begin && *at == PAINT) at++;
  return (uint32_t)(stack_begin - at) * 4;
}
