import { devnetGenesis } from '@iotw/cli/devnet/devnet-genesis';
import { devnetKeys } from '@iotw/cli/devnet/devnet-keys';
import { concatBytes, utf8 } from '@iotw/kernel/bytes';
import { sign } from '@iotw/kernel/ed25519';
import { merkleRoot } from '@iotw/kernel/merkle';
import type { Store } from '@iotw/kernel/ports/store';
import { Prng } from '@iotw/kernel/prng';
import { Ledger } from '@iotw/ledger/ledger';
import type { PreparedBlock } from '@iotw/ledger/round-outcome';
import { recordOf } from '@iotw/nodes/ledger-server/record-of';
import { roundWrites } from '@iotw/nodes/ledger-server/round-record';
import { encodeBody } from '@iotw/protocol/body';
import { CERTIFICATE_MODE } from '@iotw/protocol/certificate';
import { blockHash } from '@iotw/protocol/header';
import { type Operation, TRADE_SIDE } from '@iotw/protocol/operations';
import { encodeEnvelope, encodeTransaction, transactionId } from '@iotw/protocol/transaction';
import { deviceKeys } from './bench-people.js';
import { giveUp, note } from './report.js';

/**
 * A long history made by the real ledger and stored as a ledger server stores it. Nobody verifies a signature here, so
 * transactions bear random ones; blocks bear their lane's own.
 */
export const HISTORY = {
  accounts: 100_000,
  devices: 1_000,
  lanes: 4,
  blockTransactions: 256,
  /** One transfer in so many goes to the account that everybody pays, so that one history is very long. */
  toShop: 10,
  /** One transaction in so many is a trade with a text. */
  trades: 10,
} as const;

const TIME_MS = 1_700_000_000_000;
const ROUNDS_PER_COMMIT = 16;
const NOTE_EVERY = 1_000_000;
const FUNDS = 10_000_000_000;

/** Every so many transactions one is kept to be asked for later. */
const SAMPLE_EVERY = 997;

export interface History {
  readonly ledger: Ledger;
  readonly transactions: number;
  readonly rounds: number;
  /** Ids and block hashes from all over the history. */
  readonly ids: readonly Uint8Array[];
  readonly hashes: readonly Uint8Array[];
  /** Keys of the accounts that pay; everybody pays the first. */
  readonly keys: readonly Uint8Array[];
}

