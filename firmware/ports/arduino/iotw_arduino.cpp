/* NOT BUILT HERE: see iotw_arduino.h. */
#include "iotw_arduino.h"

#include <Arduino.h>
#include <LittleFS.h>

extern "C" {
#include "../../core/device.h"
#include "../../hal/hal.h"
}

static Client *network;
static iotw_device device;
static iotw_broker broker;
static bool wanted, is_open;

extern "C" uint32_t hal_now(void) { return millis(); }

extern "C" void hal_open(void) { wanted = true; }

extern "C" void hal_close(void) {
  wanted = is_open = false;
  network->stop();
}

extern "C" int hal_send(const uint8_t *bytes, size_t length) {
  return network->write(bytes, length) == length ? 0 : -1;
}

static const char *path_of(uint8_t area) {
  static char path[] = "/iotw0";
  path[5] = (char)('0' + area);
  return path;
}

extern "C" int hal_load(uint8_t area, uint8_t *bytes, size_t length) {
  File file = LittleFS.open(path_of(area), "r");
  if (!file) return -1;
  const size_t got = file.read(bytes, length);
  file.close();
  return got == length ? 0 : -1;
}

/* LittleFS keeps the file of before until the new one is closed: a power loss leaves one of them, and the others
 * untouched. The libraries' EEPROM would not do: it has all areas in one sector. */
extern "C" int hal_store(uint8_t area, const uint8_t *bytes, size_t length) {
  File file = LittleFS.open(path_of(area), "w");
  if (!file) return -1;
  const size_t written = file.write(bytes, length);
  file.close();
  return written == length ? 0 : -1;
}

extern "C" void hal_log(const char *line) { Serial.println(line); }

/* Lets Wi-Fi run and feeds the watchdog. */
extern "C" void hal_yield(void) { yield(); }

int iotw_begin(Client &client, bool secured) {
  iotw_identity identity;
  network = &client;
  const int failure = iotw_load_identity(&identity, &broker);
  if (failure != IOTW_OK) return failure;
  if (broker.pinned && !secured) return IOTW_NOT_PROVISIONED;
  return iotw_device_start(&device);
}

void iotw_loop() {
  uint8_t bytes[256];
  (void)iotw_device_tick(&device);
  if (wanted) {
    wanted = false;
    is_open = network->connect(broker.host, broker.port) == 1;
    if (is_open)
      iotw_device_opened(&device);
    else
      iotw_device_closed(&device);
    return;
  }
  if (!is_open) return;
  const int there = network->available();
  if (there > 0) {
    const int got = network->read(bytes, (size_t)there < sizeof bytes ? (size_t)there : sizeof bytes);
    if (got > 0) iotw_device_received(&device, bytes, (size_t)got);
  } else if (!network->connected()) {
    hal_close();
    iotw_device_closed(&device);
  }
}
