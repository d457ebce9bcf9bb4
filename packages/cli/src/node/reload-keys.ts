import { equalBytes } from '@iotw/kernel/bytes';
import { ok, type Result } from '@iotw/kernel/result';
import type { NodeProcess } from '@iotw/runtime/node-process';
import { type Identities, identitiesOf } from './identities.js';
import { type NodeConfig, nodeKeysSchema, readConfigFile } from './node-config.js';

/**
 * Reads the key file again and lets the running nodes take what changed: signing keys of trust nodes, link
 * keys of all. To be called once the ledger lists the new keys (a KeyRotate is final). Signing and VRF keys
 * of a ledger server need a restart. Returns the identities as they are now and the nodes that changed.
 * Errors: those of the key file; then nothing changed.
 */
export async function reloadKeys(
  config: NodeConfig,
  process: NodeProcess,
  before: Identities,
): Promise<Result<{ readonly identities: Identities; readonly changed: readonly string[] }>> {
  const keys = await readConfigFile(config.keys, nodeKeysSchema);
  if (!keys.ok) return keys;
  const read = identitiesOf(config, keys.value);
  if (!read.ok) return read;
  const changed = new Set<string>();
  for (const { index, keys: now } of read.value.trust) {
    const old = before.trust.find((node) => node.index === index);
    if (old === undefined || equalBytes(old.keys.publicKey, now.publicKey)) continue;
    process.rotateTrustKeys(index, now);
    changed.add(`trust:${index}`);
  }
  for (const { self, linkSeed } of read.value.mesh) {
    const old = before.mesh.find((node) => node.self === self);
    if (old === undefined || equalBytes(old.linkSeed, linkSeed)) continue;
    process.rotateLinkKey(self, linkSeed);
    changed.add(self);
  }
  return ok({ identities: read.value, changed: [...changed] });
}
