import { writeU16, writeU64 } from '@iotw/kernel/bytes';
import { sign } from '@iotw/kernel/ed25519';
import type { Ledger } from '@iotw/ledger/ledger';
import type { PreparedBlock, RoundOutcome } from '@iotw/ledger/round-outcome';
import type { RoundInput, RoundSignature } from '@iotw/protocol/round';
import type { HeldKeys } from '../held-keys.js';
import type { RoundRecord } from './round-record.js';

/** A decided round and what came of it, as it goes to disk. */
export function recordOf(
  input: RoundInput,
  prepared: readonly PreparedBlock[],
  outcome: RoundOutcome,
  signatures: RoundSignature[],
): RoundRecord {
  const count = prepared.reduce((n, { block }) => n + block.header.count, 0);
  const ids = new Uint8Array(32 * count);
  const valid = new Uint8Array(count);
  let at = 0;
  for (const block of prepared) {
    ids.set(block.ids, 32 * at);
    valid.set(block.valid, at);
    at += block.block.header.count;
  }
  const places = new Map(prepared.map((block, place) => [block, place]));
  const order = new Uint8Array(2 * outcome.applied.length);
  outcome.applied.forEach((block, i) => {
    writeU16(order, 2 * i, places.get(block)!);
  });
  const results = outcome.codes.length;
  const codes = new Uint8Array(2 * results);
  const fees = new Uint8Array(8 * results);
  for (let i = 0; i < results; i++) {
    writeU16(codes, 2 * i, outcome.codes[i]!);
    writeU64(fees, 8 * i, outcome.fees[i]!);
  }
  return { header: outcome.header, signatures, input, order, ids, valid, codes, fees };
}

interface Signer {
  readonly index: number;
  readonly keys: HeldKeys;
  readonly ledger: Pick<Ledger, 'ledgerServers'>;
}

/** A server's signature of a round it has just applied; none where it fetches a round from before its own admission. */
export function ownSignature(
  { index: server, keys, ledger }: Signer,
  { hash }: Pick<RoundOutcome, 'hash'>,
): RoundSignature[] {
  const key = ledger.ledgerServers.read(server)?.key;
  return key === undefined ? [] : [{ server, signature: sign(hash, keys.listed(key).secretKey) }];
}
