/* The rest of hal.h for this board: the clock, durable areas in a file of the host, chance, the log. */
#include "hal.h"

#include <string.h>

#include "board.h"
#include "semihosting.h"
#include "startup.h"
#include "store.h"
#include "storage.h"

static int store = -1, chance = -1;

int storage_start(const char *path) {
  store = semihosting_open(path);
  /* QEMU's board has no source of random numbers. A product has one, or must not use TLS. */
  chance = semihosting_open("/dev/urandom");
  return store < 0 || chance < 0 ? -1 : 0;
}

uint32_t hal_now(void) { return board_ms(); }

int hal_random(uint8_t *bytes, size_t length) {
  return semihosting_read(chance, 0, bytes, (uint32_t)length);
}

int hal_load(uint8_t area, uint8_t *bytes, size_t length) {
  return semihosting_read(store, area * (uint32_t)IOTW_AREA_BYTES, bytes, (uint32_t)length);
}

int hal_store(uint8_t area, const uint8_t *bytes, size_t length) {
  return semihosting_write(store, area * (uint32_t)IOTW_AREA_BYTES, bytes, (uint32_t)length);
}

void hal_log(const char *line) {
  board_print(line);
  board_print("\n");
}

void hal_yield(void) {}
