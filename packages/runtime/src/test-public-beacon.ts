/** A network of one process that lives two minutes before drand published a round, for tests of the emergency beacon. */
import { readFileSync } from 'node:fs';
import { PUBLIC_BEACONS, publicRoundMs } from '@iotw/assignment/public-beacons';
import { fromHex, utf8 } from '@iotw/kernel/bytes';
import { keys, type TestNetwork } from '@iotw/ledger/test-network';
import type { Operation } from '@iotw/protocol/operations';
import { SEED_SOURCE } from '@iotw/protocol/parameters';
import { encodeProposal, PROPOSAL_KIND } from '@iotw/protocol/proposals';
import { signTransaction } from '@iotw/protocol/transaction';
import { type LoneServer, loneNetwork } from './test-lone-server.js';

export const BEACON = PUBLIC_BEACONS.find(({ name }) => name === 'drand quicknet')!;
const { round, signature } = JSON.parse(
  readFileSync(new URL('../../../spec/vectors/external/drand_beacons.json', import.meta.url), 'utf8'),
).quicknet.rounds[0] as { round: number; signature: string };
export const ROUND = round;
/** What the beacon published in that round. */
export const VALUE = fromHex(signature)!;

const SHIFT_MS = Date.now() - (publicRoundMs(BEACON, ROUND) - 120_000);
export const clock = { nowMs: () => Date.now() - SHIFT_MS };

/** Its seeds come from a shared key; alice is its committee. */
export function beaconNetwork(beaconStepMs: number): TestNetwork {
  const parameters = { epochMs: 1_000, seedSource: SEED_SOURCE.threshold, beaconStepMs };
  return loneNetwork(clock.nowMs(), parameters);
}

/** The committee's vote that ROUND opens `epoch`. */
export function nameRound(epoch: number): Operation {
  const content = { epoch, chain: BEACON.chain, round: ROUND };
  const proposal = encodeProposal({ kind: 'emergencyBeacon', content });
  return { type: 'propose', kind: PROPOSAL_KIND.emergencyBeacon, expiryEpoch: 100, content: proposal };
}

/** Sends transactions to a process, each of one operation, with the senders' sequences. */
export class Sender {
  readonly #server: LoneServer;
  readonly #network: Uint8Array;
  readonly #sequences = new Map<string, number>();

  constructor(server: LoneServer, network: Uint8Array) {
    this.#server = server;
    this.#network = network;
  }

  /** Resolves with id and result code once the transaction is final. */
  async send(
    sender: string,
    made: (sequence: number) => Operation,
  ): Promise<{ readonly id: Uint8Array; readonly code: number }> {
    const sequence = (this.#sequences.get(sender) ?? 0) + 1;
    this.#sequences.set(sender, sequence);
    const pair = keys(sender);
    const { envelope, id } = signTransaction(
      this.#network,
      {
        sender: pair.publicKey,
        sequence,
        operations: [made(sequence)],
        memo: utf8(''),
        expiryMs: clock.nowMs() + 600_000,
      },
      pair,
    );
    const run = { bytes: envelope, offsets: Uint32Array.of(0, envelope.length) };
    const outcome = await this.#server.node.submit(run, 'final');
    if (!outcome.ok) throw new Error(outcome.error.message);
    return { id, code: outcome.value.codes[0]! };
  }
}
