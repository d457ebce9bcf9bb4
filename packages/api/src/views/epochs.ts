import { equalBytes, toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { signingDigest } from '@iotw/kernel/signing';
import { EPOCH_SLOTS } from '@iotw/ledger/tables/epochs';
import { WITNESS_COUNTS, type WitnessCounts } from '@iotw/ledger/tables/witnessing';
import { readSettlement } from '@iotw/nodes/ledger-server/epoch-records';
import { DOMAIN } from '@iotw/protocol/domains';
import { parametersToJson } from '@iotw/protocol/genesis-json';
import { SEED_SOURCE } from '@iotw/protocol/parameters';
import type { EpochSnapshot } from '@iotw/protocol/pool';
import { z } from 'zod';
import type { ApiContext } from '../context.js';
import { PAGE_SCAN_ROWS } from '../limits.js';
import { Amount, Count, Hex32, SpecObject, TimeMs } from './forms.js';
import { decodeCursor, encodeCursor, type Page, type PageQuery, pageOfRows } from './page.js';
import { pruned } from './pruned.js';
import { CountsSchema } from './witness-counts.js';

/** A VRF proof as in RFC 9381. */
const VRF_PROOF_BYTES = 80;

const Settled = z.object({
  pool: Count,
  present: Count,
  issued: Amount,
  paid: Amount,
  minerWork: Count,
  witnessWork: Count,
  trustNodeWork: Count,
  witnessing: CountsSchema.describe('of all trust nodes together'),
});

export const EpochSchema = z
  .object({
    epoch: Count,
    state: z.enum(['running', 'ended']),
    mode: z.string(),
    fallback: z
      .boolean()
      .nullable()
      .describe('mode vrf with too few tickets: the whole frozen pool is drawn; null: not kept any more'),
    seed: Hex32,
    randomness: z
      .enum(['genesis', 'operator-trusted', 'vrf', 'threshold', 'public'])
      .describe('who could have known the seed early: see docs/api.md'),
    poolRoot: Hex32,
    poolDevices: Count,
    parameters: SpecObject.describe('those of this epoch'),
    trustNodes: z
      .array(z.object({ index: Count, key: Hex32 }))
      .describe('whose votes count in it, with their keys when the pool was frozen'),
    assigners: z
      .array(z.object({ index: Count, server: Count, key: Hex32 }))
      .describe('who signs its assignments by the parameter assigner, and where; none: each lane itself'),
    startMs: TimeMs.nullable(),
    startRound: Count.nullable(),
    confirmations: Count.nullable().describe('trust nodes that confirmed root and seed'),
    stateRoot: Hex32.nullable().describe('root over the whole state at its end'),
    settlement: Settled.nullable(),
  })
  .meta({ id: 'Epoch' });
export type EpochView = z.infer<typeof EpochSchema>;

/** Pool and seed of an epoch that has begun. Errors: `epoch-not-found`, `pruned`. */
export function findEpoch(context: ApiContext, epoch: number): Result<EpochSnapshot> {
  const { ledger } = context.backend;
  const snapshot =
    epoch > ledger.epoch ? undefined : (ledger.snapshotOf(epoch) ?? context.backend.history.pool(epoch));
  if (snapshot !== undefined) return ok(snapshot);
  if (epoch <= ledger.epoch) return pruned(context, `Epoch ${epoch}`);
  return fail('epoch-not-found', `Epoch ${epoch} has not begun: epoch ${ledger.epoch} is running.`, {
    running: ledger.epoch,
  });
}

export function epochView(context: ApiContext, snapshot: EpochSnapshot): EpochView {
  const { ledger } = context.backend;
  const { epoch } = snapshot;
  const slot = epoch % EPOCH_SLOTS;
  const kept = ledger.epochs.col.epoch[slot] === epoch + 1;
  return {
    epoch,
    state: epoch === ledger.epoch ? 'running' : 'ended',
    mode: snapshot.mode,
    fallback: kept ? ledger.epochs.fellBack(epoch) : null,
    seed: toHex(snapshot.seed),
    randomness: randomnessOf(context, snapshot, kept ? ledger.epochs.col.round[slot]! : undefined),
    poolRoot: toHex(snapshot.root),
    poolDevices: snapshot.devices.length,
    parameters: parametersToJson(snapshot.parameters),
    trustNodes: snapshot.trustNodes.map(({ index, key }) => ({ index, key: toHex(key) })),
    assigners: snapshot.assigners.map((assigner) => ({ ...assigner, key: toHex(assigner.key) })),
    startMs: kept ? ledger.epochs.col.startMs[slot]! : null,
    startRound: kept ? ledger.epochs.col.round[slot]! : null,
    confirmations: kept ? ledger.epochs.votes(epoch) : null,
    stateRoot: hexOrNull(context.backend.history.stateRoot(epoch)),
    settlement: settledOf(context, epoch) ?? null,
  };
}

/**
 * Where the epoch's seed comes from: the source that its predecessor's parameters name, unless the round that opened
 * it (where still known) carries a public beacon's value. One ledger server alone knows every seed of either source.
 */
function randomnessOf(
  context: ApiContext,
  { epoch, seed }: EpochSnapshot,
  openedBy: number | undefined,
): EpochView['randomness'] {
  const { backend } = context;
  if (epoch === 0) return 'genesis';
  const before = backend.ledger.snapshotOf(epoch - 1) ?? backend.history.pool(epoch - 1);
  const threshold = before?.parameters.seedSource === SEED_SOURCE.threshold;
  const proof = openedBy === undefined ? undefined : backend.history.round(openedBy)?.input.seedProof;
  if (proof !== undefined && proof.length > 0) {
    const own = threshold
      ? equalBytes(seed, signingDigest(DOMAIN.seed, backend.network, proof))
      : proof.length === VRF_PROOF_BYTES;
    if (!own) return 'public';
  }
  if (backend.genesis.ledgerServers.length === 1) return 'operator-trusted';
  return threshold ? 'threshold' : 'vrf';
}

function hexOrNull(bytes: Uint8Array | undefined): string | null {
  return bytes === undefined ? null : toHex(bytes);
}

/** What an ended epoch paid as a whole. */
export function settledOf(context: ApiContext, epoch: number): z.infer<typeof Settled> | undefined {
  const { settlements } = context.backend.ledger;
  const slot = settlements.slot(epoch);
  if (slot >= 0) {
    const c = settlements.col;
    return {
      pool: c.pool[slot]!,
      present: c.present[slot]!,
      issued: c.issued[slot]!,
      paid: c.paid[slot]!,
      minerWork: c.minerWork[slot]!,
      witnessWork: c.witnessWork[slot]!,
      trustNodeWork: c.trustNodeWork[slot]!,
      witnessing: Object.fromEntries(
        WITNESS_COUNTS.map((name) => [name, c[name][slot]!]),
      ) as unknown as WitnessCounts,
    };
  }
  const bytes = context.backend.history.settlement(epoch);
  if (bytes === undefined) return undefined;
  const { epoch: _, devices: __, trustNodes: ___, ...whole } = readSettlement(bytes);
  return whole;
}

/** A pool is read from disk for each epoch of a page. */
const EPOCHS_PER_PAGE = 20;

/** Epochs, newest first. Errors: `cursor-invalid`. */
export function epochPage(context: ApiContext, query: PageQuery): Result<Page<EpochView>> {
  const from = decodeCursor('epoch', query.cursor, context.backend.ledger.epoch + 1);
  if (!from.ok) return from;
  const items: EpochView[] = [];
  const limit = Math.min(query.limit, EPOCHS_PER_PAGE);
  let next = Math.min(from.value, context.backend.ledger.epoch + 1);
  for (; next > 0 && items.length < limit; next--) {
    const snapshot = findEpoch(context, next - 1);
    if (!snapshot.ok) return ok({ items, next: null });
    items.push(epochView(context, snapshot.value));
  }
  return ok({ items, next: next > 0 ? encodeCursor('epoch', next) : null });
}

export const PoolDeviceSchema = z
  .object({
    device: Count,
    key: Hex32,
    host: Count,
    maker: Count,
    region: Count,
    owner: Count.describe('account number'),
    weight: Count,
    deviceClass: Count.describe('0 appliance, 1 meter, 2 gateway, 3 user (a person)'),
  })
  .meta({ id: 'PoolDevice' });

/** The frozen pool by device number. Errors: `cursor-invalid`. */
export function poolPage(
  snapshot: EpochSnapshot,
  query: PageQuery,
): Result<Page<z.infer<typeof PoolDeviceSchema>>> {
  return pageOfRows('pool', query, snapshot.devices.length, PAGE_SCAN_ROWS, (row) => {
    const device = snapshot.devices[row]!;
    return { ...device, key: toHex(device.key) };
  });
}
