#include "vectors.h"

#include <stddef.h>
#include <string.h>

#include "../core/answer.h"
#include "../core/bytes.h"
#include "../core/digest.h"
#include "../core/hello.h"
#include "../core/statements.h"
#include "../core/vrf.h"

typedef struct {
  const uint8_t *at;
  uint32_t length;
} vector_bytes;

typedef struct {
  uint32_t count;
  vector_bytes root;
} merkle_vector;

typedef struct {
  vector_bytes seed, key, bytes, signature;
} sign_vector;

typedef struct {
  vector_bytes key, bytes, signature;
  int valid;
} verify_vector;

typedef struct {
  vector_bytes seed, key, alpha, proof, output;
} vrf_vector;

typedef struct {
  const char *domain;
  vector_bytes network, bytes, digest, key, signature;
  int valid;
} statement_vector;

typedef struct {
  vector_bytes network, seed;
  uint32_t trust_node, epoch;
  vector_bytes token;
} login_vector;

typedef struct {
  vector_bytes network, seed;
  uint32_t device, epoch, host;
  vector_bytes status;
} presence_vector;

typedef struct {
  vector_bytes network, seed, owner;
  uint32_t changes;
  vector_bytes signature;
} claim_vector;

typedef struct {
  vector_bytes network, seed;
  uint32_t maker, batch, region, device_class;
  vector_bytes signature;
} possession_vector;

typedef struct {
  vector_bytes network, seed, epoch_seed;
  uint32_t device, epoch, zero_bits;
  vector_bytes status;
} ticket_vector;

typedef struct {
  vector_bytes bytes;
  int well_formed;
} assignment_vector;

typedef struct {
  uint8_t code;
  vector_bytes result;
} refusal_vector;

typedef struct {
  vector_bytes assignment, result;
} answer_vector;

typedef struct {
  uint32_t boot;
  vector_bytes head_before, head_after;
  uint32_t count_after;
  const answer_vector *answers;
  uint32_t length;
} boot_vector;

typedef struct {
  vector_bytes network, seed, key;
  uint32_t device;
  vector_bytes hello, token, status;
} session_vector;

#include "vectors_data.h"

#define LENGTH(table) (sizeof(table) / sizeof *(table))

static void (*tell)(const char *line);
static unsigned passed, failed, told_passed, told_failed;

static void check(int right) {
  if (right)
    passed++;
  else
    failed++;
}

static int same(const uint8_t *bytes, vector_bytes expected) {
  return memcmp(bytes, expected.at, expected.length) == 0;
}

