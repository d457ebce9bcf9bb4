/* ECVRF-EDWARDS25519-SHA512-TAI (RFC 9381), the prover's side: election tickets (spec/device.md 11.5). */
#ifndef IOTW_VRF_H
#define IOTW_VRF_H

#include <stdint.h>

#define IOTW_PROOF_BYTES 80

/* The proof for alpha (32 bytes at most, as tickets have it) and its 64-byte output. 0 unless no point is found for
 * alpha in 256 attempts, which does not happen. */
int iotw_vrf_prove(uint8_t proof[IOTW_PROOF_BYTES], uint8_t output[64], const uint8_t *alpha,
                   uint8_t alpha_length, const uint8_t seed[32], const uint8_t key[32]);

/* True if the `bits` least significant bits of the output, as a little-endian integer, are zero. */
int iotw_vrf_wins(const uint8_t output[64], uint16_t bits);

#endif
