#include "bytes.h"

size_t iotw_text_length(const char *text) {
  size_t length = 0;
  while (text[length] != '\0') length++;
  return length;
}

void iotw_hex(char *out, const uint8_t *bytes, size_t length) {
  static const char digits[] = "0123456789abcdef";
  size_t i;
  for (i = 0; i < length; i++) {
    *out++ = digits[bytes[i] >> 4];
    *out++ = digits[bytes[i] & 15];
  }
}

int iotw_hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
