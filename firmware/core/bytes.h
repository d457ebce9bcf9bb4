/* Little-endian integers in byte strings, and hex. */
#ifndef IOTW_BYTES_H
#define IOTW_BYTES_H

#include <stddef.h>
#include <stdint.h>

static inline uint16_t iotw_get16(const uint8_t *at) { return (uint16_t)(at[0] | at[1] << 8); }

static inline uint32_t iotw_get32(const uint8_t *at) {
  return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline void iotw_put16(uint8_t *at, uint16_t value) {
  at[0] = (uint8_t)value;
  at[1] = (uint8_t)(value >> 8);
}

static inline void iotw_put32(uint8_t *at, uint32_t value) {
  iotw_put16(at, (uint16_t)value);
  iotw_put16(at + 2, (uint16_t)(value >> 16));
}

/* Length of a text without its terminator. */
size_t iotw_text_length(const char *text);

/* Lower-case hex, two characters a byte, no terminator. */
void iotw_hex(char *out, const uint8_t *bytes, size_t length);

/* The value of a hex digit of either case, or -1. */
int iotw_hex_digit(char c);

#endif
