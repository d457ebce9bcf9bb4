/* What the compiler and the libraries expect of a C library, and no more: bytes are moved by words where both
 * sides are aligned alike. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#undef memcpy
#undef memset

#define WORD sizeof(uint32_t)
typedef uint32_t __attribute__((may_alias)) word;

/* Compiled with -fno-tree-loop-distribute-patterns: else a loop that copies becomes a call of itself. */
void *memcpy(void *restrict to, const void *restrict from, size_t length) {
  uint8_t *out = to;
  const uint8_t *in = from;
  if ((((uintptr_t)out | (uintptr_t)in) & (WORD - 1)) == 0) {
    for (; length >= WORD; length -= WORD, out += WORD, in += WORD) *(word *)(void *)out = *(const word *)(const void *)in;
  }
  while (length-- > 0) *out++ = *in++;
  return to;
}

void *memmove(void *to, const void *from, size_t length) {
  uint8_t *out = to;
  const uint8_t *in = from;
  if (out <= in || out >= in + length) {
    for (size_t i = 0; i < length; i++) out[i] = in[i];
  } else {
    while (length-- > 0) out[length] = in[length];
  }
  return to;
}

void *memset(void *to, int byte, size_t length) {
  uint8_t *out = to;
  uint32_t all = (uint8_t)byte * UINT32_C(0x01010101);
  for (; length > 0 && ((uintptr_t)out & (WORD - 1)) != 0; length--) *out++ = (uint8_t)byte;
  for (; length >= WORD; length -= WORD, out += WORD) *(word *)(void *)out = all;
  while (length-- > 0) *out++ = (uint8_t)byte;
  return to;
}

int memcmp(const void *a, const void *b, size_t length) {
  const uint8_t *x = a, *y = b;
  for (size_t i = 0; i < length; i++)
    if (x[i] != y[i]) return x[i] - y[i];
  return 0;
}

void *memchr(const void *bytes, int byte, size_t length) {
  const uint8_t *in = bytes;
  for (size_t i = 0; i < length; i++)
    if (in[i] == (uint8_t)byte) return (void *)(uintptr_t)(in + i);
  return NULL;
}

size_t strlen(const char *text) {
  size_t length = 0;
  while (text[length] != 0) length++;
  return length;
}

int strcmp(const char *a, const char *b) {
  while (*a != 0 && *a == *b) a++, b++;
  return (uint8_t)*a - (uint8_t)*b;
}

int strncmp(const char *a, const char *b, size_t length) {
  for (; length > 0 && *a != 0 && *a == *b; length--) a++, b++;
  return length == 0 ? 0 : (uint8_t)*a - (uint8_t)*b;
}

char *strchr(const char *text, int character) {
  for (; *text != (char)character; text++)
    if (*text == 0) return NULL;
  return (char *)(uintptr_t)text;
}
