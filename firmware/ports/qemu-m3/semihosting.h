#ifndef IOTW_SEMIHOSTING_H
#define IOTW_SEMIHOSTING_H

#include <stdint.h>

/* Opens a file of the host for reading and writing; below 0: it can't be opened. */
int semihosting_open(const char *path);

/* Whole or not: 0 or -1. */
int semihosting_read(int file, uint32_t offset, uint8_t *bytes, uint32_t length);
int semihosting_write(int file, uint32_t offset, const uint8_t *bytes, uint32_t length);

/* The command line given to the image, terminated; 0 if it fits. */
int semihosting_arguments(char *out, uint32_t room);

#endif