static char *put_number(char *at, unsigned number) {
  char digits[10];
  unsigned length = 0;
  do {
    digits[length++] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  while (length > 0) *at++ = digits[--length];
  return at;
}

static char *put_text(char *at, const char *text) {
  size_t length = iotw_text_length(text);
  memcpy(at, text, length);
  return at + length;
}

/* "name: N passed, N failed" of what was checked since the last line. */
static void tell_kind(const char *name) {
  char line[96], *at = put_text(line, name);
  at = put_number(put_text(at, ": "), passed - told_passed);
  at = put_number(put_text(at, " passed, "), failed - told_failed);
  *put_text(at, " failed") = '\0';
  told_passed = passed;
  told_failed = failed;
  tell(line);
}

static void identify(iotw_identity *identity, vector_bytes network, vector_bytes seed) {
  memset(identity, 0, sizeof *identity);
  memcpy(identity->network, network.at, 32);
  memcpy(identity->seed, seed.at, 32);
  iotw_ed25519_key(identity->key, identity->seed);
}

static void run_merkle(void) {
  static iotw_merkle tree;
  unsigned i;
  for (i = 0; i < LENGTH(merkle_vectors); i++) {
    uint8_t number[4], leaf[32], root[32];
    uint32_t n;
    iotw_sha256 sha;
    iotw_merkle_start(&tree);
    for (n = 0; n < merkle_vectors[i].count; n++) {
      iotw_put32(number, n);
      iotw_sha256_start(&sha);
      iotw_sha256_add(&sha, number, 4);
      iotw_sha256_end(&sha, leaf);
      iotw_merkle_add(&tree, leaf);
    }
    iotw_merkle_root(&tree, root);
    check(same(root, merkle_vectors[i].root));
  }
  tell_kind("merkle.json");
}

static void run_rfc8032(void) {
  unsigned i;
  for (i = 0; i < LENGTH(sign_vectors); i++) {
    const sign_vector *v = &sign_vectors[i];
    uint8_t key[32], signature[64];
    iotw_ed25519_key(key, v->seed.at);
    check(same(key, v->key));
    iotw_ed25519_sign(signature, v->bytes.at, v->bytes.length, v->seed.at, key);
    check(same(signature, v->signature));
    check(iotw_ed25519_verify(signature, v->bytes.at, v->bytes.length, key) == 0);
  }
  tell_kind("RFC 8032, 7.1");
}

static void run_wycheproof(void) {
  unsigned i;
  for (i = 0; i < LENGTH(verify_vectors); i++) {
    const verify_vector *v = &verify_vectors[i];
    int valid = v->signature.length == 64 &&
                iotw_ed25519_verify(v->signature.at, v->bytes.at, v->bytes.length, v->key.at) == 0;
    check(valid == v->valid);
  }
  tell_kind("Wycheproof Ed25519");
}

static void run_vrf(void) {
  unsigned i;
  for (i = 0; i < LENGTH(vrf_vectors); i++) {
    const vrf_vector *v = &vrf_vectors[i];
    uint8_t proof[IOTW_PROOF_BYTES], output[64];
    check(iotw_vrf_prove(proof, output, v->alpha.at, (uint8_t)v->alpha.length, v->seed.at, v->key.at) == 0 &&
          same(proof, v->proof) && same(output, v->output));
  }
  tell_kind("RFC 9381, B.3");
}

/* A statement of which only the digest is told has no signature; a wrong one was signed for something else. */
static void run_statements(void) {
  unsigned i;
  for (i = 0; i < LENGTH(statement_vectors); i++) {
    const statement_vector *v = &statement_vectors[i];
    uint8_t digest[32];
    iotw_digest(digest, v->domain, v->network.at, v->bytes.at, v->bytes.length);
    check(same(digest, v->digest));
    if (v->signature.length == 64)
      check((iotw_ed25519_verify(v->signature.at, digest, 32, v->key.at) == 0) == v->valid);
  }
  tell_kind("headers, assignments, attestations, assigned: digests and signatures");
}

static void run_login(void) {
  iotw_identity identity;
  unsigned i;
  for (i = 0; i < LENGTH(login_vectors); i++) {
    const login_vector *v = &login_vectors[i];
    uint8_t token[IOTW_TOKEN_BYTES];
    identify(&identity, v->network, v->seed);
    iotw_login_token(token, &identity, (uint16_t)v->trust_node, v->epoch);
    check(same(token, v->token));
  }
  tell_kind("login.json");
}

static void run_presence(void) {
  iotw_identity identity;
  unsigned i;
  for (i = 0; i < LENGTH(presence_vectors); i++) {
    const presence_vector *v = &presence_vectors[i];
    uint8_t status[IOTW_PRESENCE_BYTES];
    identify(&identity, v->network, v->seed);
    iotw_presence(status, &identity, v->device, v->epoch, (uint16_t)v->host);
    check(same(status, v->status));
  }
  tell_kind("presence.json");
}

static void run_claims(void) {
  iotw_identity identity;
  uint8_t signature[64];
  unsigned i;
  for (i = 0; i < LENGTH(claim_vectors); i++) {
    const claim_vector *v = &claim_vectors[i];
    identify(&identity, v->network, v->seed);
    iotw_claim(signature, &identity, v->owner.at, v->changes);
    check(same(signature, v->signature));
  }
  for (i = 0; i < LENGTH(possession_vectors); i++) {
    const possession_vector *v = &possession_vectors[i];
    identify(&identity, v->network, v->seed);
    identity.maker = (uint16_t)v->maker;
    identity.batch = v->batch;
    identity.region = (uint8_t)v->region;
    identity.device_class = (uint8_t)v->device_class;
    iotw_possession(signature, &identity);
    check(same(signature, v->signature));
  }
  tell_kind("claims.json");
}

static void run_tickets(void) {
  iotw_identity identity;
  unsigned i;
  for (i = 0; i < LENGTH(ticket_vectors); i++) {
    const ticket_vector *v = &ticket_vectors[i];
    uint8_t status[IOTW_TICKET_BYTES];
    identify(&identity, v->network, v->seed);
    check(iotw_ticket(status, &identity, v->device, v->epoch, v->epoch_seed.at, (uint16_t)v->zero_bits) == 0 &&
          same(status, v->status));
    /* With one bit more asked for it is no winning one. */
    check(iotw_ticket(status, &identity, v->device, v->epoch, v->epoch_seed.at, (uint16_t)(v->zero_bits + 1)) != 0);
  }
  tell_kind("tickets.json");
}

/* Takes an assignment in pieces of `piece` bytes. */
static void absorb(iotw_assignment *assignment, vector_bytes bytes, uint32_t piece) {
  uint32_t at;
  iotw_assignment_start(assignment, bytes.length);
  for (at = 0; at < bytes.length; at += piece)
    iotw_assignment_add(assignment, bytes.at + at, bytes.length - at < piece ? bytes.length - at : piece);
}

static void run_assignments(void) {
  static iotw_assignment assignment;
  unsigned i;
  for (i = 0; i < LENGTH(assignment_vectors); i++) {
    const assignment_vector *v = &assignment_vectors[i];
    absorb(&assignment, v->bytes, 1);
    check(iotw_assignment_well_formed(&assignment) == v->well_formed);
    absorb(&assignment, v->bytes, 4096);
    check(iotw_assignment_well_formed(&assignment) == v->well_formed);
  }
  tell_kind("assignments.json");
}

static void run_refusals(void) {
  unsigned i;
  for (i = 0; i < LENGTH(refusal_vectors); i++) {
    const refusal_vector *v = &refusal_vectors[i];
    check(v->result.length == 2 && v->result.at[0] == 1 && v->result.at[1] == v->code);
  }
  tell_kind("device-results.json: refusals");
}

static void run_session(void) {
  static iotw_assignment assignment;
  static iotw_chain chain;
  static iotw_hello_reader hello;
  static iotw_keys keys;
  iotw_identity identity;
  uint8_t token[IOTW_TOKEN_BYTES], status[IOTW_PRESENCE_BYTES], result[IOTW_RESULT_BYTES], repeated;
  uint32_t i, n;
  identify(&identity, session.network, session.seed);
  check(same(identity.key, session.key));
  iotw_hello_start(&hello, &keys);
  for (i = 0; i < session.hello.length; i++)
    iotw_hello_add(&hello, &keys, identity.network, session.hello.at + i, 1);
  check(iotw_hello_end(&hello, &keys) == 0);
  iotw_login_token(token, &identity, hello.hello.trust_node, hello.hello.epoch);
  check(same(token, session.token));
  iotw_presence(status, &identity, session.device, hello.hello.epoch, hello.hello.trust_node);
  check(same(status, session.status));
  for (i = 0; i < LENGTH(boot_vectors); i++) {
    const boot_vector *boot = &boot_vectors[i];
    iotw_chain_start(&chain, &identity, boot->boot);
    check(same(iotw_chain_head(&chain), boot->head_before));
    for (n = 0; n < boot->length; n++) {
      const answer_vector *v = &boot->answers[n];
      uint8_t length;
      absorb(&assignment, v->assignment, 1 + 7 * n);
      length = iotw_answer_assignment(&chain, &identity, &keys, &assignment, result, &repeated);
      check(length == v->result.length && same(result, v->result));
    }
    check(same(iotw_chain_head(&chain), boot->head_after) && chain.counter == boot->count_after);
  }
  tell_kind("device-session.json");
}

int vectors_run(void (*print)(const char *line)) {
  tell = print;
  passed = failed = told_passed = told_failed = 0;
  run_merkle();
  run_rfc8032();
  run_wycheproof();
  run_vrf();
  run_statements();
  run_login();
  run_presence();
  run_claims();
  run_tickets();
  run_assignments();
  run_refusals();
  run_session();
  {
    char line[64], *at = put_number(line, passed);
    at = put_number(put_text(at, " passed, "), failed);
    *put_text(at, " failed") = '\0';
    print(line);
  }
  return (int)failed;
}
