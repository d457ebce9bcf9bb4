#include "session.h"

#include "../../core/bytes.h"
#include "../../hal/hal.h"
#include "../expect.h"
#include "../fake_hal.h"

iotw_device device;
broker_stream stream;
uint8_t assignment[33010];

int until_open(void) {
  unsigned i;
  for (i = 0; i < 200 && !hal.open; i++) {
    uint32_t wait = iotw_device_tick(&device);
    if (!hal.open) hal.now += wait < 600 ? wait : 600;
  }
  return hal.open;
}

void say(size_t piece) {
  size_t at;
  for (at = 0; at < stream.length && hal.open; at += piece)
    iotw_device_received(&device, stream.bytes + at, stream.length - at < piece ? stream.length - at : piece);
  stream.length = 0;
  if (hal.open) iotw_device_tick(&device);
}

void begin(uint8_t flags) {
  fake_hal_reset();
  hal.now = 4294960000u; /* the clock wraps soon */
  fake_hal_provision(broker_network, broker_device_seed, 41, flags);
  stream.length = 0;
  EXPECT(iotw_device_start(&device) == IOTW_OK);
}

void ask_for_hello(const char *more, size_t piece) {
  EXPECT(until_open());
  iotw_device_opened(&device);
  EXPECT(device.state == IOTW_ASKING);
  broker_connack(&stream, 0);
  broker_suback(&stream, 1);
  broker_hello(&stream, 3, more);
  say(piece);
}

void log_in(const char *more, size_t piece) {
  EXPECT(until_open());
  iotw_device_opened(&device);
  EXPECT(device.state == IOTW_LOGGING_IN);
  broker_connack(&stream, 0);
  broker_suback(&stream, 2);
  broker_hello(&stream, 3, more);
  say(piece);
}

void online(const char *more) {
  begin(IOTW_FLAG_NUMBER);
  ask_for_hello(more, 4096);
  log_in(more, 4096);
  EXPECT(device.state == IOTW_ONLINE);
}

void publish(const char *leaf, const uint8_t *payload, size_t length, size_t piece) {
  char topic[IOTW_TOPIC_BYTES];
  broker_topic(topic, leaf);
  broker_publish(&stream, topic, payload, length, 0);
  say(piece);
}

broker_assignment usual(uint32_t height) {
  broker_assignment what = {0};
  what.height = height;
  what.count = 3;
  what.device = 41;
  return what;
}

const broker_packet *assign(const broker_assignment *what, size_t piece) {
  static broker_packet packet;
  unsigned before = broker_count(0x30, "result", NULL);
  publish("assign", assignment, broker_assign(assignment, what), piece);
  return broker_count(0x30, "result", &packet) == before + 1 ? &packet : NULL;
}

int refused_with(const broker_packet *packet, uint8_t code) {
  return packet != NULL && packet->payload_length == 2 && packet->payload[0] == 1 && packet->payload[1] == code;
}

int attested_as(const broker_packet *packet, uint32_t boot, uint32_t counter) {
  return packet != NULL && packet->payload_length == 190 && packet->payload[0] == 0 &&
         iotw_get32(packet->payload + 86) == boot && iotw_get32(packet->payload + 90) == counter;
}
