import type { PeerId } from '@iotw/adapters/mesh/types';
import { fromHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { vrfKeyPairFromSeed } from '@iotw/kernel/vrf';
import type { LedgerIdentity } from '@iotw/runtime/ledger-role';
import type { MeshIdentity } from '@iotw/runtime/mesh-links';
import type { TrustIdentity } from '@iotw/runtime/process-options';
import type { NodeConfig, NodeKeys } from './node-config.js';

/** The nodes that one process runs, with their keys. */
export interface Identities {
  readonly trust: readonly TrustIdentity[];
  readonly ledger: LedgerIdentity | undefined;
  readonly mesh: readonly MeshIdentity[];
  /** Seeds of the ledger server's link keys. */
  readonly ledgerLink: (LinkSeeds & Pick<MeshIdentity, 'self'>) | undefined;
}

/**
 * The nodes of the configured roles. Keys of other roles in the file are left alone, so one key file may
 * serve several processes. Errors: `config-invalid` (a role without its keys, a link of a node that is not here,
 * CometBFT without a ledger server).
 */
export function identitiesOf(config: NodeConfig, keys: NodeKeys): Result<Identities> {
  const { roles } = config;
  const withTrust = roles.includes('trust');
  const withLedger = roles.includes('ledger');
  if (roles.includes('api') && !withLedger)
    return fail('config-invalid', 'The role api needs the role ledger in the same process.');
  if (withTrust && keys.trust.length === 0)
    return fail('config-invalid', 'The role trust needs the member trust in the key file.');
  if (withLedger && keys.ledger === undefined)
    return fail('config-invalid', 'The role ledger needs the member ledger in the key file.');
  if (config.cometbft !== undefined && !withLedger)
    return fail('config-invalid', 'The member cometbft needs the role ledger in the same process.');
  const trust = withTrust ? keys.trust : [];
  const ledger = withLedger ? keys.ledger : undefined;
  const stranger = config.mqtt.find((entrance) => !trust.some(({ index }) => index === entrance.trustNode));
  if (stranger !== undefined) {
    return fail(
      'config-invalid',
      `The mqtt entrance of trust node ${stranger.trustNode} needs that node's role and keys here.`,
    );
  }
  const links = linkSeedsOf(trust, ledger);
  const mesh: MeshIdentity[] = [];
  for (const { self, listen, peers } of config.mesh ?? []) {
    const seeds = links.get(self as PeerId);
    if (seeds === undefined)
      return fail('config-invalid', `The mesh member of ${self} needs that node's role and keys here.`);
    if (peers.some(({ peer }) => links.has(peer as PeerId)))
      return fail('config-invalid', `In the mesh member of ${self}: a node of this process needs no link.`);
    mesh.push({
      self: self as PeerId,
      ...seeds,
      ...(listen === undefined ? {} : { listen }),
      peers: peers.map(({ peer, linkKey, ...address }) => ({
        ...address,
        peer: peer as PeerId,
        ...(linkKey === undefined ? {} : { linkKey: seedOf(linkKey) }),
      })),
    });
  }
  return ok({
    mesh,
    ledgerLink: ledger && { self: `ledger:${ledger.index}`, ...links.get(`ledger:${ledger.index}`)! },
    trust: trust.map(({ index, seed, accountSeed, next }) => ({
      index,
      ...addressOf(config, index),
      ...signingKeys(seed, next),
      accountKeys: keyPairFromSeed(seedOf(accountSeed)),
    })),
    ledger:
      ledger === undefined
        ? undefined
        : {
            index: ledger.index,
            ...signingKeys(ledger.seed, ledger.next),
            vrfKeys: vrfKeyPairFromSeed(seedOf(ledger.vrfSeed)),
            ...(roles.includes('api') && keys.api !== undefined
              ? { api: { index: keys.api.index, keys: keyPairFromSeed(seedOf(keys.api.seed)) } }
              : {}),
          },
  });
}

/** The nodes that sign in this process, by name. */
export function signersOf({
  trust,
  ledger,
}: Identities): [PeerId, Pick<LedgerIdentity, 'keys' | 'nextKeys'>][] {
  const nodes = trust.map((node): [PeerId, TrustIdentity] => [`trust:${node.index}`, node]);
  return ledger === undefined ? nodes : [...nodes, [`ledger:${ledger.index}`, ledger]];
}

function addressOf({ mqtt }: NodeConfig, index: number): { readonly address?: string } {
  const address = mqtt.find(({ trustNode }) => trustNode === index)?.announce;
  return address === undefined ? {} : { address };
}

type Next = NonNullable<NodeKeys['ledger']>['next'];
type LinkSeeds = Pick<MeshIdentity, 'linkSeed' | 'nextLinkSeed'>;

function signingKeys(seed: string, next: Next): Pick<LedgerIdentity, 'keys' | 'nextKeys'> {
  const keys = keyPairFromSeed(seedOf(seed));
  return next === undefined ? { keys } : { keys, nextKeys: keyPairFromSeed(seedOf(next.seed)) };
}

function linkSeedsOf(trust: NodeKeys['trust'], ledger: NodeKeys['ledger']): Map<PeerId, LinkSeeds> {
  const seeds = new Map<PeerId, LinkSeeds>();
  const set = (self: PeerId, { linkSeed, next }: { linkSeed: string; next?: Next }): void => {
    const nextLinkSeed = next && { nextLinkSeed: seedOf(next.linkSeed) };
    seeds.set(self, { linkSeed: seedOf(linkSeed), ...nextLinkSeed });
  };
  for (const node of trust) set(`trust:${node.index}`, node);
  if (ledger !== undefined) set(`ledger:${ledger.index}`, ledger);
  return seeds;
}

/** 32 bytes of hex; the schema has checked length and alphabet. */
export function seedOf(hex: string): Uint8Array {
  return fromHex(hex, 32)!;
}
