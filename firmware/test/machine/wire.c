/* What a connection may do to a device: pieces, cuts, silence, refusals, delays. */
#include <string.h>

#include "../../core/backoff.h"
#include "../../core/statements.h"
#include "../expect.h"
#include "../fake_hal.h"
#include "cases.h"
#include "session.h"

/* A whole session, cut into pieces of every length up to 64 bytes: the same packets each time. */
void half_packets(void) {
  static uint8_t first[65536];
  size_t first_bytes = 0, piece;
  for (piece = 64; piece >= 1; piece--) {
    broker_assignment what = usual(1);
    begin(IOTW_FLAG_NUMBER);
    ask_for_hello(",\"announce\":true", piece);
    log_in(",\"announce\":true", piece);
    EXPECT(device.state == IOTW_ONLINE && device.counts.logins == 1 && device.counts.presences == 1);
    EXPECT(attested_as(assign(&what, piece), 1, 1));
    what.count = 70;
    what.height = 2;
    EXPECT(attested_as(assign(&what, piece), 1, 2));
    if (piece == 64) {
      memcpy(first, hal.sent, hal.sent_bytes);
      first_bytes = hal.sent_bytes;
    }
    EXPECT(hal.sent_bytes == first_bytes && memcmp(first, hal.sent, first_bytes) == 0);
  }
}

/* What the device sends while it logs in: who it is to whom. */
void login_packets(void) {
  broker_packet packet;
  size_t at = 0;
  online("");
  EXPECT(broker_read(&at, &packet) == 0 && packet.kind == 0x10);
  EXPECT(packet.body[7] == 0x82); /* clean session, user name, no will, no password */
  EXPECT(memcmp(packet.body + packet.length - 7, "\0\5hello", 7) == 0);
  EXPECT(broker_read(&at, &packet) == 0 && packet.kind == 0x82);
  EXPECT(broker_read(&at, &packet) == 0 && packet.kind == 0xe0);
  EXPECT(broker_read(&at, &packet) == 0 && packet.kind == 0x10);
  EXPECT(packet.body[7] == 0xc6 && packet.body[10] == 0 && packet.body[11] == 64);
  EXPECT(memcmp(packet.body + 12, device.name, 64) == 0);
  EXPECT(memcmp(packet.body + packet.length - 72, "\0\106", 2) == 0);
  EXPECT(broker_read(&at, &packet) == 0 && packet.kind == 0x82);
  EXPECT(broker_read(&at, &packet) == 0 && packet.kind == 0x30 && packet.payload_length == IOTW_PRESENCE_BYTES);
  EXPECT(broker_read(&at, &packet) != 0);
  iotw_device_stop(&device);
  EXPECT(broker_count(0x30, "status", &packet) == 2 && packet.payload_length == 1 && packet.payload[0] == 0);
  EXPECT(broker_count(0xe0, NULL, NULL) == 2 && !hal.open);
  EXPECT(iotw_device_tick(&device) > 0 && !hal.open);
}

/* The connection is cut after every byte that the broker says: the device comes back and works. */
void cut_everywhere(void) {
  size_t cut, whole = 1;
  for (cut = 0; cut < whole; cut++) {
    broker_assignment what = usual(1);
    int step;
    begin(IOTW_FLAG_NUMBER);
    for (step = 0; step < 2; step++) {
      EXPECT(until_open());
      iotw_device_opened(&device);
      broker_connack(&stream, 0);
      broker_suback(&stream, step == 0 ? 1 : 2);
      broker_hello(&stream, 3, "");
      whole = stream.length;
      if (step == 1 || cut % 2 == 0) {
        if (cut < stream.length) stream.length = cut;
        say(4096);
        if (hal.open) iotw_device_closed(&device);
        hal.open = 0;
        stream.length = 0;
        break;
      }
      say(4096);
    }
    EXPECT(device.state == IOTW_WAITING);
    if (device.have_hello == 0) ask_for_hello("", 4096);
    log_in("", 4096);
    EXPECT(device.state == IOTW_ONLINE);
    EXPECT(attested_as(assign(&what, 4096), 1, 1));
  }
}

/* A broker that does not answer, at each step. */
void silence(void) {
  begin(IOTW_FLAG_NUMBER);
  EXPECT(until_open());
  /* The connection is never opened. */
  hal.now += IOTW_STEP_MS - 1;
  iotw_device_tick(&device);
  EXPECT(hal.open && device.counts.timeouts == 0);
  hal.now += 1;
  iotw_device_tick(&device);
  EXPECT(!hal.open && device.counts.timeouts == 1 && device.state == IOTW_WAITING);
  /* No CONNACK; then no hello. */
  EXPECT(until_open());
  iotw_device_opened(&device);
  hal.now += IOTW_STEP_MS;
  iotw_device_tick(&device);
  EXPECT(!hal.open && device.counts.timeouts == 2);
  EXPECT(until_open());
  iotw_device_opened(&device);
  broker_connack(&stream, 0);
  broker_suback(&stream, 1);
  say(4096);
  hal.now += IOTW_STEP_MS;
  iotw_device_tick(&device);
  EXPECT(!hal.open && device.counts.timeouts == 3);
  /* No answer to the login. */
  ask_for_hello("", 4096);
  EXPECT(until_open());
  iotw_device_opened(&device);
  hal.now += IOTW_STEP_MS;
  iotw_device_tick(&device);
  EXPECT(!hal.open && device.counts.timeouts == 4);
  /* The hello has served a login and its epoch is over by now. */
  ask_for_hello("", 4096);
  log_in("", 4096);
  EXPECT(device.state == IOTW_ONLINE);
  /* A ping after half of the keepalive; its answer; then none. */
  EXPECT(broker_count(0xc0, NULL, NULL) == 0);
  hal.now += IOTW_KEEPALIVE_S * 500u;
  iotw_device_tick(&device);
  EXPECT(broker_count(0xc0, NULL, NULL) == 1);
  stream.bytes[0] = 0xd0;
  stream.bytes[1] = 0;
  stream.length = 2;
  say(1);
  EXPECT(hal.open && !device.ping_waits);
  hal.now += IOTW_KEEPALIVE_S * 500u;
  iotw_device_tick(&device);
  hal.now += IOTW_STEP_MS;
  iotw_device_tick(&device);
  EXPECT(!hal.open && device.counts.timeouts == 5 && device.state == IOTW_WAITING);
}

