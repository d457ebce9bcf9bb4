import { join } from 'node:path';
import { fromUtf8, toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { Genesis } from '@iotw/protocol/genesis';
import { proposalToJson } from '@iotw/protocol/proposal-json';
import {
  encodeProposal,
  PROPOSAL_KIND,
  type ProposalContents,
  type ProposalKind,
} from '@iotw/protocol/proposals';
import type { NodeConfig, NodeKeys } from './node-config.js';
import { writeNew } from './write-new.js';

/** Where its ports listen. */
export const ANY_HOST = '0.0.0.0';

/** What is chosen for a node that a vote is to admit. */
export interface NewNode {
  readonly dir: string;
  /** The network's genesis file. */
  readonly genesis: string;
  /** The number that the vote will give it: as many nodes of its role as there are. */
  readonly index: number;
  /** Names as the genesis has them. */
  readonly region: string;
  readonly cloud: string;
  readonly operator: string;
  readonly meshPort: number;
  /** Nodes that its links dial. */
  readonly peers: readonly PeerPlace[];
}

export interface CreatedNode {
  readonly files: readonly string[];
  /** Pays for what the node sends, and may rotate its keys. */
  readonly account: string;
  readonly key: string;
}

/** A node that is to be dialled. */
export interface PeerPlace {
  readonly peer: string;
  readonly host: string;
  readonly port: number;
}

/** Numbers of a region and a cloud by the names that the genesis gives them. Errors: `node-place`. */
export function placeIn(
  { regions, clouds }: Genesis,
  wanted: { readonly region: string; readonly cloud: string },
): Result<{ region: number; cloud: number }> {
  const find = (what: 'region' | 'cloud', names: readonly Uint8Array[]): Result<number> => {
    const known = names.map((name) => fromUtf8(name) ?? toHex(name));
    const index = known.indexOf(wanted[what]);
    return index === -1
      ? fail('node-place', `The network has no ${what} ${wanted[what]}: it has ${known.join(', ')}.`)
      : ok(index);
  };
  const region = find('region', regions);
  if (!region.ok) return region;
  const cloud = find('cloud', clouds);
  return cloud.ok ? ok({ region: region.value, cloud: cloud.value }) : cloud;
}

/** Beginning of the addresses of a network. */
export function prefixIn(genesis: Genesis): 'iotw' | 'tiotw' {
  return genesis.testnet === 0 ? 'iotw' : 'tiotw';
}

/**
 * Writes `keys.json`, `node.json` and `admission.json`, the content of the proposal that admits the node. Returns their paths.
 * Errors: those of writeNew (nothing is ever overwritten).
 */
export async function writeNodeFiles<K extends 'trustNodeAdmit' | 'ledgerServerAdmit'>(
  dir: string,
  genesis: Genesis,
  node: {
    readonly keys: NodeKeys;
    readonly config: NodeConfig;
    readonly kind: K;
    readonly content: ProposalContents[K];
  },
): Promise<Result<string[]>> {
  const { keys, config, kind, content } = node;
  const proposed = encodeProposal({ kind, content } as Parameters<typeof encodeProposal>[0]);
  const files = [
    ['keys.json', keys],
    ['node.json', config],
    ['admission.json', proposalToJson(PROPOSAL_KIND[kind as ProposalKind], proposed, prefixIn(genesis))],
  ] as const;
  for (const [name, value] of files) {
    const written = await writeNew(join(dir, name), `${JSON.stringify(value, undefined, 2)}\n`);
    if (!written.ok) return written;
  }
  return ok(files.map(([name]) => join(dir, name)));
}
