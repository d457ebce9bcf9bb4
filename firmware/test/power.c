/* Power goes at every byte of every store write: no boot number is used twice (spec/device.md 8.1). */
#include <string.h>

#include "../core/device.h"
#include "broker.h"
#include "expect.h"
#include "fake_hal.h"
#include "../hal/hal.h"

static iotw_device device;

static void new_device(void) {
  fake_hal_reset();
  fake_hal_provision(broker_network, broker_device_seed, 41, IOTW_FLAG_NUMBER);
}

/* A start with power for so many bytes of writing; -1: for all. The boot number it may sign with, 0: none. */
static uint32_t start_with(int bytes) {
  hal.power_gone = 0;
  hal.power_left = bytes;
  return iotw_device_start(&device) == IOTW_OK ? device.chain.boot : 0;
}

/* A write takes 32 steps (16 erased, 16 written). After each cut, and cuts in a row, the next numbers are new. */
static void cut_everywhere(void) {
  int first, second;
  for (first = 0; first <= 2 * IOTW_BOOT_BYTES; first++)
    for (second = 0; second <= 2 * IOTW_BOOT_BYTES; second++) {
      uint32_t used, cut_once, cut_twice, next;
      new_device();
      EXPECT(start_with(-1) == 1);
      used = start_with(-1);
      EXPECT(used == 2);
      cut_once = start_with(first);
      EXPECT(cut_once == 0 || cut_once > used);
      if (cut_once > used) used = cut_once;
      cut_twice = start_with(second);
      EXPECT(cut_twice == 0 || cut_twice > used);
      if (cut_twice > used) used = cut_twice;
      next = start_with(-1);
      EXPECT(next > used && next <= used + 4);
    }
}

/* Memory that fails without a word, or whose content is lost: the device does not sign. */
static void broken_memory(void) {
  unsigned byte;
  uint32_t boot;
  new_device();
  hal.load_fails = 1;
  EXPECT(iotw_device_start(&device) == IOTW_STORE_UNREADABLE);
  new_device();
  hal.store_fails = 1;
  EXPECT(iotw_device_start(&device) == IOTW_BOOT_NOT_DURABLE);
  new_device();
  memset(hal.area[IOTW_AREA_BOOT_A], 0xff, 4096);
  EXPECT(iotw_device_start(&device) == IOTW_BOOT_LOST);
  EXPECT(iotw_device_tick(&device) > 0 && hal.opened == 0);
  new_device();
  iotw_boot_record(hal.area[IOTW_AREA_BOOT_B], UINT32_MAX, device.identity.key);
  EXPECT(iotw_load_identity(&device.identity, NULL) == IOTW_OK);
  iotw_boot_record(hal.area[IOTW_AREA_BOOT_B], UINT32_MAX, device.identity.key);
  EXPECT(iotw_device_start(&device) == IOTW_BOOT_EXHAUSTED);
  /* One byte of either record changed: the number that comes is above both. */
  for (byte = 0; byte < 2 * IOTW_BOOT_BYTES; byte++) {
    new_device();
    EXPECT(start_with(-1) == 1 && start_with(-1) == 2);
    hal.area[byte < IOTW_BOOT_BYTES ? IOTW_AREA_BOOT_A : IOTW_AREA_BOOT_B][byte % IOTW_BOOT_BYTES] ^= 0x10;
    boot = start_with(-1);
    EXPECT(boot > 2 && boot <= 4);
  }
  /* A byte of the identity. */
  for (byte = 0; byte < IOTW_IDENTITY_BYTES; byte++) {
    new_device();
    hal.area[IOTW_AREA_IDENTITY][byte] ^= 1;
    EXPECT(iotw_device_start(&device) == IOTW_NOT_PROVISIONED);
  }
  /* The boot record of another device. */
  new_device();
  iotw_boot_record(hal.area[IOTW_AREA_BOOT_A], 0, broker_network);
  EXPECT(iotw_device_start(&device) == IOTW_BOOT_LOST);
}

int main(void) {
  cut_everywhere();
  broken_memory();
  return expect_end();
}
