/* The Merkle root of 1 to 1,024 transaction ids that arrive one after the other (spec/protocol.md 2.4, limit 1,024):
 * one node per level is kept, whatever their number. */
#ifndef IOTW_MERKLE_H
#define IOTW_MERKLE_H

#include <stdint.h>

#define IOTW_MERKLE_DEPTH 10
#define IOTW_MERKLE_LIMIT 1024

typedef struct {
  uint16_t count;
  uint8_t node[IOTW_MERKLE_DEPTH + 1][32]; /* of each level, the left sibling that waits for its right one */
} iotw_merkle;

void iotw_merkle_start(iotw_merkle *tree);

/* Takes the next leaf; leaves above the limit are not taken. */
void iotw_merkle_add(iotw_merkle *tree, const uint8_t leaf[32]);

/* The root of what was added. The tree may be used again after iotw_merkle_start. */
void iotw_merkle_root(iotw_merkle *tree, uint8_t root[32]);

#endif
