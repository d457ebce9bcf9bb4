import { toHex } from '@iotw/kernel/bytes';
import type { AddressPrefix } from '@iotw/protocol/address';
import { blockHash } from '@iotw/protocol/header';
import type { Receipt } from '@iotw/protocol/receipt';
import { transactionToJson } from '@iotw/protocol/transaction-json';
import type { CheckList } from '@iotw/sdk/verify/checks';
import type { ReceiptReport } from '@iotw/sdk/verify/receipt';
import type { ShownTransaction } from './report.ts';

/**
 * Holds what a page shows against what was proven: a server may prove one thing and say another. Checks: `shown-content`,
 * `shown-result`, `shown-place`.
 */
export function checkShown(
  list: CheckList,
  shown: ShownTransaction,
  receipt: Receipt,
  report: ReceiptReport,
  network: Uint8Array,
  prefix: AddressPrefix,
): void {
  const { transaction, result, fee } = report;
  const proven = {
    id: toHex(report.id),
    transaction: transaction === undefined ? null : transactionToJson(transaction, prefix),
  };
  const difference = differenceOf(proven, { id: shown.id, transaction: shown.transaction }, '');
  list.test(
    'shown-content',
    difference === undefined,
    'What the page shows of the transaction is what its sender signed.',
    `The page shows another content than the sender signed: ${difference}.`,
  );
  const status = result === 'ok' ? 'final' : 'failed';
  list.test(
    'shown-result',
    shown.code === result && shown.fee === fee && shown.status === status,
    'Result and fee on the page are those of the round.',
    `The page shows ${shown.status}, ${shown.code} and the fee ${shown.fee}; the round gave ${result} and ${fee}.`,
  );
  const { header, round, index } = receipt;
  const hash = toHex(blockHash(network, header));
  const place = {
    round: round.number,
    timeMs: round.timeMs,
    block: { lane: header.lane, height: header.height, hash, index },
  };
  const { round: number, timeMs, block } = shown;
  const moved = differenceOf(place, { round: number, timeMs, block: { ...block } }, '');
  list.test(
    'shown-place',
    moved === undefined,
    'Block, round and time on the page are those of the receipt.',
    `The page shows another place than the receipt: ${moved}.`,
  );
}

/** Where two JSON values differ first; undefined: nowhere. Members that only one of them lacks count too. */
export function differenceOf(proven: unknown, shown: unknown, at: string): string | undefined {
  if (Object.is(proven, shown)) return undefined;
  if (!isObject(proven) || !isObject(shown)) {
    return `${at || '/'} is ${text(proven)}, shown is ${text(shown)}`;
  }
  for (const name of new Set([...Object.keys(proven), ...Object.keys(shown)])) {
    const found = differenceOf(proven[name], shown[name], `${at}/${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

const SHOWN = 80;

function text(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, SHOWN);
}
