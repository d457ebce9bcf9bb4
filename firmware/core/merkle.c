#include "merkle.h"

#include <string.h>

#include "../crypto/crypto.h"
#include "../hal/hal.h"
#include "bytes.h"

/* out = SHA-256(left || right); out may be one of them. */
static void parent(uint8_t out[32], const uint8_t left[32], const uint8_t right[32]) {
  iotw_sha256 sha;
  iotw_sha256_start(&sha);
  iotw_sha256_add(&sha, left, 32);
  iotw_sha256_add(&sha, right, 32);
  iotw_sha256_end(&sha, out);
}

void iotw_merkle_start(iotw_merkle *tree) { tree->count = 0; }

void iotw_merkle_add(iotw_merkle *tree, const uint8_t leaf[32]) {
  uint8_t node[32];
  unsigned level = 0;
  if (tree->count >= IOTW_MERKLE_LIMIT) return;
  memcpy(node, leaf, 32);
  for (; tree->count >> level & 1; level++) parent(node, tree->node[level], node);
  memcpy(tree->node[level], node, 32);
  tree->count++;
  if ((tree->count & 63) == 0) hal_yield();
}

void iotw_merkle_root(iotw_merkle *tree, uint8_t root[32]) {
  uint8_t zero[32] = {0}; /* root of an empty subtree of the level */
  uint8_t node[32];
  uint8_t length[32] = {0};
  unsigned level;
  int started = 0; /* node is the right-most subtree, filled up with zeros */
  memset(node, 0, sizeof node);
  for (level = 0; level < IOTW_MERKLE_DEPTH; level++) {
    if (tree->count >> level & 1) {
      parent(node, tree->node[level], started ? node : zero);
      started = 1;
    } else if (started) {
      parent(node, node, zero);
    }
    parent(zero, zero, zero);
  }
  if (!started) memcpy(node, tree->count == 0 ? zero : tree->node[IOTW_MERKLE_DEPTH], 32);
  iotw_put16(length, tree->count);
  parent(root, node, length);
}
