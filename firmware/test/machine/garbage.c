/* What is no MQTT and no hello. */
#include <stdio.h>
#include <string.h>

#include "../expect.h"
#include "../fake_hal.h"
#include "cases.h"
#include "session.h"

/* What is no MQTT 3.1.1, or not for a client, in each state of the connection. */
void garbage(void) {
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
void bad_helloes(void) {
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
void strange_helloes(void) {
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
