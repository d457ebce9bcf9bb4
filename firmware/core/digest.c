#include "digest.h"

#include "bytes.h"

void iotw_digest_start(iotw_sha256 *sha, const char *name, const uint8_t network[32]) {
  static const uint8_t scheme[8] = {'i', 'o', 't', 'w', '/', 'v', '1', '/'};
  uint8_t domain[32];
  iotw_sha256_start(sha);
  iotw_sha256_add(sha, scheme, sizeof scheme);
  iotw_sha256_add(sha, (const uint8_t *)name, iotw_text_length(name));
  iotw_sha256_end(sha, domain);
  iotw_sha256_start(sha);
  iotw_sha256_add(sha, domain, 32);
  iotw_sha256_add(sha, network, 32);
}

void iotw_digest(uint8_t out[32], const char *name, const uint8_t network[32], const uint8_t *bytes,
                 size_t length) {
  iotw_sha256 sha;
  iotw_digest_start(&sha, name, network);
  iotw_sha256_add(&sha, bytes, length);
  iotw_sha256_end(&sha, out);
}
