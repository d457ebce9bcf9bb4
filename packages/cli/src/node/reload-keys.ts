import { equalBytes } from '@iotw/kernel/bytes';
import type { KeyPair } from '@iotw/kernel/ed25519';
import { ok, type Result } from '@iotw/kernel/result';
import type { NodeProcess } from '@iotw/runtime/node-process';
import { type Identities, identitiesOf, signersOf } from './identities.js';
import { type NodeConfig, nodeKeysSchema, readConfigFile } from './node-config.js';

/**
 * Reads the key file again and lets the running nodes take what changed: present and next signing and link keys. Which
 * of them are used follows from the ledger. VRF and account keys need a restart. Returns the identities as they are now
 * and the nodes that changed. Errors: those of the key file; then nothing changed.
 */
export async function reloadKeys(
  config: NodeConfig,
  process: Pick<NodeProcess, 'holdKeys' | 'holdLinkSeeds'>,
  before: Identities,
): Promise<Result<{ readonly identities: Identities; readonly changed: readonly string[] }>> {
  const file = await readConfigFile(config.keys, nodeKeysSchema);
  if (!file.ok) return file;
  const read = identitiesOf(config, file.value);
  if (!read.ok) return read;
  const changed = new Set<string>();
  const known = new Map(signersOf(before));
  for (const [self, { keys, nextKeys }] of signersOf(read.value)) {
    const old = known.get(self);
    if (old === undefined || (samePair(old.keys, keys) && samePair(old.nextKeys, nextKeys))) continue;
    process.holdKeys(self, keys, nextKeys);
    changed.add(self);
  }
  // CometBFT has the ledger server's link keys, too, with links of the process' own or without.
  const oldLinks = linksOf(before);
  for (const { self, linkSeed, nextLinkSeed } of linksOf(read.value)) {
    const old = oldLinks.find((node) => node.self === self);
    if (old === undefined || (same(old.linkSeed, linkSeed) && same(old.nextLinkSeed, nextLinkSeed))) continue;
    process.holdLinkSeeds(self, linkSeed, nextLinkSeed);
    changed.add(self);
  }
  return ok({ identities: read.value, changed: [...changed] });
}

function linksOf({ mesh, ledgerLink }: Identities): NonNullable<Identities['ledgerLink']>[] {
  const others = mesh.filter(({ self }) => self !== ledgerLink?.self);
  return ledgerLink === undefined ? others : [...others, ledgerLink];
}

function samePair(a: KeyPair | undefined, b: KeyPair | undefined): boolean {
  return same(a?.publicKey, b?.publicKey);
}

function same(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && equalBytes(a, b));
}
