/* An image without a network: runs the vectors on the target itself, then tells what the device's work costs in
 * instructions. Lines "work NAME N"; the exit code is 0 if every vector passed. */
#include <string.h>

#include "answer.h"
#include "board.h"
#include "digest.h"
#include "hal.h"
#include "statements.h"
#include "vectors.h"
#include "vrf.h"

#define MOST_IDS 100

static iotw_identity identity;
static iotw_keys keys;
static iotw_assignment assignment;
static iotw_chain chain;
static iotw_merkle tree;
static uint8_t message[IOTW_PLAIN_OFFSET + 32 * MOST_IDS];
static const uint8_t lane_seed[32] = {7};

int main(void);

static uint64_t yielded_at, longest;

/* The vectors and these figures need no other part of the port. Notes the longest stretch between two calls: what a
 * watchdog has to wait. */
void hal_yield(void) {
  const uint64_t gone = board_instructions_since(yielded_at);
  if (gone > longest) longest = gone;
  yielded_at = board_ticks();
}

static void line(const char *text) {
  board_print(text);
  board_print("\n");
}

static void tell(const char *name, uint64_t instructions) {
  char digits[21], *at = digits + sizeof digits - 1;
  *at = 0;
  do {
    *--at = (char)('0' + instructions % 10);
    instructions /= 10;
  } while (instructions > 0);
  board_print("work ");
  board_print(name);
  board_print(" ");
  line(at);
}

static void little_endian(uint8_t *at, uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; i++) at[i] = (uint8_t)(value >> 8 * i);
}

/* An assignment of `count` ids at a height, as the lane's trust node signs it (clause 8.2). */
static size_t make_assignment(uint16_t count, uint64_t height) {
  uint8_t cited[32];
  memset(message, 0, sizeof message);
  iotw_merkle_start(&tree);
  for (uint16_t i = 0; i < count; i++) {
    uint8_t *id = message + IOTW_PLAIN_OFFSET + 32 * i;
    memset(id, i + 1, 32);
    iotw_merkle_add(&tree, id);
  }
  little_endian(message + 6, height, 8);
  iotw_merkle_root(&tree, message + 46);
  little_endian(message + 78, count, 2);
  iotw_digest(cited, "block", identity.network, message, IOTW_HEADER_BYTES);
  iotw_ed25519_sign(message + 100, cited, sizeof cited, lane_seed, keys.lane[0]);
  little_endian(message + 171, IOTW_PLAIN_OFFSET, 4);
  return IOTW_PLAIN_OFFSET + 32 * (size_t)count;
}

/* From the first byte to the signed answer. */
static int measure_assignment(const char *name, uint16_t count) {
  uint8_t result[IOTW_RESULT_BYTES], repeated;
  const size_t length = make_assignment(count, count);
  yielded_at = board_ticks();
  const uint64_t before = board_ticks();
  iotw_assignment_start(&assignment, (uint32_t)length);
  iotw_assignment_add(&assignment, message, length);
  const uint8_t answered = iotw_answer_assignment(&chain, &identity, &keys, &assignment, result, &repeated);
  tell(name, board_instructions_since(before));
  return answered == IOTW_RESULT_BYTES && result[0] == 0 && !repeated ? 0 : 1;
}

static int measure(void) {
  uint8_t token[IOTW_TOKEN_BYTES], status[IOTW_PRESENCE_BYTES], proof[IOTW_PROOF_BYTES], output[64];
  static const uint8_t alpha[32] = {1};
  int failed;
  yielded_at = board_ticks();
  longest = 0;
  memset(identity.seed, 9, sizeof identity.seed);
  iotw_ed25519_key(identity.key, identity.seed);
  keys.lanes = 1;
  iotw_ed25519_key(keys.lane[0], lane_seed);
  iotw_chain_start(&chain, &identity, 1);
  failed = measure_assignment("assignment-1", 1);
  failed += measure_assignment("assignment-100", MOST_IDS);

  hal_yield();
  uint64_t before = board_ticks();
  failed += iotw_vrf_prove(proof, output, alpha, sizeof alpha, identity.seed, identity.key);
  tell("vrf", board_instructions_since(before));

  hal_yield();
  before = board_ticks();
  iotw_login_token(token, &identity, 0, 1);
  tell("login", board_instructions_since(before));

  hal_yield();
  before = board_ticks();
  iotw_presence(status, &identity, 1, 1, 0);
  tell("presence", board_instructions_since(before));
  hal_yield();
  tell("stretch", longest);
  return failed;
}

int main(void) {
  const int failed = vectors_run(line);
  return measure() + failed == 0 ? 0 : 1;
}
