#include "answer.h"

#include <string.h>

#include "../hal/hal.h"
#include "bytes.h"
#include "digest.h"

void iotw_chain_start(iotw_chain *chain, const iotw_identity *identity, uint32_t boot) {
  uint8_t bytes[36];
  memset(chain, 0, sizeof *chain);
  chain->boot = boot;
  memcpy(bytes, identity->key, 32);
  iotw_put32(bytes + 32, boot);
  iotw_digest(chain->base, "head", identity->network, bytes, sizeof bytes);
}

/* The head before the attestation of `counter`, which must be the next one or a remembered one. */
static const uint8_t *head_before(const iotw_chain *chain, uint32_t counter) {
  uint32_t oldest = chain->counter < IOTW_ANSWERS ? 1 : chain->counter - IOTW_ANSWERS + 1;
  return counter <= oldest ? chain->base : chain->answers[(counter - 1) % IOTW_ANSWERS].digest;
}

const uint8_t *iotw_chain_head(const iotw_chain *chain) { return head_before(chain, chain->counter + 1); }

/* The 125 bytes of clause 8.3. Fixed part of the assignment: header at 0, attempt and rank at 164. */
static void write_content(uint8_t content[IOTW_CONTENT_BYTES], const iotw_chain *chain, const uint8_t *fixed,
                          const uint8_t cited[32], const uint8_t hash[32], uint32_t number, uint32_t counter) {
  memcpy(content, fixed, 14);
  memcpy(content + 14, fixed + 164, 3);
  memcpy(content + 17, cited, 32);
  memcpy(content + 49, hash, 32);
  iotw_put32(content + 81, number);
  iotw_put32(content + 85, chain->boot);
  iotw_put32(content + 89, counter);
  memcpy(content + 93, head_before(chain, counter), 32);
}

/* Signs the content whose digest is known. */
static uint8_t attested(uint8_t result[IOTW_RESULT_BYTES], const uint8_t digest[32],
                        const iotw_identity *identity) {
  result[0] = 0;
  iotw_ed25519_sign(result + 1 + IOTW_CONTENT_BYTES, digest, 32, identity->seed, identity->key);
  return IOTW_RESULT_BYTES;
}

/* The answer to this place and header, if it is remembered: only assignments whose root held were attested, so its
 * hash was the one it cited. */
static const iotw_answer *remembered(const iotw_chain *chain, const iotw_identity *identity,
                                     const uint8_t *fixed, const uint8_t cited[32], uint32_t mark,
                                     uint8_t content[IOTW_CONTENT_BYTES]) {
  uint32_t back;
  uint8_t digest[32];
  for (back = 0; back < IOTW_ANSWERS && back < chain->counter; back++) {
    uint32_t counter = chain->counter - back;
    const iotw_answer *answer = &chain->answers[counter % IOTW_ANSWERS];
    if (answer->mark != mark) continue;
    write_content(content, chain, fixed, cited, cited, answer->number, counter);
    iotw_digest(digest, "attestation", identity->network, content, IOTW_CONTENT_BYTES);
    if (memcmp(digest, answer->digest, 32) == 0) return answer;
  }
  return NULL;
}

/* The key of the assigner that a statement names, or NULL. */
static const uint8_t *assigner_key(const iotw_keys *keys, uint8_t role, uint16_t index) {
  unsigned i;
  for (i = 0; i < keys->assigners; i++)
    if (keys->assigner[i].role == role && keys->assigner[i].index == index) return keys->assigner[i].key;
  return NULL;
}

