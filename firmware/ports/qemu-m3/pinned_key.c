/* The certificate is not parsed: whatever 91 bytes of it have the pinned hash are the pinned key, wherever they lie,
 * and the handshake's signature shows that the other side holds its private part. */
#include "pinned_key.h"

#include <string.h>

static const uint8_t head[SPKI_HEAD] = {
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
};

static void start_chain(const br_x509_class **ctx, const char *server_name) {
  pinned_key *judge = (pinned_key *)(void *)ctx;
  (void)server_name;
  judge->found = 0;
  memset(judge->window, 0, sizeof judge->window);
}

static void start_certificate(const br_x509_class **ctx, uint32_t length) {
  (void)ctx;
  (void)length;
}

static int is_pinned(const pinned_key *judge) {
  br_sha256_context sha;
  uint8_t hash[32];
  if (memcmp(judge->window, head, sizeof head) != 0) return 0;
  br_sha256_init(&sha);
  br_sha256_update(&sha, judge->window, sizeof judge->window);
  br_sha256_out(&sha, hash);
  return memcmp(hash, judge->pin, sizeof hash) == 0;
}

static void append(const br_x509_class **ctx, const unsigned char *bytes, size_t length) {
  pinned_key *judge = (pinned_key *)(void *)ctx;
  for (size_t i = 0; i < length && !judge->found; i++) {
    memmove(judge->window, judge->window + 1, sizeof judge->window - 1);
    judge->window[sizeof judge->window - 1] = bytes[i];
    judge->found = (uint8_t)is_pinned(judge);
  }
}

static void end_certificate(const br_x509_class **ctx) { (void)ctx; }

static unsigned end_chain(const br_x509_class **ctx) {
  const pinned_key *judge = (const pinned_key *)(const void *)ctx;
  return judge->found ? 0 : BR_ERR_X509_NOT_TRUSTED;
}

static const br_x509_pkey *public_key(const br_x509_class *const *ctx, unsigned *usages) {
  const pinned_key *judge = (const pinned_key *)(const void *)ctx;
  if (!judge->found) return NULL;
  if (usages != NULL) *usages = BR_KEYTYPE_SIGN;
  return &judge->key;
}

static const br_x509_class class = {
    sizeof(pinned_key), start_chain, start_certificate, append, end_certificate, end_chain, public_key,
};

void pinned_key_begin(pinned_key *judge, const uint8_t pin[32]) {
  judge->vtable = &class;
  memcpy(judge->pin, pin, sizeof judge->pin);
  judge->found = 0;
  judge->key.key_type = BR_KEYTYPE_EC;
  judge->key.key.ec.curve = BR_EC_secp256r1;
  judge->key.key.ec.q = judge->window + SPKI_HEAD;
  judge->key.key.ec.qlen = 65;
}
