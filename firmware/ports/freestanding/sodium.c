/* What libsodium's objects ask of the rest of libsodium: its own sodium/utils.c and sodium/core.c want an operating
 * system. Same names, same meaning (docs of libsodium, "Helpers" and "Secure memory"). */
#include <sodium/core.h>
#include <sodium/utils.h>
#include <stdint.h>

void sodium_memzero(void *const pnt, const size_t len) {
  volatile uint8_t *bytes = pnt;
  for (size_t i = 0; i < len; i++) bytes[i] = 0;
}

int sodium_is_zero(const unsigned char *n, const size_t nlen) {
  volatile uint8_t all = 0;
  for (size_t i = 0; i < nlen; i++) all |= n[i];
  return 1 & ((all - 1) >> 8);
}

int sodium_memcmp(const void *const b1_, const void *const b2_, size_t len) {
  const volatile uint8_t *a = b1_, *b = b2_;
  volatile uint8_t differ = 0;
  for (size_t i = 0; i < len; i++) differ |= a[i] ^ b[i];
  return (1 & ((differ - 1) >> 8)) - 1;
}

void sodium_add(unsigned char *a, const unsigned char *b, const size_t len) {
  unsigned carry = 0;
  for (size_t i = 0; i < len; i++) {
    carry += (unsigned)a[i] + b[i];
    a[i] = (unsigned char)carry;
    carry >>= 8;
  }
}

/* A caller broke libsodium's contract: a bug of this firmware. Wait for the watchdog. */
void sodium_misuse(void) {
  for (;;) {
  }
}
