/* The device against brokers that cut, stay silent, send half packets, garbage, and bad assignments. */
#include <string.h>

#include "../core/backoff.h"
#include "../core/bytes.h"
#include "../core/statements.h"
#include "../hal/hal.h"
#include "broker.h"
#include "expect.h"
#include "fake_hal.h"

static iotw_device device;
static broker_stream stream;
static uint8_t assignment[33010];

/* --- Steps --------------------------------------------------------------------------------------- */

/* Lets time go on until the device has asked for a connection; false if it does not within two minutes. */
static int until_open(void) {
  unsigned i;
  for (i = 0; i < 200 && !hal.open; i++) {
    uint32_t wait = iotw_device_tick(&device);
    if (!hal.open) hal.now += wait < 600 ? wait : 600;
  }
  return hal.open;
}

/* The broker says what is in the stream, in pieces; the stream is empty afterwards. */
static void say(size_t piece) {
  size_t at;
  for (at = 0; at < stream.length && hal.open; at += piece)
    iotw_device_received(&device, stream.bytes + at, stream.length - at < piece ? stream.length - at : piece);
  stream.length = 0;
  if (hal.open) iotw_device_tick(&device);
}

static void begin(uint8_t flags) {
  fake_hal_reset();
  hal.now = 4294960000u; /* the clock wraps soon */
  fake_hal_provision(broker_network, broker_device_seed, 41, flags);
  stream.length = 0;
  EXPECT(iotw_device_start(&device) == IOTW_OK);
}

static void ask_for_hello(const char *more, size_t piece) {
  EXPECT(until_open());
  iotw_device_opened(&device);
  EXPECT(device.state == IOTW_ASKING);
  broker_connack(&stream, 0);
  broker_suback(&stream, 1);
  broker_hello(&stream, 3, more);
  say(piece);
}

static void log_in(const char *more, size_t piece) {
  EXPECT(until_open());
  iotw_device_opened(&device);
  EXPECT(device.state == IOTW_LOGGING_IN);
  broker_connack(&stream, 0);
  broker_suback(&stream, 2);
  broker_hello(&stream, 3, more);
  say(piece);
}

static void online(const char *more) {
  begin(IOTW_FLAG_NUMBER);
  ask_for_hello(more, 4096);
  log_in(more, 4096);
  EXPECT(device.state == IOTW_ONLINE);
}

static void publish(const char *leaf, const uint8_t *payload, size_t length, size_t piece) {
  char topic[IOTW_TOPIC_BYTES];
  broker_topic(topic, leaf);
  broker_publish(&stream, topic, payload, length, 0);
  say(piece);
}

static broker_assignment usual(uint32_t height) {
  broker_assignment what = {0};
  what.height = height;
  what.count = 3;
  what.device = 41;
  return what;
}

/* Hands out an assignment; the device's answer, or NULL. */
static const broker_packet *assign(const broker_assignment *what, size_t piece) {
  static broker_packet packet;
  unsigned before = broker_count(0x30, "result", NULL);
  publish("assign", assignment, broker_assign(assignment, what), piece);
  return broker_count(0x30, "result", &packet) == before + 1 ? &packet : NULL;
}

static int refused_with(const broker_packet *packet, uint8_t code) {
  return packet != NULL && packet->payload_length == 2 && packet->payload[0] == 1 && packet->payload[1] == code;
}

static int attested_as(const broker_packet *packet, uint32_t boot, uint32_t counter) {
  return packet != NULL && packet->payload_length == 190 && packet->payload[0] == 0 &&
         iotw_get32(packet->payload + 86) == boot && iotw_get32(packet->payload + 90) == counter;
}

/* --- Cases ----------------------------------------------------------------------------------------- */

