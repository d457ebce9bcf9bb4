#include "vrf.h"

#include <string.h>

#include "../crypto/crypto.h"
#include "../hal/hal.h"

#define SUITE 0x03

/* y >= p = 2^255 - 19, whatever the sign bit: no encoding of a point (RFC 8032, 5.1.3). */
static int not_canonical(const uint8_t point[32]) {
  unsigned i;
  if (point[0] < 0xed || (point[31] & 0x7f) != 0x7f) return 0;
  for (i = 1; i < 31; i++)
    if (point[i] != 0xff) return 0;
  return 1;
}

/* 8 * p, for any point p of the curve. */
static int clear_cofactor(uint8_t out[32], const uint8_t p[32]) {
  uint8_t twice[32], four[32];
  return iotw_point_add(twice, p, p) != 0 || iotw_point_add(four, twice, twice) != 0 ||
         iotw_point_add(out, four, four) != 0;
}

static int is_identity(const uint8_t point[32]) {
  unsigned i;
  uint8_t rest = point[0] ^ 1;
  for (i = 1; i < 32; i++) rest |= point[i];
  return rest == 0;
}

/* RFC 9381, 5.4.1.1, salt = the public key. */
static int encode_to_curve(uint8_t point[32], const uint8_t key[32], const uint8_t *alpha, uint8_t length) {
  uint8_t input[2 + 32 + 32 + 2], hash[64];
  unsigned counter;
  if (length > 32) return -1;
  input[0] = SUITE;
  input[1] = 0x01;
  memcpy(input + 2, key, 32);
  if (length > 0) memcpy(input + 34, alpha, length);
  input[35 + length] = 0x00;
  for (counter = 0; counter < 256; counter++) {
    input[34 + length] = (uint8_t)counter;
    iotw_sha512(hash, input, 36u + length);
    if (!not_canonical(hash) && clear_cofactor(point, hash) == 0 && !is_identity(point)) return 0;
    hal_yield();
  }
  return -1;
}

/* RFC 9381, 5.4.3: the first 16 bytes of a hash over five points. */
static void challenge(uint8_t c[32], const uint8_t key[32], const uint8_t h[32], const uint8_t gamma[32],
                      const uint8_t u[32], const uint8_t v[32]) {
  uint8_t input[2 + 5 * 32 + 1], hash[64];
  input[0] = SUITE;
  input[1] = 0x02;
  memcpy(input + 2, key, 32);
  memcpy(input + 34, h, 32);
  memcpy(input + 66, gamma, 32);
  memcpy(input + 98, u, 32);
  memcpy(input + 130, v, 32);
  input[162] = 0x00;
  iotw_sha512(hash, input, sizeof input);
  memset(c, 0, 32);
  memcpy(c, hash, 16);
}

/* RFC 9381, 5.2. */
static int proof_to_hash(uint8_t output[64], const uint8_t gamma[32]) {
  uint8_t input[35];
  input[0] = SUITE;
  input[1] = 0x03;
  input[34] = 0x00;
  if (clear_cofactor(input + 2, gamma) != 0) return -1;
  iotw_sha512(output, input, sizeof input);
  return 0;
}

int iotw_vrf_prove(uint8_t proof[IOTW_PROOF_BYTES], uint8_t output[64], const uint8_t *alpha,
                   uint8_t alpha_length, const uint8_t seed[32], const uint8_t key[32]) {
  uint8_t secret[64]; /* the secret scalar, then the nonce's prefix (RFC 8032, 5.1.5) */
  uint8_t nonce_input[64], hash[64], k[32];
  uint8_t h[32], u[32], v[32], c[32];
  int failed = encode_to_curve(h, key, alpha, alpha_length);
  if (failed) return -1;
  hal_yield();
  iotw_sha512(secret, seed, 32);
  secret[0] &= 248;
  secret[31] = (uint8_t)((secret[31] & 127) | 64);
  failed = iotw_point_multiply(proof, secret, h); /* Gamma */
  hal_yield();
  /* The nonce (5.4.2.2). */
  memcpy(nonce_input, secret + 32, 32);
  memcpy(nonce_input + 32, h, 32);
  iotw_sha512(hash, nonce_input, sizeof nonce_input);
  iotw_scalar_reduce(k, hash);
  failed |= iotw_base_multiply(u, k);
  hal_yield();
  failed |= iotw_point_multiply(v, k, h);
  hal_yield();
  challenge(c, key, h, proof, u, v);
  memcpy(proof + 32, c, 16);
  iotw_scalar_multiply_add(proof + 48, c, secret, k);
  hal_yield();
  failed |= proof_to_hash(output, proof);
  iotw_wipe(secret, sizeof secret);
  iotw_wipe(nonce_input, sizeof nonce_input);
  iotw_wipe(hash, sizeof hash);
  iotw_wipe(k, sizeof k);
  return failed ? -1 : 0;
}

int iotw_vrf_wins(const uint8_t output[64], uint16_t bits) {
  unsigned i;
  if (bits > 512) return 0;
  for (i = 0; i < bits / 8u; i++)
    if (output[i] != 0) return 0;
  return bits % 8 == 0 || (output[bits / 8] & ((1u << bits % 8) - 1)) == 0;
}
