import { readU16, readU32 } from '@iotw/kernel/bytes';
import { OP } from '@iotw/protocol/operations';
import { decodeOperation, ENVELOPE } from '@iotw/protocol/transaction';
import { attestationsShown } from '@iotw/protocol/witness-statements';
import { isDecisive, type RoundLayout } from '../round-layout.js';
import { hashKey, heightKey, INDEX_TABLE, locationOf, ROUND_ITSELF } from './location.js';
import type { MemoryTable } from './memory-table.js';

/** What the index asks of the ledger's tables; accounts and trades never go away, so later states answer too. */
export interface IndexLedger {
  readonly accounts: { find(bytes: Uint8Array, at?: number): number };
  readonly trades: {
    find(id: Uint8Array, operation: number): number;
    read(number: number): { readonly buyer: number } | undefined;
  };
}

/**
 * Adds up to `limit` transactions of a round from `position` on to the tables; gives the position it
 * stopped before. Block entries come with a block's first transaction, the round's with its last.
 */
export function scanRound(
  ledger: IndexLedger,
  network: Uint8Array,
  layout: RoundLayout,
  roundHash: Uint8Array,
  position: number,
  limit: number,
  tables: readonly MemoryTable[],
): number {
  const { record, blocks, number, count } = layout;
  const end = Math.min(count, position + limit);
  const transactions = tables[INDEX_TABLE.transactions]!;
  const postings = tables[INDEX_TABLE.postings]!;
  const devices = tables[INDEX_TABLE.devices]!;
  let at = position;
  for (let index = count === 0 ? 0 : layout.blockAt(position); at < end; index++) {
    const { first, count: inBlock, idsAt } = blocks[index]!;
    if (at === first) scanBlock(network, layout, index, tables);
    const { bytes, offsets } = layout.body(index);
    const stop = Math.min(end, first + inBlock);
    for (; at < stop; at++) {
      const i = at - first;
      const location = locationOf(number, at);
      transactions.add(hashKey(record.ids, idsAt + 32 * i), location);
      const code = readU16(record.codes, 2 * at);
      if (code === 0) scanShown(bytes, offsets[i]!, offsets[i + 1]!, locationOf(number, index), devices);
      // A refusal before the sequence was used proves nothing about the sender: it enters no history.
      if (isDecisive(code)) {
        scanAccounts(ledger, bytes, offsets[i]!, offsets[i + 1]!, code, location, postings);
      }
    }
  }
  if (at === count) tables[INDEX_TABLE.hashes]!.add(hashKey(roundHash, 0), locationOf(number, ROUND_ITSELF));
  return at;
}

function scanBlock(
  network: Uint8Array,
  layout: RoundLayout,
  index: number,
  tables: readonly MemoryTable[],
): void {
  const { header, certificate } = layout.blocks[index]!.block;
  const location = locationOf(layout.number, index);
  tables[INDEX_TABLE.hashes]!.add(hashKey(layout.hash(network, index), 0), location);
  tables[INDEX_TABLE.heights]!.add(heightKey(header.lane, header.height), location);
  const devices = tables[INDEX_TABLE.devices]!;
  for (const { attestations } of [certificate, ...certificate.incoherent])
    for (const { device } of attestations) devices.add(device, location);
}

/** What a transaction that took effect shows of a device's own words: evidence, appeals, answers left out. */
function scanShown(b: Uint8Array, start: number, stop: number, location: number, devices: MemoryTable): void {
  const first = start + ENVELOPE.operations;
  const end = start + ENVELOPE.transaction + readU32(b, start + ENVELOPE.memoOffset);
  const operations = readU32(b, first) >>> 2;
  for (let i = 0; i < operations && first + 4 * i < stop; i++) {
    const at = first + readU32(b, first + 4 * i);
    const selector = b[at];
    if (selector !== OP.evidence && selector !== OP.appeal && selector !== OP.leftOutAnswer) continue;
    const next = i + 1 < operations ? first + readU32(b, first + 4 * (i + 1)) : end;
    const operation = decodeOperation(b.slice(at, next));
    if (!operation.ok) continue;
    for (const { device } of attestationsShown(operation.value)) devices.add(device, location);
  }
}

/** Where the counterparty's key stands behind a trade's selector. */
const TRADE_COUNTERPARTY = 1;

/** One posting for the sender and, where the transaction applied, for everyone it paid. */
function scanAccounts(
  ledger: IndexLedger,
  b: Uint8Array,
  start: number,
  stop: number,
  code: number,
  location: number,
  postings: MemoryTable,
): void {
  const sender = ledger.accounts.find(b, start + ENVELOPE.sender);
  if (sender < 0) return;
  postings.add(sender, location);
  if (code !== 0) return;
  const first = start + ENVELOPE.operations;
  const end = start + ENVELOPE.transaction + readU32(b, start + ENVELOPE.memoOffset);
  const operations = readU32(b, first) >>> 2;
  let last = sender;
  let at = first + 4 * operations;
  for (let i = 0; i < operations && at < stop; i++) {
    const next = i + 1 < operations ? first + readU32(b, first + 4 * (i + 1)) : end;
    const other = counterparty(ledger, b, at, next);
    if (other >= 0 && other !== last && other !== sender) {
      postings.add(other, location);
      last = other;
    }
    at = next;
  }
}

/** The account number that an applied operation paid, or -1. */
function counterparty(ledger: IndexLedger, b: Uint8Array, at: number, next: number): number {
  switch (b[at]) {
    case OP.transfer:
      return readU32(b, at + 1);
    case OP.transferToKey:
      return ledger.accounts.find(b, at + 1);
    case OP.trade:
      return ledger.accounts.find(b, at + 1 + TRADE_COUNTERPARTY);
    case OP.refund: {
      const operation = decodeOperation(b.slice(at, next));
      if (!operation.ok || operation.value.type !== 'refund') return -1;
      const trade = ledger.trades.find(operation.value.transaction, operation.value.operation);
      return trade < 0 ? -1 : (ledger.trades.read(trade)?.buyer ?? -1);
    }
    default:
      return -1;
  }
}
