import { fromUtf8, toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { MISBEHAVIOUR_KIND } from '@iotw/protocol/round';
import { z } from 'zod';
import { type ApiContext, accountAddress } from '../context.js';
import { Address, Amount, Count, Hex32 } from './forms.js';
import { WitnessingSchema, witnessingView } from './witnessing.js';

const NodeBase = z.object({
  index: Count,
  operator: z.string(),
  region: z.string(),
  cloud: z.string(),
  account: Address.nullable(),
  key: Hex32,
  linkKey: Hex32,
});

export const TrustNodeSchema = NodeBase.extend({
  credit: Amount,
  bond: Amount,
  suspended: z.boolean(),
  address: z.string().nullable().describe('where its devices log in; null: not told'),
  epochVotes: Count.describe('votes in certificates of the running epoch'),
  earned: Amount.describe('since genesis'),
  witnessing: WitnessingSchema,
  live: z
    .object({
      devicesConnected: Count,
      blocksInFlight: Count,
      pending: Count,
      relayed: Count,
      answered: Count,
      missed: Count,
    })
    .nullable()
    .describe('what this process sees; null where the trust node runs elsewhere'),
}).meta({ id: 'TrustNode' });
export type TrustNodeView = z.infer<typeof TrustNodeSchema>;

const MisbehaviourSchema = z.object({
  kind: z.enum(['double-vote', 'light-client-attack']),
  height: Count.describe("of the engine's blocks"),
  timeMs: Count.describe('agreed time of that height'),
  round: Count.describe('the round that took it up'),
  suspended: z.boolean().describe('false: the network could not have gone on without the server'),
});

export const LedgerServerSchema = NodeBase.extend({
  vrfKey: Hex32,
  suspended: z
    .enum(['by-vote', 'for-misbehaviour', 'not-yet'])
    .nullable()
    .describe('why it votes on no rounds; not-yet: admitted, and nothing was heard of it; null: it does'),
  misbehaviours: z.array(MisbehaviourSchema).describe('what the engine proved of it, oldest first'),
}).meta({ id: 'LedgerServer' });
export type LedgerServerView = z.infer<typeof LedgerServerSchema>;

const SUSPENDED_TEXT = { vote: 'by-vote', act: 'for-misbehaviour', away: 'not-yet' } as const;

/** Bytes of the genesis that people read; bytes that are no text are shown as hex. */
export function nameText(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : (fromUtf8(bytes) ?? toHex(bytes));
}

export function trustNodeViews(context: ApiContext): TrustNodeView[] {
  const { ledger, genesis } = context.backend;
  const live = new Map(context.backend.status().trustNodes.map(({ index, ...rest }) => [index, rest]));
  const views: TrustNodeView[] = [];
  for (let index = 0; index < ledger.trustNodes.rows; index++) {
    const node = ledger.trustNodes.read(index)!;
    views.push({
      index,
      operator: nameText(genesis.trustNodes[index]?.operator),
      region: nameText(genesis.regions[node.region]),
      cloud: nameText(genesis.clouds[node.cloud]),
      account: accountAddress(context, node.account) ?? null,
      key: toHex(node.key),
      linkKey: toHex(node.linkKey),
      credit: node.credit,
      bond: node.bond,
      suspended: node.suspended,
      address: nameText(ledger.trustNodes.address(index)) || null,
      epochVotes: node.votes,
      earned: node.earned,
      witnessing: witnessingView(context, index),
      live: live.get(index) ?? null,
    });
  }
  return views;
}

/** Errors: `node-unknown`. */
export function trustNodeView(context: ApiContext, index: number): Result<TrustNodeView> {
  const view = trustNodeViews(context)[index];
  return view === undefined
    ? fail('node-unknown', `There is no trust node ${index}: see /v1/trust-nodes.`)
    : ok(view);
}

export function ledgerServerViews(context: ApiContext): LedgerServerView[] {
  const { ledger, genesis } = context.backend;
  const views: LedgerServerView[] = [];
  for (let index = 0; index < ledger.ledgerServers.rows; index++) {
    const node = ledger.ledgerServers.read(index)!;
    views.push({
      index,
      operator: nameText(genesis.ledgerServers[index]?.operator),
      region: nameText(genesis.regions[node.region]),
      cloud: nameText(genesis.clouds[node.cloud]),
      account: accountAddress(context, node.account) ?? null,
      key: toHex(node.key),
      linkKey: toHex(node.linkKey),
      vrfKey: toHex(node.vrfKey),
      suspended: node.suspended === undefined ? null : SUSPENDED_TEXT[node.suspended],
      misbehaviours: ledger.misbehaviours.of(index).map(({ kind, height, timeMs, round, suspended }) => ({
        kind:
          kind === MISBEHAVIOUR_KIND.doubleVote ? ('double-vote' as const) : ('light-client-attack' as const),
        ...{ height, timeMs, round, suspended },
      })),
    });
  }
  return views;
}
