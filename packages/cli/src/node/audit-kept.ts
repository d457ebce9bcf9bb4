import { concatBytes, equalBytes, readU16, readU64 } from '@iotw/kernel/bytes';
import { verify } from '@iotw/kernel/ed25519';
import { merkleRoot } from '@iotw/kernel/merkle';
import type { Store } from '@iotw/kernel/ports/store';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { Ledger } from '@iotw/ledger/ledger';
import { resultsRoot } from '@iotw/ledger/results';
import { edgeStateHash } from '@iotw/ledger/state-hash';
import { storedStateBefore } from '@iotw/nodes/ledger-server/epoch-records';
import { type BlockContent, readContent } from '@iotw/nodes/ledger-server/prepared-blocks';
import { firstStoredRound } from '@iotw/nodes/ledger-server/prune';
import { pageReader } from '@iotw/nodes/ledger-server/restore';
import { type RoundRecord, storedHeader } from '@iotw/nodes/ledger-server/round-record';
import type { Genesis } from '@iotw/protocol/genesis';
import { MAX_ROUND_BLOCKS } from '@iotw/protocol/limits';
import { NODE_ROLE } from '@iotw/protocol/operations';
import { roundHash } from '@iotw/protocol/round';

/**
 * The state that an audit of a pruned ledger starts from: the stored one, whose root the hash of its round stands for. It is
 * believed. undefined: every round is there, the audit starts from the genesis. Errors: `audit-state`, `snapshot-*`.
 */
export function startOf(store: Pick<Store, 'get' | 'range'>, genesis: Genesis): Result<Ledger | undefined> {
  if ((firstStoredRound(store) ?? 1) === 1) return ok(undefined);
  const loaded = Ledger.load(pageReader(store), genesis);
  if (!loaded.ok) return loaded;
  const { network, round, stateHash } = loaded.value;
  const header = storedHeader(store, round);
  const before = storedStateBefore(store);
  const right =
    (header === undefined || equalBytes(header.stateHash, stateHash)) &&
    (before === undefined || equalBytes(edgeStateHash(network, before, loaded.value.stateRoot()), stateHash));
  return right
    ? loaded
    : fail('audit-state', `The stored state is not the one that round ${round} left.`, { round });
}

/**
 * Rounds before a state, which can't be applied again: each is what the hash of the next says, up to the state's own round, so
 * none of them can be changed while that one is believed. Signatures of transactions are for another to verify.
 */
export class KeptRoundAudit {
  readonly #ledger: Ledger;
  #last: { readonly number: number; readonly hash: Uint8Array } | undefined;

  /** `ledger`: it stands after the round that is believed. */
  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Errors: `audit-gap`, `audit-link`, `audit-results`, `audit-round-signature`, those of readContent. */
  check(record: RoundRecord): Result<void> {
    const { network, round: until, roundHash: believed } = this.#ledger;
    const { header } = record;
    const { number } = header;
    const last = this.#last;
    if (last !== undefined && number !== last.number + 1) {
      return fail('audit-gap', `Round ${last.number + 1} is not on disk, but ${number} is.`);
    }
    const hash = roundHash(network, header);
    const linked = last === undefined || equalBytes(header.previous, last.hash);
    if (!linked || (number === until && !equalBytes(hash, believed))) {
      return fail('audit-link', `Round ${number} does not follow the one before it, or is not the state's.`, {
        round: number,
      });
    }
    this.#last = { number, hash };
    const content = checkContent(network, record);
    return content.ok ? this.#checkSignatures(record, hash) : content;
  }

  #checkSignatures({ header, signatures }: RoundRecord, hash: Uint8Array): Result<void> {
    const { nodeKeys } = this.#ledger;
    const good = signatures.every(({ server, signature }) =>
      nodeKeys.heldAt(NODE_ROLE.ledger, server, header.number).some((key) => verify(signature, hash, key)),
    );
    if (good && signatures.length > 0) return ok(undefined);
    return fail(
      'audit-round-signature',
      `Round ${header.number} is not signed by the ledger servers it names.`,
      {
        round: header.number,
      },
    );
  }
}

/** Blocks, bodies and results are those that the header's roots stand for. */
function checkContent(network: Uint8Array, record: RoundRecord): Result<void> {
  const { header, input, order } = record;
  const wrong = (): Result<never> =>
    fail('audit-results', `Round ${header.number} was stored with other blocks or results than it has.`, {
      round: header.number,
    });
  const contents: BlockContent[] = [];
  let at = 0;
  for (const block of input.blocks) {
    const { count } = block.header;
    const ids = record.ids.subarray(32 * at, 32 * (at + count));
    const content = readContent(network, block, { ids, valid: record.valid.subarray(at, at + count) });
    if (!content.ok) return content;
    contents.push(content.value);
    at += count;
  }
  const applied = Array.from({ length: order.length / 2 }, (_, i) => contents[readU16(order, 2 * i)]);
  if (applied.some((content) => content === undefined)) return wrong();
  const hashes = concatBytes(...applied.map((content) => content!.hash));
  const ids = concatBytes(...applied.map((content) => content!.ids));
  const results = ids.length / 32;
  if (record.codes.length !== 2 * results || record.fees.length !== 8 * results) return wrong();
  const codes = Uint16Array.from({ length: results }, (_, i) => readU16(record.codes, 2 * i));
  const fees = Float64Array.from({ length: results }, (_, i) => readU64(record.fees, 8 * i));
  const right =
    equalBytes(merkleRoot(hashes, applied.length, MAX_ROUND_BLOCKS), header.blocksRoot) &&
    equalBytes(resultsRoot(codes, fees, ids), header.resultsRoot);
  return right ? ok(undefined) : wrong();
}
