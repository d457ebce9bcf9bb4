/* Durable memory in a file: the image of core/store.h, three areas of 4,096 bytes. */
#include <fcntl.h>
#include <unistd.h>

#include "../../core/store.h"
#include "../../hal/hal.h"
#include "port.h"

static int file = -1;

int store_open(const char *path) {
  file = open(path, O_RDWR | O_CLOEXEC);
  return file < 0 ? -1 : 0;
}

int hal_load(uint8_t area, uint8_t *bytes, size_t length) {
  off_t at = (off_t)area * IOTW_AREA_BYTES;
  while (length > 0) {
    ssize_t got = pread(file, bytes, length, at);
    if (got <= 0) return -1;
    bytes += got;
    at += got;
    length -= (size_t)got;
  }
  return 0;
}

int hal_store(uint8_t area, const uint8_t *bytes, size_t length) {
  off_t at = (off_t)area * IOTW_AREA_BYTES;
  while (length > 0) {
    ssize_t put = pwrite(file, bytes, length, at);
    if (put <= 0) return -1;
    bytes += put;
    at += put;
    length -= (size_t)put;
  }
  return fsync(file);
}
