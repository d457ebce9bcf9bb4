/* TLS 1.2 by BearSSL 0.6, with one cipher suite, one curve and a pinned key. Its records are at most 512 bytes long,
 * by the maximum fragment length extension. */
#include "tls.h"

#include <bearssl.h>
#include <string.h>

#include "hal.h"
#include "pinned_key.h"

#define FRAGMENT 512

static br_ssl_client_context client;
static pinned_key key;
static unsigned char in[FRAGMENT + 325], out[FRAGMENT + 85];

/* BearSSL asks for it where nobody has given random bytes: here tls_begin always has. */
br_prng_seeder br_prng_seeder_system(const char **name) {
  if (name != NULL) *name = "none";
  return 0;
}

int tls_begin(const uint8_t pin[32]) {
  static const uint16_t suites[] = {BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256};
  uint8_t random[32];
  if (hal_random(random, sizeof random) != 0) return -1;
  br_ssl_engine_context *engine = &client.eng;
  br_ssl_client_zero(&client);
  br_ssl_engine_set_versions(engine, BR_TLS12, BR_TLS12);
  br_ssl_engine_set_suites(engine, suites, sizeof suites / sizeof suites[0]);
  br_ssl_engine_set_ec(engine, &br_ec_p256_m15);
  br_ssl_engine_set_ecdsa(engine, &br_ecdsa_i15_vrfy_asn1);
  br_ssl_engine_set_hash(engine, br_sha256_ID, &br_sha256_vtable);
  br_ssl_engine_set_prf_sha256(engine, &br_tls12_sha256_prf);
  br_ssl_engine_set_chacha20(engine, &br_chacha20_ct_run);
  br_ssl_engine_set_poly1305(engine, &br_poly1305_ctmul32_run);
  br_ssl_engine_set_chapol(engine, &br_sslrec_in_chapol_vtable, &br_sslrec_out_chapol_vtable);
  pinned_key_begin(&key, pin);
  br_ssl_engine_set_x509(engine, &key.vtable);
  br_ssl_engine_set_buffers_bidi(engine, in, sizeof in, out, sizeof out);
  br_ssl_engine_inject_entropy(engine, random, sizeof random);
  memset(random, 0, sizeof random);
  return br_ssl_client_reset(&client, NULL, 0) ? 0 : -1;
}

tls_state tls_now(void) {
  const unsigned state = br_ssl_engine_current_state(&client.eng);
  if (state & BR_SSL_CLOSED) return TLS_ENDED;
  return state & (BR_SSL_SENDAPP | BR_SSL_RECVAPP) ? TLS_OPEN : TLS_SHAKING;
}

size_t tls_take(const uint8_t *bytes, size_t length) {
  size_t room;
  unsigned char *to = br_ssl_engine_recvrec_buf(&client.eng, &room);
  if (to == NULL) return 0;
  if (length > room) length = room;
  memcpy(to, bytes, length);
  br_ssl_engine_recvrec_ack(&client.eng, length);
  return length;
}

size_t tls_read(uint8_t *to, size_t room) {
  size_t length;
  const unsigned char *from = br_ssl_engine_recvapp_buf(&client.eng, &length);
  if (from == NULL) return 0;
  if (length > room) length = room;
  memcpy(to, from, length);
  br_ssl_engine_recvapp_ack(&client.eng, length);
  return length;
}

size_t tls_write(const uint8_t *bytes, size_t length) {
  size_t room;
  unsigned char *to = br_ssl_engine_sendapp_buf(&client.eng, &room);
  if (to == NULL) return 0;
  if (length > room) length = room;
  memcpy(to, bytes, length);
  br_ssl_engine_sendapp_ack(&client.eng, length);
  br_ssl_engine_flush(&client.eng, 0);
  return length;
}

const uint8_t *tls_send(size_t *length) { return br_ssl_engine_sendrec_buf(&client.eng, length); }

void tls_sent(size_t length) { br_ssl_engine_sendrec_ack(&client.eng, length); }

int tls_wrong_key(void) {
  const int error = br_ssl_engine_last_error(&client.eng);
  return error == BR_ERR_X509_NOT_TRUSTED || error == BR_ERR_BAD_SIGNATURE;
}
