/* What a device says of itself: that it is there, its number, what it counted. */
#include <stdio.h>
#include <string.h>

#include "../../core/bytes.h"
#include "../../core/statements.h"
#include "../expect.h"
#include "../fake_hal.h"
#include "cases.h"
#include "session.h"

/* A device that was not given its number asks for it at each login; the newest answer counts, and no other form of one. */
static void asked_number(void) {
  static const uint8_t number[4] = {0x04, 0x03, 0x02, 0x01}, next[4] = {5, 0, 0, 0};
  broker_packet packet;
  begin(0);
  ask_for_hello("", 4096);
  EXPECT(until_open());
  iotw_device_opened(&device);
  broker_connack(&stream, 0);
  say(4096);
  EXPECT(broker_count(0x82, NULL, &packet) == 2 && packet.length == 2 + 33 + 99 + 99);
  EXPECT(memcmp(packet.body + packet.length - 7, "number", 6) == 0);
  broker_suback(&stream, 3);
  broker_hello(&stream, 3, "");
  say(4096);
  EXPECT(device.state == IOTW_ONLINE && device.counts.presences == 0);
  publish("number", number, 3, 4096);
  publish("number", assignment, 5, 4096);
  EXPECT(device.counts.presences == 0 && hal.open);
  publish("number", number, 4, 1);
  EXPECT(device.counts.presences == 1 && broker_count(0x30, "status", &packet) == 1);
  EXPECT(iotw_get32(packet.payload + 1) == 0x01020304);
  iotw_device_closed(&device);
  hal.open = 0;
  log_in("", 4096);
  EXPECT(device.counts.presences == 1);
  publish("number", next, 4, 4096);
  EXPECT(device.counts.presences == 2 && broker_count(0x30, "status", &packet) == 2);
  EXPECT(iotw_get32(packet.payload + 1) == 5);
  /* One that was given it neither asks nor listens. */
  online("");
  EXPECT(broker_count(0x82, NULL, &packet) == 2 && packet.length == 2 + 33 + 99);
  publish("number", number, 4, 4096);
  EXPECT(device.identity.number == 41 && hal.open);
}

/* Epochs, presence, tickets. */
void presence(void) {
  broker_packet packet;
  static const char seed[] =
      ",\"tickets\":{\"seed\":\"0000000000000000000000000000000000000000000000000000000000000005\",\"bits\":%s}";
  char more[200];
  uint32_t delay;
  online("");
  EXPECT(device.counts.presences == 1 && broker_count(0x30, "status", &packet) == 1);
  EXPECT(packet.payload[0] == 1 && iotw_get32(packet.payload + 5) == 3);
  broker_hello(&stream, 3, ",\"note\":1");
  say(4096);
  hal.now += 20000;
  iotw_device_tick(&device);
  EXPECT(device.counts.presences == 1);
  /* A new epoch: at the time of its own. */
  sprintf(more, seed, "0");
  broker_hello(&stream, 4, more);
  say(4096);
  delay = iotw_presence_delay(&device.identity, 4, 10000);
  EXPECT(delay > 0 && delay < 5000);
  hal.now += delay - 1;
  EXPECT(iotw_device_tick(&device) == 1 && device.counts.presences == 1);
  hal.now += 1;
  iotw_device_tick(&device);
  EXPECT(device.counts.presences == 2 && device.counts.tickets == 1);
  EXPECT(broker_count(0x30, "status", &packet) == 3 && packet.payload_length == IOTW_TICKET_BYTES &&
         packet.payload[0] == 2 && iotw_get32(packet.payload + 5) == 4);
  /* A ticket that does not win stays here. */
  sprintf(more, seed, "512");
  broker_hello(&stream, 5, more);
  say(4096);
  hal.now += 5000;
  iotw_device_tick(&device);
  EXPECT(device.counts.presences == 3 && device.counts.tickets == 1 && device.counts.tickets_lost == 1);
  /* No ticket goes out while the next hello has only half come. */
  broker_hello(&stream, 6, "");
  say(4096);
  broker_hello(&stream, 7, "");
  stream.length -= 10;
  iotw_device_received(&device, stream.bytes, stream.length);
  hal.now += 6000;
  iotw_device_tick(&device);
  EXPECT(device.counts.presences == 3);
  stream.length = 0;
  asked_number();
  /* Without an answer it learns it from its first assignment. */
  begin(0);
  ask_for_hello("", 4096);
  log_in("", 4096);
  EXPECT(device.counts.presences == 0 && iotw_device_tick(&device) > 0);
  {
    broker_assignment what = usual(1);
    what.device = 1234;
    EXPECT(attested_as(assign(&what, 4096), 1, 1));
  }
  iotw_device_tick(&device);
  EXPECT(device.counts.presences == 1 && broker_count(0x30, "status", &packet) == 1);
  EXPECT(iotw_get32(packet.payload + 1) == 1234);
}

/* Everything counted is in the report; telemetry only where the owner consents. */
void reports(void) {
  char text[IOTW_REPORT_BYTES];
  uint8_t *count = (uint8_t *)&device.counts;
  broker_packet packet;
  size_t length, i;
  begin(IOTW_FLAG_NUMBER | IOTW_FLAG_TELEMETRY);
  ask_for_hello("", 4096);
  log_in("", 4096);
  memset(count, 0xff, sizeof device.counts);
  device.chain.boot = device.chain.counter = UINT32_MAX;
  length = iotw_device_report(&device, text, sizeof text);
  EXPECT(length > 0 && text[0] == '[' && text[1] == '{' && text[length - 1] == ']' && text[length - 2] == '}');
  for (i = 0; i < length; i++) EXPECT(iotw_device_report(&device, text, i) == 0);
  EXPECT(iotw_device_telemetry(&device, text, length) == 0);
  EXPECT(broker_count(0x30, "telemetry", &packet) == 1 && packet.payload_length == length &&
         memcmp(packet.payload, text, length) == 0);
  EXPECT(iotw_device_telemetry(&device, text, 16001) != 0);
  device.identity.flags = 0;
  EXPECT(iotw_device_telemetry(&device, text, length) != 0);
}
