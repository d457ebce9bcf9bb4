/* The ESP8266 has these in its ROM, so that its compiler's library leaves them out: the widening product, and
 * divisions. By the names of GCC's manual (libgcc, integer routines). */
#include <stdint.h>

uint64_t __umulsidi3(uint32_t a, uint32_t b);
int64_t __muldi3(int64_t a, int64_t b);
uint32_t __udivsi3(uint32_t a, uint32_t b);
uint32_t __umodsi3(uint32_t a, uint32_t b);
int32_t __divsi3(int32_t a, int32_t b);
uint64_t __udivdi3(uint64_t a, uint64_t b);
uint64_t __umoddi3(uint64_t a, uint64_t b);

/* The core multiplies 32 bits by 32 and keeps the lower 32: four products of halves give all 64. */
uint64_t __umulsidi3(uint32_t a, uint32_t b) {
  const uint32_t a0 = a & 0xFFFF, a1 = a >> 16, b0 = b & 0xFFFF, b1 = b >> 16;
  const uint32_t low = a0 * b0, mid = a1 * b0 + (low >> 16), mid2 = a0 * b1 + (mid & 0xFFFF);
  return (uint64_t)(a1 * b1 + (mid >> 16) + (mid2 >> 16)) << 32 | (mid2 << 16 | (low & 0xFFFF));
}

int64_t __muldi3(int64_t a, int64_t b) {
  const uint32_t a0 = (uint32_t)a, b0 = (uint32_t)b;
  const uint32_t high = a0 * (uint32_t)((uint64_t)b >> 32) + (uint32_t)((uint64_t)a >> 32) * b0;
  return (int64_t)(__umulsidi3(a0, b0) + ((uint64_t)high << 32));
}

static uint64_t divide(uint64_t a, uint64_t b, uint64_t *rest) {
  uint64_t quotient = 0, left = 0;
  for (int bit = 63; bit >= 0; bit--) {
    left = left << 1 | (a >> bit & 1);
    if (left >= b) {
      left -= b;
      quotient |= UINT64_C(1) << bit;
    }
  }
  *rest = left;
  return quotient;
}

uint64_t __udivdi3(uint64_t a, uint64_t b) {
  uint64_t rest;
  return divide(a, b, &rest);
}

uint64_t __umoddi3(uint64_t a, uint64_t b) {
  uint64_t rest;
  (void)divide(a, b, &rest);
  return rest;
}

static uint32_t divide32(uint32_t a, uint32_t b, uint32_t *rest) {
  uint32_t quotient = 0, left = 0;
  for (int bit = 31; bit >= 0; bit--) {
    left = left << 1 | (a >> bit & 1);
    if (left >= b) {
      left -= b;
      quotient |= UINT32_C(1) << bit;
    }
  }
  *rest = left;
  return quotient;
}

uint32_t __udivsi3(uint32_t a, uint32_t b) {
  uint32_t rest;
  return divide32(a, b, &rest);
}

uint32_t __umodsi3(uint32_t a, uint32_t b) {
  uint32_t rest;
  (void)divide32(a, b, &rest);
  return rest;
}

int32_t __divsi3(int32_t a, int32_t b) {
  const uint32_t x = a < 0 ? 0u - (uint32_t)a : (uint32_t)a, y = b < 0 ? 0u - (uint32_t)b : (uint32_t)b;
  const uint32_t quotient = __udivsi3(x, y);
  return (int32_t)((a < 0) == (b < 0) ? quotient : 0u - quotient);
}
