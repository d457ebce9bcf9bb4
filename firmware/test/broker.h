/* The other end of a device's connection, for tests: it says what a broker says, signs assignments, and reads what the
 * device sent. */
#ifndef IOTW_TEST_BROKER_H
#define IOTW_TEST_BROKER_H

#include <stddef.h>
#include <stdint.h>

#include "../core/device.h"

/* Bytes that a broker sends, in the order in which they are put. */
typedef struct {
  uint8_t bytes[70000];
  size_t length;
} broker_stream;

/* A network of one lane; the device has number 41 on it. */
extern const uint8_t broker_network[32], broker_device_seed[32];

void broker_connack(broker_stream *to, uint8_t code);
void broker_suback(broker_stream *to, uint8_t codes);
void broker_publish(broker_stream *to, const char *topic, const uint8_t *payload, size_t length, int qos);

/* A hello of an epoch; `more` goes into the object, e.g. ",\"announce\":true". */
void broker_hello(broker_stream *to, uint32_t epoch, const char *more);

/* The same with a text of one's own. */
void broker_hello_text(broker_stream *to, const char *text);

/* What is assigned. */
typedef struct {
  uint32_t height;
  uint16_t count;
  uint8_t attempt;
  uint8_t signature_wrong, root_wrong;
  uint16_t lane;
  uint32_t device;
} broker_assignment;

/* The bytes of an assignment; returns their number. */
size_t broker_assign(uint8_t out[33010], const broker_assignment *what);

/* A topic of the device itself. */
void broker_topic(char out[IOTW_TOPIC_BYTES], const char *leaf);

/* A packet that the device sent: its first byte, and for a publish its topic's last part and its payload. */
typedef struct {
  uint8_t kind;
  const uint8_t *body;
  size_t length;
  const char *leaf;
  size_t leaf_length;
  const uint8_t *payload;
  size_t payload_length;
} broker_packet;

/* Reads the packet at *at of what was sent, and moves *at behind it. 0 if there is one. */
int broker_read(size_t *at, broker_packet *packet);

/* How many packets of a kind, and on a topic if `leaf` is not NULL, were sent; the last one in `last`. */
unsigned broker_count(uint8_t kind, const char *leaf, broker_packet *last);

#endif
