/* What a device signs beside attestations (spec/device.md 11.2, 11.5, 11.6). */
#ifndef IOTW_STATEMENTS_H
#define IOTW_STATEMENTS_H

#include "store.h"

#define IOTW_TOKEN_BYTES 70
#define IOTW_PRESENCE_BYTES 75
#define IOTW_TICKET_BYTES 89

/* The login token (11.2): the MQTT password, as raw bytes. */
void iotw_login_token(uint8_t token[IOTW_TOKEN_BYTES], const iotw_identity *identity, uint16_t trust_node,
                      uint32_t epoch);

/* The status message that says the device is there in an epoch, hosted by `host`. */
void iotw_presence(uint8_t status[IOTW_PRESENCE_BYTES], const iotw_identity *identity, uint32_t device,
                   uint32_t epoch, uint16_t host);

/* When, after an epoch's hello, a device sends it: ms below half of epoch_ms. */
uint32_t iotw_presence_delay(const iotw_identity *identity, uint32_t epoch, uint32_t epoch_ms);

/* The status message with an election ticket, drawn by the device's key from an epoch's seed. 0 if it wins by `bits`. */
int iotw_ticket(uint8_t status[IOTW_TICKET_BYTES], const iotw_identity *identity, uint32_t device,
                uint32_t epoch, const uint8_t seed[32], uint16_t bits);

/* The signature for its owner's deviceClaim operation. Only at the owner's request: by a button, not by the network. */
void iotw_claim(uint8_t signature[64], const iotw_identity *identity, const uint8_t owner[32], uint32_t changes);

/* The signature for its registration: that it holds the key. */
void iotw_possession(uint8_t signature[64], const iotw_identity *identity);

#endif
