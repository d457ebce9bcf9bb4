/* The device on an emulated Cortex-M3: the store's path is the image's argument. Prints its counts once in ten
 * seconds, and its memory. */
#include "board.h"
#include "connection.h"
#include "device.h"
#include "ethernet.h"
#include "hal.h"
#include "semihosting.h"
#include "startup.h"
#include "storage.h"

#define REPORT_MS 10000

static iotw_device device;

int main(void);

static int refuse(const char *why) {
  hal_log(why);
  return 1;
}

/* "stack" and a number, for whoever reads the log. */
static void report(void) {
  char pack[IOTW_REPORT_BYTES + 1];
  const size_t length = iotw_device_report(&device, pack, IOTW_REPORT_BYTES);
  pack[length] = 0;
  hal_log(pack);
  char line[] = "stack 00000";
  uint32_t used = board_stack_used();
  for (char *digit = line + sizeof line - 2; used > 0; used /= 10) *digit-- = (char)('0' + used % 10);
  hal_log(line);
}

int main(void) {
  char path[128];
  iotw_identity identity;
  iotw_broker broker;
  if (semihosting_arguments(path, sizeof path) != 0) return refuse("the store's path is too long");
  if (storage_start(path) != 0) return refuse("the store can't be opened");
  if (iotw_load_identity(&identity, &broker) != IOTW_OK) return refuse("the store holds no identity");
  if (ethernet_start() != 0) return refuse("there is no network controller");
  if (connection_start(&device, &broker) != 0)
    return refuse("the broker's address or its pin does not fit this image");
  if (iotw_device_start(&device) != IOTW_OK) return refuse("the boot counter can't be raised");
  hal_log("started");
  for (uint32_t reported = hal_now();;) {
    ethernet_poll();
    connection_poll();
    (void)iotw_device_tick(&device);
    if (hal_now() - reported >= REPORT_MS) {
      reported = hal_now();
      report();
    }
    board_sleep();
  }
}
