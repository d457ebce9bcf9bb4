/* An assignment (spec/device.md 8.2) taken in as its bytes arrive: the fixed part is kept, the transaction ids go
 * into the Merkle tree, so that its memory does not depend on their number. */
#ifndef IOTW_ASSIGNMENT_H
#define IOTW_ASSIGNMENT_H

#include <stddef.h>
#include <stdint.h>

#include "merkle.h"

#define IOTW_HEADER_BYTES 100
#define IOTW_PLAIN_OFFSET 175    /* where the ids begin without an assigner's statement */
#define IOTW_ASSIGNED_OFFSET 242 /* with one */

typedef struct {
  uint32_t total;     /* length that the transport announced */
  uint32_t got;       /* bytes taken */
  uint8_t malformed;  /* found to be; what comes after is not looked at */
  uint16_t offset;    /* of the ids; 0 until it is known */
  uint8_t leaf[32];   /* an id that has not wholly arrived */
  uint8_t fixed[IOTW_ASSIGNED_OFFSET];
  iotw_merkle tree;
} iotw_assignment;

/* An assignment of `total` bytes begins. */
void iotw_assignment_start(iotw_assignment *assignment, uint32_t total);

/* Its next bytes. Bytes above the announced total make it malformed. */
void iotw_assignment_add(iotw_assignment *assignment, const uint8_t *bytes, size_t length);

/* True if all bytes have come and lengths, offset, count and u64 fields are those of clause 8.2 (step 1). */
int iotw_assignment_well_formed(const iotw_assignment *assignment);

#endif
