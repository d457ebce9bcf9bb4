#include "broker.h"

#include <stdio.h>
#include <string.h>

#include "../core/bytes.h"
#include "../core/digest.h"
#include "fake_hal.h"

const uint8_t broker_network[32] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
const uint8_t broker_device_seed[32] = {77, 78};
static const uint8_t lane_seed[32] = {11, 12};

static void put(broker_stream *to, const void *bytes, size_t length) {
  memcpy(to->bytes + to->length, bytes, length);
  to->length += length;
}

static void put8(broker_stream *to, unsigned byte) { to->bytes[to->length++] = (uint8_t)byte; }

void broker_connack(broker_stream *to, uint8_t code) {
  put8(to, 0x20);
  put8(to, 2);
  put8(to, 0);
  put8(to, code);
}

void broker_suback(broker_stream *to, uint8_t codes) {
  put8(to, 0x90);
  put8(to, 2u + codes);
  put8(to, 0);
  put8(to, 1);
  while (codes-- > 0) put8(to, 0);
}

void broker_publish(broker_stream *to, const char *topic, const uint8_t *payload, size_t length, int qos) {
  size_t left = 2 + strlen(topic) + (qos ? 2 : 0) + length;
  put8(to, qos ? 0x32 : 0x30);
  do {
    put8(to, (left & 0x7f) | (left > 0x7f ? 0x80 : 0));
    left >>= 7;
  } while (left > 0);
  put8(to, 0);
  put8(to, (unsigned)strlen(topic));
  put(to, topic, strlen(topic));
  if (qos) {
    put8(to, 0x12);
    put8(to, 0x34);
  }
  if (length > 0) put(to, payload, length);
}

void broker_hello_text(broker_stream *to, const char *text) {
  char topic[64] = "iotw/v1/";
  iotw_hex(topic + 8, broker_network, 8);
  strcpy(topic + 24, "/hello");
  broker_publish(to, topic, (const uint8_t *)text, strlen(text), 0);
}

void broker_hello(broker_stream *to, uint32_t epoch, const char *more) {
  char text[2048], network[65], lane[65];
  uint8_t key[32];
  iotw_ed25519_key(key, lane_seed);
  iotw_hex(network, broker_network, 32);
  iotw_hex(lane, key, 32);
  network[64] = lane[64] = '\0';
  snprintf(text, sizeof text,
           "{\"protocolVersion\":1,\"network\":\"%s\",\"trustNode\":0,\"epoch\":%u,\"session\":\"00112233445566ff\","
           "\"laneKeys\":[\"%s\"],\"epochMs\":10000%s}",
           network, (unsigned)epoch, lane, more);
  broker_hello_text(to, text);
}

void broker_topic(char out[IOTW_TOPIC_BYTES], const char *leaf) {
  uint8_t key[32];
  iotw_ed25519_key(key, broker_device_seed);
  memcpy(out, "iotw/v1/", 8);
  iotw_hex(out + 8, broker_network, 8);
  out[24] = '/';
  iotw_hex(out + 25, key, 32);
  out[89] = '/';
  strcpy(out + 90, leaf);
}

size_t broker_assign(uint8_t out[33010], const broker_assignment *what) {
  static iotw_merkle tree;
  uint8_t digest[32], key[32];
  uint16_t i;
  memset(out, 0, 175);
  iotw_put16(out, what->lane);
  iotw_put32(out + 6, what->height);
  iotw_put16(out + 78, what->count);
  iotw_merkle_start(&tree);
  for (i = 0; i < what->count; i++) {
    memset(out + 175 + 32u * i, 0, 32);
    iotw_put32(out + 175 + 32u * i, what->height + i);
    iotw_merkle_add(&tree, out + 175 + 32u * i);
  }
  iotw_merkle_root(&tree, out + 46);
  out[46] ^= what->root_wrong;
  iotw_digest(digest, "block", broker_network, out, 100);
  iotw_ed25519_key(key, lane_seed);
  iotw_ed25519_sign(out + 100, digest, 32, lane_seed, key);
  out[110] ^= what->signature_wrong;
  out[164] = what->attempt;
  iotw_put32(out + 167, what->device);
  iotw_put32(out + 171, 175);
  return 175 + 32u * what->count;
}

int broker_read(size_t *at, broker_packet *packet) {
  size_t length = 0;
  unsigned shift = 0;
  if (*at >= hal.sent_bytes) return -1;
  memset(packet, 0, sizeof *packet);
  packet->kind = hal.sent[(*at)++];
  do {
    length |= (size_t)(hal.sent[*at] & 0x7f) << shift;
    shift += 7;
  } while (hal.sent[(*at)++] & 0x80);
  packet->body = hal.sent + *at;
  packet->length = length;
  *at += length;
  if ((packet->kind & 0xf0) == 0x30) {
    size_t topic = (size_t)packet->body[0] << 8 | packet->body[1];
    packet->leaf = (const char *)packet->body + 2 + 90;
    packet->leaf_length = topic - 90;
    packet->payload = packet->body + 2 + topic;
    packet->payload_length = length - 2 - topic;
  }
  return 0;
}

unsigned broker_count(uint8_t kind, const char *leaf, broker_packet *last) {
  size_t at = 0;
  unsigned count = 0;
  broker_packet packet;
  while (broker_read(&at, &packet) == 0) {
    if (packet.kind != kind) continue;
    if (leaf != NULL && (packet.leaf_length != strlen(leaf) || memcmp(packet.leaf, leaf, strlen(leaf)) != 0)) continue;
    count++;
    if (last != NULL) *last = packet;
  }
  return count;
}
