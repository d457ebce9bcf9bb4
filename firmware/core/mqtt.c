#include "mqtt.h"

#include <string.h>

#include "bytes.h"

enum { CONNACK = 0x20, PUBLISH = 0x30, SUBACK = 0x90, PINGRESP = 0xd0 };
enum { FIRST, LENGTH, ACK, TOPIC_LENGTH, TOPIC, PACKET_ID, BEGUN, PAYLOAD, BAD };

void iotw_mqtt_start(iotw_mqtt_reader *reader) { memset(reader, 0, sizeof *reader); }

static iotw_mqtt_event garbage(iotw_mqtt_reader *reader) {
  reader->state = BAD;
  return IOTW_MQTT_GARBAGE;
}

/* The packet's length is known: is it one that this packet can have? */
static iotw_mqtt_event begin_body(iotw_mqtt_reader *reader) {
  reader->at = 0;
  reader->code = 0;
  reader->packet = 0;
  if ((reader->kind & 0xf0) == PUBLISH) {
    /* Topic length, and for QoS 1 a packet identifier. QoS 2 was not subscribed to; DUP goes with QoS 1 only. */
    uint32_t least = reader->kind & 0x02 ? 4 : 2;
    if (reader->left < least) return garbage(reader);
    reader->state = TOPIC_LENGTH;
    reader->topic_length = 0;
    reader->topic_bytes = 0;
    return IOTW_MQTT_MORE;
  }
  if (reader->kind == PINGRESP && reader->left == 0) {
    reader->state = FIRST;
    return IOTW_MQTT_PONG;
  }
  reader->state = ACK;
  if (reader->kind == CONNACK && reader->left == 2) return IOTW_MQTT_MORE;
  if (reader->kind == SUBACK && reader->left >= 3 && reader->left <= 5) return IOTW_MQTT_MORE;
  return garbage(reader);
}

static iotw_mqtt_event first_byte(iotw_mqtt_reader *reader, uint8_t byte) {
  uint8_t flags = byte & 0x0f;
  int publish = (byte & 0xf0) == PUBLISH;
  reader->kind = byte;
  reader->left = 0;
  reader->shift = 0;
  reader->state = LENGTH;
  if (publish && ((flags & 0x04) != 0 || (flags & 0x0a) == 0x08)) return garbage(reader);
  if (!publish && byte != CONNACK && byte != SUBACK && byte != PINGRESP) return garbage(reader);
  return IOTW_MQTT_MORE;
}

static iotw_mqtt_event length_byte(iotw_mqtt_reader *reader, uint8_t byte) {
  reader->left |= (uint32_t)(byte & 0x7f) << reader->shift;
  if (reader->left > IOTW_MQTT_LONGEST) return garbage(reader);
  if ((byte & 0x80) == 0) return begin_body(reader);
  reader->shift = (uint8_t)(reader->shift + 7);
  return reader->shift > 21 ? garbage(reader) : IOTW_MQTT_MORE;
}

/* CONNACK: flags, return code. SUBACK: packet identifier, one code per topic. */
static iotw_mqtt_event ack_byte(iotw_mqtt_reader *reader, uint8_t byte) {
  unsigned at = reader->at++;
  reader->left--;
  if (reader->kind == CONNACK) {
    /* No session was asked for, so none may be present. */
    if (at == 0 && byte != 0) return garbage(reader);
    if (at == 1) reader->code = byte;
  } else if (at >= 2) {
    if (byte > 2 && byte != 0x80) return garbage(reader);
    if (at == 2 || byte == 0x80) reader->code = byte;
  }
  if (reader->left > 0) return IOTW_MQTT_MORE;
  reader->state = FIRST;
  return reader->kind == CONNACK ? IOTW_MQTT_CONNACK : IOTW_MQTT_SUBACK;
}

static iotw_mqtt_event begin_payload(iotw_mqtt_reader *reader) {
  reader->payload_length = reader->left;
  reader->state = PAYLOAD;
  if (reader->topic_length > IOTW_TOPIC_BYTES) reader->topic_bytes = 0;
  return IOTW_MQTT_PUBLISH;
}

/* The part of a publish before its payload. */
static iotw_mqtt_event publish_byte(iotw_mqtt_reader *reader, uint8_t byte) {
  uint32_t after = reader->kind & 0x02 ? 2 : 0;
  reader->left--;
  switch (reader->state) {
    case TOPIC_LENGTH:
      reader->topic_length = (uint16_t)(reader->topic_length << 8 | byte);
      if (++reader->at < 2) return IOTW_MQTT_MORE;
      /* A topic has at least one character (4.7.3). */
      if (reader->topic_length == 0 || reader->left < reader->topic_length + after) return garbage(reader);
      reader->at = 0;
      reader->state = TOPIC;
      return IOTW_MQTT_MORE;
    case TOPIC:
      if (reader->topic_bytes < IOTW_TOPIC_BYTES) reader->topic[reader->topic_bytes++] = (char)byte;
      if (++reader->at < reader->topic_length) return IOTW_MQTT_MORE;
      reader->at = 0;
      reader->state = PACKET_ID;
      return after == 0 ? begin_payload(reader) : IOTW_MQTT_MORE;
    default: /* PACKET_ID */
      reader->packet = (uint16_t)(reader->packet << 8 | byte);
      if (++reader->at < 2) return IOTW_MQTT_MORE;
      if (reader->packet == 0) return garbage(reader);
      return begin_payload(reader);
  }
}

