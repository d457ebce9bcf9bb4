#include "assignment.h"

#include <string.h>

#include "bytes.h"

/* A u64 is malformed above 2^53 - 1 (spec/protocol.md 1.2). */
static int fits53(const uint8_t *at) { return iotw_get32(at + 4) <= 0x1fffff; }

void iotw_assignment_start(iotw_assignment *assignment, uint32_t total) {
  assignment->total = total;
  assignment->got = 0;
  assignment->offset = 0;
  assignment->malformed =
      total < IOTW_PLAIN_OFFSET + 32 || total > IOTW_ASSIGNED_OFFSET + 32 * IOTW_MERKLE_LIMIT;
  iotw_merkle_start(&assignment->tree);
}

/* Step 1, once the fixed part up to the offset is there. */
static void check_fixed(iotw_assignment *assignment) {
  const uint8_t *fixed = assignment->fixed;
  uint32_t offset = iotw_get32(fixed + 171);
  uint16_t count = iotw_get16(fixed + 78);
  if ((offset != IOTW_PLAIN_OFFSET && offset != IOTW_ASSIGNED_OFFSET) || count < 1 || count > IOTW_MERKLE_LIMIT ||
      assignment->total != offset + 32u * count || !fits53(fixed + 6) || !fits53(fixed + 80) ||
      !fits53(fixed + 92)) {
    assignment->malformed = 1;
    return;
  }
  assignment->offset = (uint16_t)offset;
}

void iotw_assignment_add(iotw_assignment *assignment, const uint8_t *bytes, size_t length) {
  if (length > assignment->total - assignment->got) assignment->malformed = 1;
  while (length > 0 && !assignment->malformed) {
    uint32_t got = assignment->got;
    uint32_t head = assignment->offset == 0 ? IOTW_PLAIN_OFFSET : assignment->offset;
    size_t take;
    if (got < head) {
      take = head - got < length ? head - got : length;
      memcpy(assignment->fixed + got, bytes, take);
      assignment->got += (uint32_t)take;
      if (assignment->got == IOTW_PLAIN_OFFSET && assignment->offset == 0) check_fixed(assignment);
    } else {
      uint32_t filled = (got - head) % 32;
      take = 32 - filled < length ? 32 - filled : length;
      memcpy(assignment->leaf + filled, bytes, take);
      assignment->got += (uint32_t)take;
      if (filled + take == 32) iotw_merkle_add(&assignment->tree, assignment->leaf);
    }
    bytes += take;
    length -= take;
  }
}

int iotw_assignment_well_formed(const iotw_assignment *assignment) {
  return !assignment->malformed && assignment->got == assignment->total;
}
