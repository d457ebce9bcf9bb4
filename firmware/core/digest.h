/* The one signing rule (spec/protocol.md 2.3): SHA-256( SHA-256(utf8("iotw/v1/" || name)) || network || bytes ). */
#ifndef IOTW_DIGEST_H
#define IOTW_DIGEST_H

#include "../crypto/crypto.h"

/* Begins a digest; its bytes follow by iotw_sha256_add, and iotw_sha256_end gives it. */
void iotw_digest_start(iotw_sha256 *sha, const char *name, const uint8_t network[32]);

/* A digest of bytes that lie together. */
void iotw_digest(uint8_t out[32], const char *name, const uint8_t network[32], const uint8_t *bytes,
                 size_t length);

#endif