/* A refused login, a port that can't send, a QoS 1 publish, and the login before an old hello is used again. */
void odds_of_the_wire(void) {
  broker_packet packet;
  char topic[IOTW_TOPIC_BYTES];
  broker_assignment what = usual(1);
  begin(IOTW_FLAG_NUMBER);
  ask_for_hello("", 4096);
  EXPECT(until_open());
  iotw_device_opened(&device);
  broker_connack(&stream, 4);
  say(4096);
  EXPECT(!hal.open && device.counts.login_refused == 1);
  ask_for_hello("", 4096);
  log_in("", 4096);
  EXPECT(device.state == IOTW_ONLINE);
  broker_topic(topic, "assign");
  broker_publish(&stream, topic, assignment, broker_assign(assignment, &what), 1);
  say(3);
  EXPECT(broker_count(0x40, NULL, &packet) == 1 && memcmp(packet.body, "\x12\x34", 2) == 0);
  EXPECT(broker_count(0x30, "result", NULL) == 1);
  what.height = 2;
  hal.send_fails = 1;
  publish("assign", assignment, broker_assign(assignment, &what), 4096);
  EXPECT(!hal.open && device.counts.send_failed == 1 && device.counts.attested == 2);
  hal.send_fails = 0;
  log_in("", 4096);
  EXPECT(device.state == IOTW_ONLINE);
  /* A subscription that is refused. */
  iotw_device_closed(&device);
  hal.open = 0;
  EXPECT(until_open());
  iotw_device_opened(&device);
  broker_connack(&stream, 0);
  stream.bytes[stream.length++] = 0x90;
  stream.bytes[stream.length++] = 3;
  stream.bytes[stream.length++] = 0;
  stream.bytes[stream.length++] = 1;
  stream.bytes[stream.length++] = 0x80;
  say(4096);
  EXPECT(!hal.open && device.counts.garbage == 1);
  /* An hour later hello is read first. */
  hal.now += 3600000;
  ask_for_hello("", 4096);
  log_in("", 4096);
  EXPECT(device.state == IOTW_ONLINE);
  /* An epoch of a millisecond does not make it ask for ever. */
  begin(IOTW_FLAG_NUMBER);
  EXPECT(until_open());
  iotw_device_opened(&device);
  broker_connack(&stream, 0);
  broker_suback(&stream, 1);
  broker_hello(&stream, 3, ",\"epochMs\":1");
  say(4096);
  hal.now += 50;
  EXPECT(until_open());
  iotw_device_opened(&device);
  EXPECT(device.state == IOTW_LOGGING_IN);
  /* What comes when it is not wanted any more. */
  iotw_device_stop(&device);
  broker_hello(&stream, 3, "");
  iotw_device_received(&device, stream.bytes, stream.length);
  iotw_device_opened(&device);
  iotw_device_closed(&device);
  EXPECT(device.state == IOTW_STOPPED && !hal.open);
}

void delays(void) {
  unsigned failures, i;
  for (failures = 0; failures < 256; failures++)
    for (i = 0; i < 20; i++) {
      uint32_t whole = failures < 6 ? 500u << failures : 30000;
      uint32_t delay = iotw_backoff_ms((uint8_t)failures);
      EXPECT(delay >= whole / 2 && delay <= whole);
    }
  hal.random_fails = 1;
  EXPECT(iotw_backoff_ms(0) >= 250 && iotw_backoff_ms(0) <= 500);
  hal.random_fails = 0;
  /* A login that is cut at once each time counts as in vain: the pauses grow. One that held does not. */
  online("");
  for (i = 0; i < 10; i++) {
    iotw_device_closed(&device);
    hal.open = 0;
    if (i < 9) {
      if (device.have_hello == 0 || device.wait_ms > 9000) ask_for_hello("", 4096);
      log_in("", 4096);
    }
  }
  EXPECT(device.wait_ms >= 15000);
  ask_for_hello("", 4096);
  log_in("", 4096);
  hal.now += 30000;
  iotw_device_closed(&device);
  EXPECT(device.wait_ms <= 500);
}

/* A broker that hands out a login and cuts it, ten thousand times: nothing is used up. */
void many_logins(void) {
  uint32_t i;
  begin(IOTW_FLAG_NUMBER);
  for (i = 0; i < 10000; i++) {
    hal.sent_bytes = 0;
    if (device.have_hello == 0) ask_for_hello("", 4096);
    EXPECT(until_open());
    iotw_device_opened(&device);
    if (device.state == IOTW_ASKING) {
      hal.open = 0;
      iotw_device_closed(&device);
      continue;
    }
    broker_connack(&stream, 0);
    broker_suback(&stream, 2);
    say(4096);
    EXPECT(device.state == IOTW_ONLINE);
    iotw_device_closed(&device);
    hal.open = 0;
  }
  EXPECT(device.counts.closed == 10000);
  EXPECT(hal.stores == 1); /* the boot number: nothing a broker does wears the flash */
}