/* A whole session, cut into pieces of every length up to 64 bytes: the same packets each time. */
static void half_packets(void) {
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
static void login_packets(void) {
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
static void cut_everywhere(void) {
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
static void silence(void) {
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

/* What is no MQTT 3.1.1, or not for a client, in each state of the connection. */
static void garbage(void) {
  static const struct {
    uint8_t length, bytes[12];
  } cases[] = {
      {2, {0x00, 0x00}},             /* no packet */
      {2, {0x10, 0x00}},             /* CONNECT */
      {2, {0x20, 0x03}},             /* CONNACK of three bytes */
      {4, {0x20, 0x02, 0x01, 0x00}}, /* a session nobody asked for */
      {2, {0x21, 0x02}},             /* reserved flags */
      {2, {0x90, 0x02}},             /* SUBACK without a code */
      {2, {0x90, 0x06}},             /* SUBACK with four */
      {5, {0x90, 0x03, 0, 1, 3}},    /* QoS 3 granted */
      {5, {0x30, 0x80, 0x80, 0x80, 0x80}}, /* a length of five bytes */
      {4, {0x30, 0xff, 0xff, 0x7f}}, /* 2 MB */
      {2, {0x30, 0x01}},             /* PUBLISH without a topic's length */
      {4, {0x30, 0x02, 0x00, 0x00}}, /* an empty topic */
      {4, {0x30, 0x04, 0xff, 0xff}}, /* a topic longer than the packet */
      {2, {0x34, 0x10}},             /* QoS 2 */
      {2, {0x36, 0x10}},             /* QoS 3 */
      {2, {0x38, 0x10}},             /* DUP with QoS 0 */
      {7, {0x32, 0x05, 0, 1, 'a', 0, 0}}, /* packet identifier 0 */
      {4, {0x40, 0x02, 0, 1}},       /* PUBACK of what was not published so */
      {2, {0xd0, 0x01}},             /* PINGRESP with a byte */
      {2, {0xe0, 0x00}},             /* DISCONNECT */
      {2, {0xf0, 0x00}},             /* AUTH of MQTT 5 */
      {5, {'H', 'T', 'T', 'P', '/'}},
  };
  unsigned i, state;
  for (i = 0; i < sizeof cases / sizeof *cases; i++)
    for (state = 0; state < 3; state++) {
      begin(IOTW_FLAG_NUMBER);
      if (state > 0) ask_for_hello("", 4096);
      if (state > 1) log_in("", 4096);
      if (state < 2) {
        EXPECT(until_open());
        iotw_device_opened(&device);
      }
      memcpy(stream.bytes, cases[i].bytes, cases[i].length);
      stream.length = cases[i].length;
      say(1);
      EXPECT(!hal.open && device.counts.garbage == 1 && device.state == IOTW_WAITING);
      /* And it goes on. */
      if (device.have_hello == 0) ask_for_hello("", 4096);
      log_in("", 4096);
      EXPECT(device.state == IOTW_ONLINE);
    }
  /* Packets in the wrong place: a second CONNACK, a SUBACK before the CONNACK, a publish before it. */
  online("");
  broker_connack(&stream, 0);
  say(1);
  EXPECT(!hal.open && device.counts.garbage == 1);
  EXPECT(until_open());
  iotw_device_opened(&device);
  broker_suback(&stream, 2);
  say(1);
  EXPECT(!hal.open && device.counts.garbage == 2);
  EXPECT(until_open());
  iotw_device_opened(&device);
  broker_hello(&stream, 3, "");
  say(1);
  EXPECT(!hal.open && device.counts.garbage == 3);
}

/* Helloes that are refused, counted, and asked for anew. */
static void bad_helloes(void) {
  static const char good[] =
      "{\"protocolVersion\":1,\"network\":\"0102030405060708090000000000000000000000000000000000000000000000\","
      "\"trustNode\":0,\"epoch\":3,\"session\":\"00112233445566ff\",\"laneKeys\":[]}";
  static const struct {
    const char *from, *to;
  } changes[] = {
      {"Version\":1", "Version\":2"},
      {"Version\":1", "Version\":\"1\""},
      {"\"0102", "\"0103"}, /* another network */
      {"\"0102", "\""},     /* its id cut short */
      {"Node\":0", "Node\":65536"},
      {"Node\":0", "Node\":-1"},
      {"epoch\":3", "epoch\":4294967296"},
      {"epoch\":3", "epoch\":03"},
      {"epoch\":3", "epoch\":[3]"},
      {"66ff\"", "66\""},
      {"\"session\"", "\"sessiom\""},
      {"[]", "null"},
      {"[]", "{}"},
      {"[]", "[[]]"},
      {"[]", "[\"00\"]"},
      {"[]}", "[]"},
      {"[]}", "[}]"},
      {"[]}", "[]}}"},
      {"[]}", "[],}"},
      {"[]}", "[],\"x\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}"}, /* deeper than is followed */
      {"[]}", "[],\"x\":\"\\q\"}"},
      {"[]}", "[],\"x\":tru}"},
      {"{\"p", "[{\"p"},
      {"{\"p", "1{\"p"},
  };
  unsigned i;
  for (i = 0; i < sizeof changes / sizeof *changes; i++) {
    char text[512];
    const char *at = strstr(good, changes[i].from);
    size_t head = (size_t)(at - good);
    memcpy(text, good, head);
    strcpy(text + head, changes[i].to);
    strcat(text, at + strlen(changes[i].from));
    begin(IOTW_FLAG_NUMBER);
    EXPECT(until_open());
    iotw_device_opened(&device);
    broker_connack(&stream, 0);
    broker_suback(&stream, 1);
    broker_hello_text(&stream, text);
    say(7);
    EXPECT(!hal.open && device.counts.hello_refused == 1 && device.keys.lanes == 0 && device.have_hello == 0);
    /* Of one that comes while it is online likewise: the keys of before count no more. */
    ask_for_hello("", 4096);
    log_in("", 4096);
    broker_hello_text(&stream, text);
    say(4096);
    EXPECT(!hal.open && device.counts.hello_refused == 2 && device.keys.lanes == 0);
    ask_for_hello("", 4096);
    log_in("", 4096);
    EXPECT(device.state == IOTW_ONLINE && device.keys.lanes == 1);
  }
}

/* Fields that a device does not know, and more of what it does than it has room for. */
static void strange_helloes(void) {
  char text[24000] = ",\"hosts\":[{\"trustNode\":1,\"address\":\"mqtt://a:1\"},{}],\"x\\u00e9\":\"\\\"\\n\",\"y\":-1.5e+3,"
                     "\"z\":[null,true,{\"laneKeys\":[1],\"key\":\"00\"}],\"assigners\":[";
  unsigned i;
  for (i = 0; i < 40; i++)
    sprintf(text + strlen(text),
            "%s{\"role\":%u,\"index\":%u,\"key\":\"%064x\"},{\"role\":1},{\"index\":2,\"role\":\"1\",\"key\":\"%064x\"}",
            i == 0 ? "" : ",", 1 + i % 2, i / 2, i, i);
  strcat(text, "]");
  begin(IOTW_FLAG_NUMBER);
  EXPECT(until_open());
  iotw_device_opened(&device);
  broker_connack(&stream, 0);
  broker_suback(&stream, 1);
  {
    char hello[24300] =
        "{\"protocolVersion\":1,\"network\":\"0102030405060708090000000000000000000000000000000000000000000000\","
        "\"trustNode\":0,\"epoch\":3,\"session\":\"00112233445566ff\",\"laneKeys\":[],\"laneKeys\":[";
    for (i = 0; i < 70; i++) sprintf(hello + strlen(hello), "%s\"%064x\"", i == 0 ? "" : ",", i);
    strcat(hello, "]");
    strcat(hello, text);
    strcat(hello, "}");
    broker_hello_text(&stream, hello);
  }
  say(13);
  EXPECT(device.counts.hello_refused == 0 && device.have_hello != 0);
  EXPECT(device.keys.lanes == IOTW_LANES && device.keys.lane[63][31] == 63);
  EXPECT(device.keys.assigners == IOTW_ASSIGNERS);
  EXPECT(device.keys.assigner[31].role == 2 && device.keys.assigner[31].index == 15 &&
         device.keys.assigner[31].key[31] == 31);
}

/* The refusals of clause 11.4, oversized assignments among them; each is answered and counted. */
static void refusals(void) {
  broker_assignment what = usual(1);
  size_t length;
  online("");
  what.lane = 1;
  EXPECT(refused_with(assign(&what, 100), IOTW_LANE_UNKNOWN));
  what.lane = 0;
  what.signature_wrong = 1;
  EXPECT(refused_with(assign(&what, 100), IOTW_HEADER_SIGNATURE));
  what.signature_wrong = 0;
  /* Not signed at all. */
  length = broker_assign(assignment, &what);
  memset(assignment + 100, 0, 64);
  publish("assign", assignment, length, 4096);
  EXPECT(device.counts.refused[IOTW_HEADER_SIGNATURE] == 2);
  /* Signed for another network. */
  length = broker_assign(assignment, &what);
  device.identity.network[0] ^= 1;
  publish("assign", assignment, length, 4096);
  device.identity.network[0] ^= 1;
  EXPECT(device.counts.refused[IOTW_HEADER_SIGNATURE] == 3);
  what.root_wrong = 1;
  EXPECT(refused_with(assign(&what, 100), IOTW_ROOT_MISMATCH));
  what.root_wrong = 0;
  /* Longer than any assignment, with a head that is right. */
  memset(assignment, 0, sizeof assignment);
  length = broker_assign(assignment, &what);
  publish("assign", assignment, 33010, 1000);
  EXPECT(device.counts.refused[IOTW_MALFORMED] == 1);
  publish("assign", assignment, length - 1, 1000);
  EXPECT(device.counts.refused[IOTW_MALFORMED] == 2);
  publish("assign", assignment, 0, 1000);
  EXPECT(device.counts.refused[IOTW_MALFORMED] == 3);
  {
    static uint8_t huge[65000];
    memcpy(huge, assignment, length);
    publish("assign", huge, sizeof huge, 1460);
  }
  EXPECT(device.counts.refused[IOTW_MALFORMED] == 4 && hal.open);
  device.chain.counter = UINT32_MAX;
  EXPECT(refused_with(assign(&what, 100), IOTW_COUNTER_EXHAUSTED));
  device.chain.counter = 0;
  EXPECT(attested_as(assign(&what, 4096), 1, 1));
  /* The largest one that is right. */
  what.count = 1024;
  what.height = 9;
  EXPECT(attested_as(assign(&what, 1460), 1, 2));
  EXPECT(device.counts.assignments == 12 && device.counts.attested == 2 && hal.open);
  /* Other devices' topics, longer ones and unknown ones are passed over. */
  publish("assigned", assignment, length, 100);
  publish("host", assignment, length, 100);
  broker_publish(&stream, "a/topic/much/longer/than/any/of/a/device/a/topic/much/longer/than/any/of/a/device/a/topic/"
                          "much/longer/than/any/of/a/device", assignment, length, 0);
  say(100);
  EXPECT(device.counts.assignments == 12 && hal.open);
}

/* The same assignment gets the same bytes, from whatever connection; a forgotten one a new number. */
static void replays(void) {
  uint8_t first[190];
  broker_assignment what = usual(1), other = usual(2);
  const broker_packet *packet;
  uint32_t i;
  online("");
  packet = assign(&what, 4096);
  EXPECT(attested_as(packet, 1, 1));
  memcpy(first, packet->payload, 190);
  EXPECT(attested_as(assign(&other, 4096), 1, 2));
  packet = assign(&what, 1);
  EXPECT(packet != NULL && memcmp(packet->payload, first, 190) == 0 && device.counts.repeated == 1);
  /* Another number for the device, a broken signature, other ids: still the answer that was given to this header. */
  what.device = 7;
  packet = assign(&what, 4096);
  EXPECT(packet != NULL && memcmp(packet->payload, first, 190) == 0);
  what.device = 41;
  what.signature_wrong = 1;
  packet = assign(&what, 4096);
  EXPECT(packet != NULL && memcmp(packet->payload, first, 190) == 0);
  what.signature_wrong = 0;
  /* Another attempt is another place. */
  what.attempt = 1;
  EXPECT(attested_as(assign(&what, 4096), 1, 3));
  what.attempt = 0;
  /* After a new login as well. */
  iotw_device_closed(&device);
  hal.open = 0;
  log_in("", 4096);
  packet = assign(&what, 4096);
  EXPECT(packet != NULL && memcmp(packet->payload, first, 190) == 0);
  for (i = 4; i <= IOTW_ANSWERS; i++) {
    hal.sent_bytes = 0;
    other.height = i;
    EXPECT(attested_as(assign(&other, 4096), 1, i));
  }
  packet = assign(&what, 4096);
  EXPECT(packet != NULL && memcmp(packet->payload, first, 190) == 0);
  other.height = 1000;
  EXPECT(attested_as(assign(&other, 4096), 1, IOTW_ANSWERS + 1));
  EXPECT(attested_as(assign(&what, 4096), 1, IOTW_ANSWERS + 2));
  /* The second is the oldest but one now: still the same. */
  what.height = 4;
  EXPECT(attested_as(assign(&what, 4096), 1, 4));
}

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
static void presence(void) {
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

/* A refused login, a port that can't send, a QoS 1 publish, and the login before an old hello is used again. */
static void odds_of_the_wire(void) {
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

static void delays(void) {
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

/* Everything counted is in the report; telemetry only where the owner consents. */
static void reports(void) {
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

/* A broker that hands out a login and cuts it, ten thousand times: nothing is used up. */
static void many_logins(void) {
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

int main(void) {
  half_packets();
  login_packets();
  cut_everywhere();
  silence();
  garbage();
  bad_helloes();
  strange_helloes();
  refusals();
  replays();
  presence();
  odds_of_the_wire();
  delays();
  reports();
  many_logins();
  return expect_end();
}
