/* BearSSL's judge of certificates, with one question: is the pinned key in it? */
#ifndef IOTW_PINNED_KEY_H
#define IOTW_PINNED_KEY_H

#include <bearssl.h>
#include <stdint.h>

/* SubjectPublicKeyInfo of a P-256 key (RFC 5480, 2): 26 bytes that are always the same, 65 of the point. */
#define SPKI_HEAD 26
#define SPKI_BYTES (SPKI_HEAD + 65)

typedef struct {
  const br_x509_class *vtable;
  uint8_t pin[32];
  /* The last bytes of the certificate; the key's own once it was found. */
  uint8_t window[SPKI_BYTES];
  uint8_t found;
  br_x509_pkey key;
} pinned_key;

/* Waits for a certificate with the key whose SubjectPublicKeyInfo has this SHA-256. */
void pinned_key_begin(pinned_key *judge, const uint8_t pin[32]);

#endif
