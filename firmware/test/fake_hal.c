#include "fake_hal.h"

#include <string.h>

#include "../core/bytes.h"
#include "../crypto/crypto.h"
#include "../hal/hal.h"

fake_hal hal;

void fake_hal_reset(void) {
  memset(&hal, 0, sizeof hal);
  hal.power_left = -1;
  hal.chance = 1;
  memset(hal.area, 0xff, sizeof hal.area);
}

void fake_hal_provision(const uint8_t network[32], const uint8_t seed[32], uint32_t number, uint8_t flags) {
  uint8_t *record = hal.area[IOTW_AREA_IDENTITY], key[32];
  iotw_sha256 sha;
  memset(record, 0, IOTW_IDENTITY_BYTES);
  memcpy(record, "IOTW\x01", 5);
  record[5] = flags;
  memcpy(record + 8, network, 32);
  memcpy(record + 40, seed, 32);
  iotw_put32(record + 72, number);
  iotw_put16(record + 180, 1883);
  record[182] = 9;
  memcpy(record + 183, "localhost", 9);
  iotw_sha256_start(&sha);
  iotw_sha256_add(&sha, record, 480);
  iotw_sha256_end(&sha, record + 480);
  iotw_ed25519_key(key, seed);
  iotw_boot_record(hal.area[IOTW_AREA_BOOT_A], 0, key);
}

uint32_t hal_now(void) { return hal.now; }

int hal_random(uint8_t *bytes, size_t length) {
  size_t i;
  if (hal.random_fails) return -1;
  for (i = 0; i < length; i++) {
    hal.chance = hal.chance * 1664525u + 1013904223u;
    bytes[i] = (uint8_t)(hal.chance >> 24);
  }
  return 0;
}

void hal_open(void) {
  hal.open = 1;
  hal.opened++;
}

int hal_send(const uint8_t *bytes, size_t length) {
  if (hal.send_fails || !hal.open || length > sizeof hal.sent - hal.sent_bytes) return -1;
  memcpy(hal.sent + hal.sent_bytes, bytes, length);
  hal.sent_bytes += length;
  return 0;
}

void hal_close(void) {
  hal.open = 0;
  hal.closed++;
}

int hal_load(uint8_t area, uint8_t *bytes, size_t length) {
  if (hal.load_fails || hal.power_gone) return -1;
  memcpy(bytes, hal.area[area], length);
  return 0;
}

/* Flash as it is: the area is erased first, then written byte by byte; power may go at any of them. */
int hal_store(uint8_t area, const uint8_t *bytes, size_t length) {
  size_t i;
  hal.stores++;
  if (hal.store_fails || hal.power_gone) return -1;
  for (i = 0; i < 2 * length; i++) {
    if (hal.power_left == 0) {
      hal.power_gone = 1;
      return -1;
    }
    if (hal.power_left > 0) hal.power_left--;
    if (i < length)
      hal.area[area][i] = 0xff;
    else
      hal.area[area][i - length] = bytes[i - length];
  }
  return 0;
}

void hal_log(const char *line) { (void)line; }

void hal_yield(void) { hal.yields++; }
