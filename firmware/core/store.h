/* The durable memory of a device: an image of three areas, the same for a file and for flash.
 *
 *   area 0 (offset 0)     identity, written once when the device is made or claimed
 *   area 1 (offset 4096)  boot record A
 *   area 2 (offset 8192)  boot record B
 *
 * Identity, 512 bytes, integers little-endian:
 *
 *   0..4      "IOTW"
 *   4         version, 1
 *   5         flags: 1 the device's number is known, 2 the owner consents to telemetry, 4 the broker's key is pinned
 *   6..8      zero
 *   8..40     network id
 *   40..72    Ed25519 seed of the device
 *   72..76    number of the device on the ledger (flag 1), else zero
 *   76..78    maker
 *   78..82    batch
 *   82        region
 *   83        class
 *   84..148   signature of the maker's batch over the registration (clause 4.5); zeros where there is none
 *   148..180  SHA-256 of the broker's SubjectPublicKeyInfo (flag 4), else zeros
 *   180..182  port of the broker
 *   182       length of its host name, 1..64
 *   183..247  its host name or address, ASCII, padded with zeros
 *   247..249  number of the trust node behind it
 *   249..480  zero
 *   480..512  SHA-256 of the 480 bytes before
 *
 * Boot record, 16 bytes: "BOOT", boot counter u32, the first 8 bytes of SHA-256("BOOT" || u32 counter || device key).
 *
 * The two boot records are written in turns, so that a power loss while one is written leaves the other. What is
 * made with the device is one valid record of counter 0, the other one blank (bytes 0xff): memory that holds no valid
 * record is damaged memory, and a device that can't know its counter must not sign (clause 8.1). */
#ifndef IOTW_STORE_H
#define IOTW_STORE_H

#include <stddef.h>
#include <stdint.h>

#define IOTW_AREA_BYTES 4096
#define IOTW_IDENTITY_BYTES 512
#define IOTW_BOOT_BYTES 16
#define IOTW_HOST_BYTES 64

/* The last is never stored: the number was told by a trust node or an assignment. */
enum { IOTW_FLAG_NUMBER = 1, IOTW_FLAG_TELEMETRY = 2, IOTW_FLAG_PIN = 4, IOTW_FLAG_TOLD = 128 };

/* What a device was given. */
typedef struct {
  uint8_t network[32];
  uint8_t seed[32];
  uint8_t key[32]; /* public; computed */
  uint32_t number; /* on the ledger, where flags has IOTW_FLAG_NUMBER */
  uint8_t flags;
  uint16_t maker;
  uint32_t batch;
  uint8_t region;
  uint8_t device_class;
} iotw_identity;

/* Where its broker is. Ports that know by other means need not read it. */
typedef struct {
  char host[IOTW_HOST_BYTES + 1];
  uint16_t port;
  uint8_t pin[32];
  uint8_t pinned;
} iotw_broker;

/* Why a device can't begin. */
enum {
  IOTW_OK = 0,
  IOTW_STORE_UNREADABLE = 1, /* hal_load failed */
  IOTW_NOT_PROVISIONED = 2,  /* no valid identity */
  IOTW_BOOT_LOST = 3,        /* no valid boot record: the counter can't be known */
  IOTW_BOOT_EXHAUSTED = 4,   /* the counter is 2^32 - 1: a new key is needed */
  IOTW_BOOT_NOT_DURABLE = 5  /* hal_store failed, or what it stored reads back otherwise */
};

/* Reads the identity; `broker` may be NULL. IOTW_OK, IOTW_STORE_UNREADABLE or IOTW_NOT_PROVISIONED. */
int iotw_load_identity(iotw_identity *identity, iotw_broker *broker);

/* Raises the boot counter and makes it durable (clause 8.1). Only after IOTW_OK may the device sign. */
int iotw_next_boot(const iotw_identity *identity, uint32_t *boot);

/* Writes the boot record of `counter` for a device key. */
void iotw_boot_record(uint8_t record[IOTW_BOOT_BYTES], uint32_t counter, const uint8_t key[32]);

#endif
