/* The hello message (spec/device.md 11.1), read as it arrives. */
#ifndef IOTW_HELLO_H
#define IOTW_HELLO_H

#include <stddef.h>

#include "answer.h"
#include "json.h"

/* What hello says beside the keys. */
typedef struct {
  uint16_t trust_node;
  uint32_t epoch;
  uint32_t epoch_ms;   /* 0: not told */
  uint8_t session[8];  /* new whenever the trust node lost its sessions */
  uint8_t announce;    /* the trust node sees no logins: the token goes on `status` as well */
  uint8_t tickets;     /* the next epoch's pool is drawn by tickets, by seed and bits */
  uint8_t seed[32];
  uint16_t bits;       /* 0..512 */
} iotw_hello;

typedef struct {
  iotw_json json;
  iotw_hello hello;
  uint16_t seen;  /* required fields that were read well */
  uint8_t field;  /* of the member being read, at depth 1 */
  uint8_t part;   /* of the member within it */
  uint8_t parts;  /* of the assigner or the tickets being read, what was read well */
  uint8_t bad;
} iotw_hello_reader;

/* A hello begins. The keys of the one before count no more, until the new one has ended well. */
void iotw_hello_start(iotw_hello_reader *reader, iotw_keys *keys);

void iotw_hello_add(iotw_hello_reader *reader, iotw_keys *keys, const uint8_t network[32], const uint8_t *bytes,
                    size_t length);

/* 0 if it was a whole hello of protocol version 1 and of this network; else the keys are empty. */
int iotw_hello_end(iotw_hello_reader *reader, iotw_keys *keys);

#endif
