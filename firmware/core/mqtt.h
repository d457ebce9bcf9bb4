/* The client side of MQTT 3.1.1 (OASIS, mqtt-v3.1.1-os) that a device needs: packets in are read as their bytes
 * arrive, packets out are built into a buffer. Publishes go out with QoS 0, and come in with 0 or 1. */
#ifndef IOTW_MQTT_H
#define IOTW_MQTT_H

#include <stddef.h>
#include <stdint.h>

/* Longest remaining length that is read: an assignment has at most 33,010 bytes, a hello about 25,000. */
#define IOTW_MQTT_LONGEST 65535u
/* A device's topics have at most 97 characters; longer ones are none of its own. */
#define IOTW_TOPIC_BYTES 112

typedef enum {
  IOTW_MQTT_MORE,    /* all bytes are used up */
  IOTW_MQTT_CONNACK, /* code: 0 accepted */
  IOTW_MQTT_SUBACK,  /* code: 0x80 if a subscription was refused, else the lowest granted QoS */
  IOTW_MQTT_PONG,
  IOTW_MQTT_PUBLISH, /* begins: topic and payload_length are known; a topic too long is empty */
  IOTW_MQTT_PAYLOAD, /* the next part of it: chunk */
  IOTW_MQTT_PUBLISHED, /* it has ended; packet is what to acknowledge, 0 for QoS 0 */
  IOTW_MQTT_GARBAGE  /* this is not what a broker may send; for ever */
} iotw_mqtt_event;

typedef struct {
  uint8_t state;
  uint8_t kind;           /* first byte of the packet */
  uint8_t shift;          /* of the remaining length being read */
  uint8_t code;
  uint8_t topic_bytes;    /* kept in topic; 0 if it was too long */
  uint32_t left;          /* bytes of the packet to come */
  uint32_t payload_length;
  uint16_t topic_length, at;
  uint16_t packet;
  const uint8_t *chunk;
  size_t chunk_length;
  char topic[IOTW_TOPIC_BYTES];
} iotw_mqtt_reader;

void iotw_mqtt_start(iotw_mqtt_reader *reader);

/* Reads until something is complete or the bytes are used up; moves *bytes and *length on. */
iotw_mqtt_event iotw_mqtt_read(iotw_mqtt_reader *reader, const uint8_t **bytes, size_t *length);

/* Packets out: each writes to `out` and returns the length, or 0 if `room` is not enough. */
typedef struct {
  const char *client_id, *user_name;
  const uint8_t *password; /* NULL: none */
  uint16_t password_length;
  const char *will_topic; /* NULL: none. The will is one zero byte, QoS 0, not retained */
  uint16_t keepalive_s;
} iotw_mqtt_connect;

size_t iotw_mqtt_write_connect(uint8_t *out, size_t room, const iotw_mqtt_connect *connect);

/* One to three topics, QoS 0. */
size_t iotw_mqtt_write_subscribe(uint8_t *out, size_t room, uint16_t packet, const char *const *topics,
                                 unsigned count);

/* The beginning of a QoS 0 publish: `payload_length` bytes have to follow it. */
size_t iotw_mqtt_write_publish(uint8_t *out, size_t room, const char *topic, size_t payload_length);

size_t iotw_mqtt_write_puback(uint8_t *out, size_t room, uint16_t packet);
size_t iotw_mqtt_write_ping(uint8_t *out, size_t room);
size_t iotw_mqtt_write_disconnect(uint8_t *out, size_t room);

#endif