/** Applies and stores rounds until there are `transactions` of them. */
export async function writeHistory(store: Store, transactions: number): Promise<History> {
  const prng = new Prng('long history');
  const seed = prng.bytes(32);
  const keys = Array.from({ length: HISTORY.accounts }, () => prng.bytes(32));
  const genesis = devnetGenesis({
    seed,
    timeMs: TIME_MS,
    trustNodes: HISTORY.lanes,
    ledgerServers: 1,
    deviceKeys: deviceKeys(seed, HISTORY.devices),
    accounts: keys.map((key) => ({ key, amount: FUNDS })),
  });
  const ledger = Ledger.genesis(genesis);
  const numbers = keys.map((key) => ledger.accounts.find(key));
  const sequences = new Uint32Array(HISTORY.accounts);
  const ids: Uint8Array[] = [];
  const hashes: Uint8Array[] = [];
  const laneKeys = Array.from({ length: HISTORY.lanes }, (_, lane) => devnetKeys(seed, 'trust', lane));
  let done = 0;

  const operation = (from: number): Operation => {
    const drawn = prng.below(HISTORY.toShop) === 0 ? 0 : prng.below(HISTORY.accounts);
    // Nobody pays themselves.
    const to = drawn === from ? (drawn + 1) % keys.length : drawn;
    if (prng.below(HISTORY.trades) > 0) return { type: 'transfer', to: numbers[to]!, amount: 1 };
    return {
      type: 'trade',
      side: TRADE_SIDE.buyer,
      counterparty: keys[to]!,
      amount: 1_000,
      quantity: 1,
      deliveryMs: TIME_MS,
      warrantyDays: 365,
      terms: prng.bytes(32),
      item: utf8('22727 ALARM CLOCK BAKELIKE RED'),
      data: new Uint8Array(0),
      countersignature: new Uint8Array(0),
    };
  };
  const envelope = () => {
    const sender = prng.below(HISTORY.accounts);
    const transaction = encodeTransaction({
      sender: keys[sender]!,
      sequence: ++sequences[sender]!,
      expiryMs: TIME_MS + 86_400_000,
      operations: [operation(sender)],
      memo: new Uint8Array(0),
    });
    const id = transactionId(ledger.network, transaction);
    if (done++ % SAMPLE_EVERY === 0) ids.push(id);
    return { id, envelope: encodeEnvelope(transaction, prng.bytes(64)) };
  };
  const block = (lane: number): PreparedBlock => {
    const cursor = ledger.lanes.read(lane)!;
    const inside = Array.from({ length: HISTORY.blockTransactions }, envelope);
    const blockIds = concatBytes(...inside.map(({ id }) => id));
    const header = {
      ...{ lane, incarnation: cursor.incarnation, height: cursor.height + 1, previous: cursor.hash },
      ...{ root: merkleRoot(blockIds, inside.length, 1024), count: inside.length, timeMs: ledger.timeMs },
      ...{ epoch: ledger.epoch, refRound: ledger.round },
    };
    const body = encodeBody(inside.map((one) => one.envelope));
    const hash = blockHash(ledger.network, header);
    if (hashes.length < done / SAMPLE_EVERY) hashes.push(hash);
    return {
      block: {
        header,
        signature: sign(hash, laneKeys[lane]!.secretKey),
        certificate: answered(prng, header, hash),
        body: body.bytes,
      },
      body,
      hash,
      ids: blockIds,
      valid: new Uint8Array(inside.length).fill(1),
      committee: NO_ANSWER_PAID,
    };
  };

  let refused = 0;
  for (let pending: ReturnType<typeof roundWrites> = []; done < transactions; ) {
    const prepared = laneKeys.map((_, lane) => block(lane));
    const input = {
      ...{ number: ledger.round + 1, timeMs: ledger.timeMs, seedProof: new Uint8Array(0), resets: [] },
      ...{ epochVotes: [], beacon: [], misbehaviours: [], blocks: prepared.map((one) => one.block) },
    };
    const outcome = ledger.applyRound(input, prepared);
    refused += outcome.codes.reduce((sum, code) => sum + (code === 0 ? 0 : 1), 0);
    pending.push(...roundWrites(recordOf(input, prepared, outcome, [])));
    if (done < transactions && ledger.round % ROUNDS_PER_COMMIT !== 0) continue;
    const stored = await store.commit(pending);
    if (!stored.ok) giveUp(`${stored.error.code}: ${stored.error.message}`);
    pending = [];
    if (Math.floor(done / NOTE_EVERY) > Math.floor((done - ROUNDS_PER_COMMIT * 1024) / NOTE_EVERY))
      note(`${done} transactions, round ${ledger.round}`);
  }
  if (refused > 0) giveUp(`${refused} transactions of the history were refused: it is not the one meant`);
  return { ledger, transactions: done, rounds: ledger.round, ids, hashes, keys };
}

/** Whom the ledger would pay is not what is measured. */
const NO_ANSWER_PAID: PreparedBlock['committee'] = {
  mode: CERTIFICATE_MODE.noDevices,
  ...{ paid: [], extra: [], misses: [], softMisses: [], thresholdMisses: [], incoherent: [], passedOver: [] },
  diversity: { owners: 0, makers: 0, regions: 0, hosts: 0 },
  selfAssigned: 0,
};

/** The size of a usual certificate: four answers of devices, three votes. */
function answered(
  prng: Prng,
  {
    lane,
    incarnation,
    height,
  }: { readonly lane: number; readonly incarnation: number; readonly height: number },
  hash: Uint8Array,
): PreparedBlock['block']['certificate'] {
  const at = { lane, incarnation, height, hash };
  return {
    attempt: 0,
    mode: CERTIFICATE_MODE.devices,
    attestations: Array.from({ length: 4 }, (_, rank) => ({
      ...{ ...at, attempt: 0, rank, cited: hash, device: prng.below(HISTORY.devices), boot: 1 },
      ...{ counter: height, head: prng.bytes(32), signature: prng.bytes(64) },
    })),
    votes: Array.from({ length: 3 }, (_, witness) => ({ ...at, witness, signature: prng.bytes(64) })),
    ...{ misses: [], thresholdMisses: [], incoherent: [], assigned: [] },
  };
}
