#include "store.h"

#include <string.h>

#include "../hal/hal.h"
#include "bytes.h"
#include "../crypto/crypto.h"

static void sha256(uint8_t out[32], const uint8_t *bytes, size_t length) {
  iotw_sha256 sha;
  iotw_sha256_start(&sha);
  iotw_sha256_add(&sha, bytes, length);
  iotw_sha256_end(&sha, out);
}

int iotw_load_identity(iotw_identity *identity, iotw_broker *broker) {
  uint8_t record[IOTW_IDENTITY_BYTES], hash[32];
  uint8_t host_length;
  if (hal_load(IOTW_AREA_IDENTITY, record, sizeof record) != 0) return IOTW_STORE_UNREADABLE;
  sha256(hash, record, 480);
  host_length = record[182];
  if (memcmp(record, "IOTW\x01", 5) != 0 || memcmp(hash, record + 480, 32) != 0 || host_length < 1 ||
      host_length > IOTW_HOST_BYTES)
    return IOTW_NOT_PROVISIONED;
  memcpy(identity->network, record + 8, 32);
  memcpy(identity->seed, record + 40, 32);
  iotw_ed25519_key(identity->key, identity->seed);
  identity->number = iotw_get32(record + 72);
  identity->flags = record[5] & (uint8_t)~IOTW_FLAG_TOLD;
  identity->maker = iotw_get16(record + 76);
  identity->batch = iotw_get32(record + 78);
  identity->region = record[82];
  identity->device_class = record[83];
  if (broker != NULL) {
    memcpy(broker->host, record + 183, host_length);
    broker->host[host_length] = '\0';
    broker->port = iotw_get16(record + 180);
    memcpy(broker->pin, record + 148, 32);
    broker->pinned = (record[5] & IOTW_FLAG_PIN) != 0;
  }
  iotw_wipe(record, sizeof record);
  return IOTW_OK;
}

void iotw_boot_record(uint8_t record[IOTW_BOOT_BYTES], uint32_t counter, const uint8_t key[32]) {
  iotw_sha256 sha;
  uint8_t hash[32];
  memcpy(record, "BOOT", 4);
  iotw_put32(record + 4, counter);
  iotw_sha256_start(&sha);
  iotw_sha256_add(&sha, record, 8);
  iotw_sha256_add(&sha, key, 32);
  iotw_sha256_end(&sha, hash);
  memcpy(record + 8, hash, 8);
}

enum { VALID, BLANK, DAMAGED, UNREADABLE };

/* Reads one of the two records. */
static int load_boot(uint8_t area, const uint8_t key[32], uint32_t *counter) {
  uint8_t record[IOTW_BOOT_BYTES], right[IOTW_BOOT_BYTES];
  if (hal_load(area, record, sizeof record) != 0) return UNREADABLE;
  memset(right, 0xff, sizeof right);
  if (memcmp(record, right, sizeof record) == 0) return BLANK;
  *counter = iotw_get32(record + 4);
  iotw_boot_record(right, *counter, key);
  return memcmp(record, right, sizeof record) == 0 ? VALID : DAMAGED;
}

int iotw_next_boot(const iotw_identity *identity, uint32_t *boot) {
  uint32_t a = 0, b = 0, last, step = 1;
  uint8_t record[IOTW_BOOT_BYTES], target;
  int is_a = load_boot(IOTW_AREA_BOOT_A, identity->key, &a);
  int is_b = load_boot(IOTW_AREA_BOOT_B, identity->key, &b);
  if (is_a == UNREADABLE || is_b == UNREADABLE) return IOTW_STORE_UNREADABLE;
  if (is_a != VALID && is_b != VALID) return IOTW_BOOT_LOST;
  /* The record with the highest counter stays; the other one's place takes the next. A damaged one may have held
   * the highest counter, one above the record that is left, and that may have signed: it is passed over. */
  target = is_a == VALID && (is_b != VALID || a > b) ? IOTW_AREA_BOOT_B : IOTW_AREA_BOOT_A;
  last = target == IOTW_AREA_BOOT_B ? a : b;
  if (is_a == DAMAGED || is_b == DAMAGED) step = 2;
  if (last > UINT32_MAX - step) return IOTW_BOOT_EXHAUSTED;
  iotw_boot_record(record, last + step, identity->key);
  if (hal_store(target, record, sizeof record) != 0) return IOTW_BOOT_NOT_DURABLE;
  if (load_boot(target, identity->key, boot) != VALID || *boot != last + step) return IOTW_BOOT_NOT_DURABLE;
  return IOTW_OK;
}
