/* The part of <string.h> that the firmware and its libraries use; the compiler's own forms, so that copies of a
 * few bytes need no call. mem.c has the functions. */
#ifndef IOTW_STRING_H
#define IOTW_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t length);
void *memmove(void *to, const void *from, size_t length);
void *memset(void *to, int byte, size_t length);
int memcmp(const void *a, const void *b, size_t length);
void *memchr(const void *bytes, int byte, size_t length);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t length);
char *strchr(const char *text, int character);

#define memcpy(to, from, length) __builtin_memcpy(to, from, length)
#define memset(to, byte, length) __builtin_memset(to, byte, length)

#endif