iotw_mqtt_event iotw_mqtt_read(iotw_mqtt_reader *reader, const uint8_t **bytes, size_t *length) {
  for (;;) {
    iotw_mqtt_event event = IOTW_MQTT_MORE;
    uint8_t byte;
    if (reader->state == PAYLOAD) {
      size_t take = reader->left < *length ? reader->left : *length;
      if (reader->left == 0) {
        reader->state = FIRST;
        return IOTW_MQTT_PUBLISHED;
      }
      if (take == 0) return IOTW_MQTT_MORE;
      reader->chunk = *bytes;
      reader->chunk_length = take;
      reader->left -= (uint32_t)take;
      *bytes += take;
      *length -= take;
      return IOTW_MQTT_PAYLOAD;
    }
    if (reader->state == BAD) return IOTW_MQTT_GARBAGE;
    if (*length == 0) return IOTW_MQTT_MORE;
    byte = *(*bytes)++;
    (*length)--;
    if (reader->state == FIRST) event = first_byte(reader, byte);
    else if (reader->state == LENGTH) event = length_byte(reader, byte);
    else if (reader->state == ACK) event = ack_byte(reader, byte);
    else event = publish_byte(reader, byte);
    if (event != IOTW_MQTT_MORE) return event;
  }
}

/* A packet being written; at stays 0 once the room is not enough. */
typedef struct {
  uint8_t *out;
  size_t room, at;
  int full;
} writer;

static void put(writer *w, const void *bytes, size_t length) {
  if (w->full || length > w->room - w->at) {
    w->full = 1;
    return;
  }
  if (length > 0) memcpy(w->out + w->at, bytes, length);
  w->at += length;
}

static void put8(writer *w, uint8_t byte) { put(w, &byte, 1); }

static void put16(writer *w, uint16_t value) {
  put8(w, (uint8_t)(value >> 8));
  put8(w, (uint8_t)value);
}

static void put_text(writer *w, const char *text) {
  size_t length = iotw_text_length(text);
  put16(w, (uint16_t)length);
  put(w, text, length);
}

static void put_length(writer *w, size_t length) {
  do {
    uint8_t byte = length & 0x7f;
    length >>= 7;
    put8(w, length > 0 ? byte | 0x80 : byte);
  } while (length > 0);
}

static size_t written(const writer *w) { return w->full ? 0 : w->at; }

size_t iotw_mqtt_write_connect(uint8_t *out, size_t room, const iotw_mqtt_connect *connect) {
  static const uint8_t protocol[] = {0, 4, 'M', 'Q', 'T', 'T', 4};
  writer w = {out, room, 0, 0};
  uint8_t flags = 0x82; /* user name, clean session */
  size_t length = 10 + 2 + iotw_text_length(connect->client_id) + 2 + iotw_text_length(connect->user_name);
  if (connect->password != NULL) {
    flags |= 0x40;
    length += 2u + connect->password_length;
  }
  if (connect->will_topic != NULL) {
    flags |= 0x04;
    length += 2 + iotw_text_length(connect->will_topic) + 2 + 1;
  }
  put8(&w, 0x10);
  put_length(&w, length);
  put(&w, protocol, sizeof protocol);
  put8(&w, flags);
  put16(&w, connect->keepalive_s);
  put_text(&w, connect->client_id);
  if (connect->will_topic != NULL) {
    put_text(&w, connect->will_topic);
    put16(&w, 1);
    put8(&w, 0);
  }
  put_text(&w, connect->user_name);
  if (connect->password != NULL) {
    put16(&w, connect->password_length);
    put(&w, connect->password, connect->password_length);
  }
  return written(&w);
}

size_t iotw_mqtt_write_subscribe(uint8_t *out, size_t room, uint16_t packet, const char *const *topics,
                                 unsigned count) {
  writer w = {out, room, 0, 0};
  size_t length = 2;
  unsigned i;
  for (i = 0; i < count; i++) length += 2 + iotw_text_length(topics[i]) + 1;
  put8(&w, 0x82);
  put_length(&w, length);
  put16(&w, packet);
  for (i = 0; i < count; i++) {
    put_text(&w, topics[i]);
    put8(&w, 0);
  }
  return written(&w);
}

size_t iotw_mqtt_write_publish(uint8_t *out, size_t room, const char *topic, size_t payload_length) {
  writer w = {out, room, 0, 0};
  put8(&w, PUBLISH);
  put_length(&w, 2 + iotw_text_length(topic) + payload_length);
  put_text(&w, topic);
  return written(&w);
}

size_t iotw_mqtt_write_puback(uint8_t *out, size_t room, uint16_t packet) {
  writer w = {out, room, 0, 0};
  put8(&w, 0x40);
  put8(&w, 2);
  put16(&w, packet);
  return written(&w);
}

size_t iotw_mqtt_write_ping(uint8_t *out, size_t room) {
  static const uint8_t ping[] = {0xc0, 0};
  writer w = {out, room, 0, 0};
  put(&w, ping, sizeof ping);
  return written(&w);
}

size_t iotw_mqtt_write_disconnect(uint8_t *out, size_t room) {
  static const uint8_t disconnect[] = {0xe0, 0};
  writer w = {out, room, 0, 0};
  put(&w, disconnect, sizeof disconnect);
  return written(&w);
}
