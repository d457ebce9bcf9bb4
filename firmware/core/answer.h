/* Answers to assignments (spec/device.md 8.2 to 8.4): the eight steps, the device's own chain, and the memory that
 * lets it give the same bytes again. */
#ifndef IOTW_ANSWER_H
#define IOTW_ANSWER_H

#include <stdint.h>

#include "assignment.h"
#include "config.h"
#include "store.h"

#define IOTW_CONTENT_BYTES 125
#define IOTW_ATTESTATION_BYTES 189
#define IOTW_RESULT_BYTES 190 /* the longer of the two results */

/* Refusal codes of clause 11.4. */
enum {
  IOTW_MALFORMED = 1,
  IOTW_LANE_UNKNOWN = 2,
  IOTW_HEADER_SIGNATURE = 3,
  IOTW_ROOT_MISMATCH = 4,
  IOTW_COUNTER_EXHAUSTED = 5,
  IOTW_ASSIGNER_UNKNOWN = 6,
  IOTW_ASSIGNER_SIGNATURE = 7
};

/* The keys against which assignments are checked, as hello tells them or as they were given beforehand. */
typedef struct {
  uint8_t lanes;
  uint8_t assigners;
  uint8_t lane[IOTW_LANES][32];
  struct {
    uint16_t index;
    uint8_t role;
    uint8_t key[32];
  } assigner[IOTW_ASSIGNERS];
} iotw_keys;

/* What is kept of an answer. Signatures are deterministic, so the same bytes can be made again from the assignment
 * and this; the digest tells whether they are the same. */
typedef struct {
  uint8_t digest[32]; /* of the attestation; the head of the next one */
  uint32_t number;    /* the device's number, as the assignment had it */
  uint32_t mark;      /* of the place, to find it fast */
} iotw_answer;

/* The device's own chain in this boot. */
typedef struct {
  uint32_t boot;
  uint32_t counter;  /* of the last attestation; 0 before the first */
  uint8_t base[32];  /* the head before the oldest remembered answer */
  iotw_answer answers[IOTW_ANSWERS]; /* of counter n at n % IOTW_ANSWERS */
} iotw_chain;

/* Head before the first attestation of a boot. */
void iotw_chain_start(iotw_chain *chain, const iotw_identity *identity, uint32_t boot);

/* The head of the chain: what the next attestation carries. */
const uint8_t *iotw_chain_head(const iotw_chain *chain);

/* Answers an assignment whose bytes have all come. Writes the result (11.4) and returns its length; *repeated is
 * raised where it gave an earlier answer again. */
uint8_t iotw_answer_assignment(iotw_chain *chain, const iotw_identity *identity, const iotw_keys *keys,
                               iotw_assignment *assignment, uint8_t result[IOTW_RESULT_BYTES],
                               uint8_t *repeated);

#endif
