#include "wire.h"

#include <string.h>

#include "../hal/hal.h"
#include "backoff.h"
#include "bytes.h"

uint32_t iotw_since(uint32_t then) { return hal_now() - then; }

/* A login that held this long was no attempt in vain. */
#define HELD_MS 30000u

void iotw_rest(iotw_device *device) {
  if (device->state == IOTW_ONLINE && iotw_since(device->since) >= HELD_MS) device->failures = 0;
  device->wait_ms = iotw_backoff_ms(device->failures);
  if (device->failures < UINT8_MAX) device->failures++;
  device->counts.closed++;
  device->state = IOTW_WAITING;
  device->since = hal_now();
  device->accepted = 0;
  device->ping_waits = 0;
  device->presence_due = 0;
  device->delivery = 0;
}

void iotw_drop(iotw_device *device, const char *why) {
  hal_close();
  hal_log(why);
  iotw_rest(device);
}

void iotw_drop_garbage(iotw_device *device) {
  device->counts.garbage++;
  iotw_drop(device, "closed: the broker sent what is no MQTT 3.1.1, or was not asked for");
}

int iotw_send(iotw_device *device, const uint8_t *bytes, size_t length) {
  if (length > 0 && hal_send(bytes, length) == 0) {
    device->sent_at = hal_now();
    return 0;
  }
  device->counts.send_failed++;
  iotw_drop(device, "closed: could not send");
  return -1;
}

void iotw_own_topic(const iotw_device *device, char topic[IOTW_TOPIC_BYTES], const char *leaf) {
  memcpy(topic, device->prefix, 25);
  memcpy(topic + 25, device->name, 64);
  topic[89] = '/';
  memcpy(topic + 90, leaf, iotw_text_length(leaf) + 1);
}

void iotw_hello_topic(const iotw_device *device, char topic[IOTW_TOPIC_BYTES]) {
  memcpy(topic, device->prefix, 25);
  memcpy(topic + 25, "hello", 6);
}

int iotw_publish(iotw_device *device, const char *leaf, const uint8_t *bytes, size_t length) {
  uint8_t packet[IOTW_PACKET];
  char topic[IOTW_TOPIC_BYTES];
  size_t head, fits;
  iotw_own_topic(device, topic, leaf);
  head = iotw_mqtt_write_publish(packet, sizeof packet, topic, length);
  if (head == 0) return -1;
  fits = length < sizeof packet - head ? length : sizeof packet - head;
  if (fits > 0) memcpy(packet + head, bytes, fits);
  if (iotw_send(device, packet, head + fits) != 0) return -1;
  for (; fits < length; fits += head) {
    head = length - fits < IOTW_PACKET ? length - fits : IOTW_PACKET;
    if (iotw_send(device, bytes + fits, head) != 0) return -1;
  }
  return 0;
}

