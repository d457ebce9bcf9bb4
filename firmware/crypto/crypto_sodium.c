/* crypto.h on libsodium's public API (1.0.18 or later). sodium_init() is not called: none of these functions draws
 * random numbers or chooses between implementations at run time, and it would pull the whole library in. */
#include "crypto.h"

#include <sodium/crypto_core_ed25519.h>
#include <sodium/crypto_hash_sha256.h>
#include <sodium/crypto_hash_sha512.h>
#include <sodium/crypto_scalarmult_ed25519.h>
#include <sodium/crypto_sign_ed25519.h>
#include <sodium/utils.h>
#include <string.h>

/* Refuses to compile where the room in crypto.h is too small. */
typedef char sha256_fits[sizeof(crypto_hash_sha256_state) <= sizeof(iotw_sha256) ? 1 : -1];

void iotw_sha256_start(iotw_sha256 *sha) {
  crypto_hash_sha256_init((crypto_hash_sha256_state *)(void *)sha->opaque);
}

void iotw_sha256_add(iotw_sha256 *sha, const uint8_t *bytes, size_t length) {
  crypto_hash_sha256_update((crypto_hash_sha256_state *)(void *)sha->opaque, bytes, length);
}

void iotw_sha256_end(iotw_sha256 *sha, uint8_t out[32]) {
  crypto_hash_sha256_final((crypto_hash_sha256_state *)(void *)sha->opaque, out);
}

void iotw_sha512(uint8_t out[64], const uint8_t *bytes, size_t length) {
  crypto_hash_sha512(out, bytes, length);
}

void iotw_ed25519_key(uint8_t key[32], const uint8_t seed[32]) {
  uint8_t secret[64];
  crypto_sign_ed25519_seed_keypair(key, secret, seed);
  iotw_wipe(secret, sizeof secret);
}

void iotw_ed25519_sign(uint8_t signature[64], const uint8_t *bytes, size_t length, const uint8_t seed[32],
                       const uint8_t key[32]) {
  uint8_t secret[64];
  memcpy(secret, seed, 32);
  memcpy(secret + 32, key, 32);
  crypto_sign_ed25519_detached(signature, NULL, bytes, length, secret);
  iotw_wipe(secret, sizeof secret);
}

int iotw_ed25519_verify(const uint8_t signature[64], const uint8_t *bytes, size_t length,
                        const uint8_t key[32]) {
  return crypto_sign_ed25519_verify_detached(signature, bytes, length, key);
}

int iotw_point_add(uint8_t sum[32], const uint8_t p[32], const uint8_t q[32]) {
  return crypto_core_ed25519_add(sum, p, q);
}

int iotw_point_multiply(uint8_t product[32], const uint8_t scalar[32], const uint8_t p[32]) {
  return crypto_scalarmult_ed25519_noclamp(product, scalar, p);
}

int iotw_base_multiply(uint8_t product[32], const uint8_t scalar[32]) {
  return crypto_scalarmult_ed25519_base_noclamp(product, scalar);
}

void iotw_scalar_reduce(uint8_t out[32], const uint8_t wide[64]) {
  crypto_core_ed25519_scalar_reduce(out, wide);
}

void iotw_scalar_multiply_add(uint8_t out[32], const uint8_t a[32], const uint8_t b[32], const uint8_t c[32]) {
  uint8_t product[32];
  crypto_core_ed25519_scalar_mul(product, a, b);
  crypto_core_ed25519_scalar_add(out, product, c);
  iotw_wipe(product, sizeof product);
}

void iotw_wipe(void *bytes, size_t length) { sodium_memzero(bytes, length); }
