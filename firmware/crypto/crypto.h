/* What the device needs of cryptography, and nothing more: a chip's own library or hardware takes libsodium's
 * place by a file that defines these functions. crypto_sodium.c is the one that is tested against the vectors.
 *
 * Keys, points and scalars are 32 bytes, signatures 64. Every function that can fail returns 0 if it did not.
 * No function keeps a pointer, allocates, or reads a clock. */
#ifndef IOTW_CRYPTO_H
#define IOTW_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

/* Room for a running SHA-256; what lies in it is the implementation's business. */
typedef struct {
  uint64_t opaque[14];
} iotw_sha256;

/* SHA-256 (FIPS 180-4) of bytes that arrive in pieces. */
void iotw_sha256_start(iotw_sha256 *sha);
void iotw_sha256_add(iotw_sha256 *sha, const uint8_t *bytes, size_t length);
void iotw_sha256_end(iotw_sha256 *sha, uint8_t out[32]);

/* SHA-512 (FIPS 180-4) of at most 163 bytes at once. */
void iotw_sha512(uint8_t out[64], const uint8_t *bytes, size_t length);

/* The Ed25519 public key of a seed (RFC 8032, 5.1.5). */
void iotw_ed25519_key(uint8_t key[32], const uint8_t seed[32]);

/* Ed25519 signature (RFC 8032, 5.1.6): deterministic, so that the same bytes get the same signature for ever. */
void iotw_ed25519_sign(uint8_t signature[64], const uint8_t *bytes, size_t length, const uint8_t seed[32],
                       const uint8_t key[32]);

/* 0 if the signature is valid by spec/protocol.md 2.2: S < L, no point of small order, canonical key, the equation
 * without cofactor. */
int iotw_ed25519_verify(const uint8_t signature[64], const uint8_t *bytes, size_t length,
                        const uint8_t key[32]);

/* The group of Ed25519, for the VRF (RFC 9381). Fails where an argument is no point of the curve. */
int iotw_point_add(uint8_t sum[32], const uint8_t p[32], const uint8_t q[32]);

/* scalar * p, for p in the prime-order subgroup; the scalar is taken as it is, below 2^255. Runs in constant time. */
int iotw_point_multiply(uint8_t product[32], const uint8_t scalar[32], const uint8_t p[32]);

/* scalar * B, B the base point. Runs in constant time. */
int iotw_base_multiply(uint8_t product[32], const uint8_t scalar[32]);

/* A 64-byte little-endian integer modulo L, the order of the subgroup. */
void iotw_scalar_reduce(uint8_t out[32], const uint8_t wide[64]);

/* a * b + c modulo L. */
void iotw_scalar_multiply_add(uint8_t out[32], const uint8_t a[32], const uint8_t b[32], const uint8_t c[32]);

/* Overwrites secrets; not optimised away. */
void iotw_wipe(void *bytes, size_t length);

#endif
