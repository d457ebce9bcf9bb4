#include "statements.h"

#include <string.h>

#include "bytes.h"
#include "digest.h"
#include "vrf.h"

/* Signs digest(name, bytes). */
static void sign(uint8_t signature[64], const iotw_identity *identity, const char *name, const uint8_t *bytes,
                 size_t length) {
  uint8_t digest[32];
  iotw_digest(digest, name, identity->network, bytes, length);
  iotw_ed25519_sign(signature, digest, 32, identity->seed, identity->key);
}

void iotw_login_token(uint8_t token[IOTW_TOKEN_BYTES], const iotw_identity *identity, uint16_t trust_node,
                      uint32_t epoch) {
  uint8_t bytes[38];
  iotw_put16(token, trust_node);
  iotw_put32(token + 2, epoch);
  memcpy(bytes, identity->key, 32);
  memcpy(bytes + 32, token, 6);
  sign(token + 6, identity, "login", bytes, sizeof bytes);
}

void iotw_presence(uint8_t status[IOTW_PRESENCE_BYTES], const iotw_identity *identity, uint32_t device,
                   uint32_t epoch, uint16_t host) {
  status[0] = 1;
  iotw_put32(status + 1, device);
  iotw_put32(status + 5, epoch);
  iotw_put16(status + 9, host);
  sign(status + 11, identity, "presence", status + 1, 10);
}

uint32_t iotw_presence_delay(const iotw_identity *identity, uint32_t epoch, uint32_t epoch_ms) {
  iotw_sha256 sha;
  uint8_t number[4], hash[32];
  if (epoch_ms < 2) return 0;
  iotw_put32(number, epoch);
  iotw_sha256_start(&sha);
  iotw_sha256_add(&sha, identity->key, 32);
  iotw_sha256_add(&sha, number, 4);
  iotw_sha256_end(&sha, hash);
  return iotw_get32(hash) % (epoch_ms / 2);
}

int iotw_ticket(uint8_t status[IOTW_TICKET_BYTES], const iotw_identity *identity, uint32_t device,
                uint32_t epoch, const uint8_t seed[32], uint16_t bits) {
  uint8_t bytes[40], alpha[32], output[64];
  memcpy(bytes, seed, 32);
  iotw_put32(bytes + 32, epoch);
  iotw_put32(bytes + 36, device);
  iotw_digest(alpha, "ticket", identity->network, bytes, sizeof bytes);
  status[0] = 2;
  iotw_put32(status + 1, device);
  iotw_put32(status + 5, epoch);
  if (iotw_vrf_prove(status + 9, output, alpha, sizeof alpha, identity->seed, identity->key) != 0) return -1;
  return iotw_vrf_wins(output, bits) ? 0 : -1;
}

void iotw_claim(uint8_t signature[64], const iotw_identity *identity, const uint8_t owner[32], uint32_t changes) {
  uint8_t bytes[68];
  memcpy(bytes, identity->key, 32);
  memcpy(bytes + 32, owner, 32);
  iotw_put32(bytes + 64, changes);
  sign(signature, identity, "device-claim", bytes, sizeof bytes);
}

void iotw_possession(uint8_t signature[64], const iotw_identity *identity) {
  uint8_t bytes[40];
  memcpy(bytes, identity->key, 32);
  iotw_put16(bytes + 32, identity->maker);
  iotw_put32(bytes + 34, identity->batch);
  bytes[38] = identity->region;
  bytes[39] = identity->device_class;
  sign(signature, identity, "device-possession", bytes, sizeof bytes);
}