/* Step 7: the assigner's statement, where there is one. */
static uint8_t check_statement(const iotw_identity *identity, const iotw_keys *keys, const uint8_t *fixed,
                               const uint8_t cited[32]) {
  const uint8_t *statement = fixed + IOTW_PLAIN_OFFSET;
  const uint8_t *key = assigner_key(keys, statement[0], iotw_get16(statement + 1));
  uint8_t digest[32];
  iotw_sha256 sha;
  if (key == NULL) return IOTW_ASSIGNER_UNKNOWN;
  iotw_digest_start(&sha, "assigned", identity->network);
  iotw_sha256_add(&sha, statement, 3);
  iotw_sha256_add(&sha, key, 32);
  iotw_sha256_add(&sha, fixed, 14);
  iotw_sha256_add(&sha, fixed + 164, 1);
  iotw_sha256_add(&sha, cited, 32);
  iotw_sha256_end(&sha, digest);
  hal_yield();
  return iotw_ed25519_verify(statement + 3, digest, 32, key) == 0 ? 0 : IOTW_ASSIGNER_SIGNATURE;
}

/* Takes a new digest into the chain; the oldest one's digest becomes the base when its room is needed. */
static void append(iotw_chain *chain, const uint8_t digest[32], uint32_t number, uint32_t mark) {
  iotw_answer *answer;
  chain->counter++;
  answer = &chain->answers[chain->counter % IOTW_ANSWERS];
  if (chain->counter > IOTW_ANSWERS) memcpy(chain->base, answer->digest, 32);
  memcpy(answer->digest, digest, 32);
  answer->number = number;
  answer->mark = mark;
}

uint8_t iotw_answer_assignment(iotw_chain *chain, const iotw_identity *identity, const iotw_keys *keys,
                               iotw_assignment *assignment, uint8_t result[IOTW_RESULT_BYTES],
                               uint8_t *repeated) {
  const uint8_t *fixed = assignment->fixed;
  uint8_t *content = result + 1;
  uint8_t cited[32], root[32], digest[32];
  uint32_t mark, number;
  uint16_t lane;
  const iotw_answer *before;
  iotw_sha256 sha;
  *repeated = 0;
  result[0] = 1;
  result[1] = IOTW_MALFORMED;
  if (!iotw_assignment_well_formed(assignment)) return 2;
  lane = iotw_get16(fixed);
  result[1] = IOTW_LANE_UNKNOWN;
  if (lane >= keys->lanes) return 2;
  iotw_digest(cited, "block", identity->network, fixed, IOTW_HEADER_BYTES);
  mark = iotw_get32(cited) ^ fixed[164] ^ (uint32_t)iotw_get16(fixed + 165) << 8;
  before = remembered(chain, identity, fixed, cited, mark, content);
  if (before != NULL) {
    *repeated = 1;
    return attested(result, before->digest, identity);
  }
  hal_yield();
  result[0] = 1;
  result[1] = IOTW_HEADER_SIGNATURE;
  if (iotw_ed25519_verify(fixed + IOTW_HEADER_BYTES, cited, 32, keys->lane[lane]) != 0) return 2;
  iotw_merkle_root(&assignment->tree, root);
  result[1] = IOTW_ROOT_MISMATCH;
  if (memcmp(root, fixed + 46, 32) != 0) return 2;
  if (assignment->offset == IOTW_ASSIGNED_OFFSET) {
    result[1] = check_statement(identity, keys, fixed, cited);
    if (result[1] != 0) return 2;
  }
  result[1] = IOTW_COUNTER_EXHAUSTED;
  if (chain->counter == UINT32_MAX) return 2;
  /* The device's own work: the hash of the header with the root that it computed. */
  iotw_digest_start(&sha, "block", identity->network);
  iotw_sha256_add(&sha, fixed, 46);
  iotw_sha256_add(&sha, root, 32);
  iotw_sha256_add(&sha, fixed + 78, IOTW_HEADER_BYTES - 78);
  iotw_sha256_end(&sha, digest);
  number = iotw_get32(fixed + 167);
  write_content(content, chain, fixed, cited, digest, number, chain->counter + 1);
  iotw_digest(digest, "attestation", identity->network, content, IOTW_CONTENT_BYTES);
  append(chain, digest, number, mark);
  hal_yield();
  return attested(result, digest, identity);
}
