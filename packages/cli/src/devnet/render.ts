import { iotw } from '../output/forms.js';
import { plainText } from '../output/plain-text.js';
import type { DevnetOrders, DevnetSnapshot } from './snapshot.js';

const LABEL = 14;
const BAR = 24;
const NARROWEST = 20;

/** The devnet as a block of lines, none longer than `width` characters. Pure. */
export function render(snapshot: DevnetSnapshot, width: number): string[] {
  const { devices, rewards, recent, apiUrl, docsUrl, notice } = snapshot;
  const lines = [
    `IOTW devnet   up ${duration(snapshot.elapsedMs)}   epoch ${count(snapshot.epoch)}   round ${count(snapshot.round)}`,
    '',
    row('transactions', `${rate(recent.transactionsPerSecond)}/s, ${volume(snapshot)}`),
    row('finality', finality(snapshot)),
    row('committee', committee(snapshot)),
    row(
      'devices',
      `${count(devices.connected)} of ${count(devices.registered)} connected, ${count(devices.present)} present, ` +
        `${count(devices.answered)} answers, ${count(devices.missed)} misses`,
    ),
    row('rewards', rewardText(rewards)),
    ...(snapshot.orders === undefined ? [row('orders', 'none')] : orderLines(snapshot.orders)),
    ...(notice === undefined ? [] : [row('note', plainText(notice))]),
    '',
    row('app', `${apiUrl}/ (open it in a browser)`),
    row('API', apiUrl),
    row('docs', docsUrl),
    'Ctrl-C stops; the next start goes on from here.',
  ];
  return lines.map((line) => cut(line, Math.max(NARROWEST, width)));
}

/** The same as one line, for logs. Pure. */
export function renderLine(snapshot: DevnetSnapshot): string {
  const { devices, recent, rewards, orders, notice } = snapshot;
  const parts = [
    `up ${duration(snapshot.elapsedMs)}`,
    `epoch ${snapshot.epoch}`,
    `round ${snapshot.round}`,
    `${rate(recent.transactionsPerSecond)} tx/s`,
    `p50 ${ms(recent.finalityP50Ms)}`,
    `p99 ${ms(recent.finalityP99Ms)}`,
    `${snapshot.blocks} blocks`,
    `${devices.connected}/${devices.registered} devices`,
    `${devices.missed} misses`,
    `${iotw(rewards.total)} paid`,
  ];
  if (orders !== undefined) {
    const failed = sum(orders.failures);
    parts.push(`${orders.invoicesDone}/${orders.invoicesTotal} invoices`);
    if (failed > 0) parts.push(`${failed} refused`);
    if (orders.state === 'finished') parts.push('orders finished');
  }
  if (notice !== undefined) parts.push(plainText(notice));
  return parts.join('  ');
}

function row(name: string, text: string): string {
  return name.padEnd(LABEL) + text;
}

function volume({ transactions, blocks, recent }: DevnetSnapshot): string {
  const perBlock = recent.transactionsPerBlock;
  const density = perBlock === undefined ? '' : `, ${perBlock.toFixed(1)} a block`;
  return `${count(transactions)} in ${count(blocks)} blocks${density}`;
}

function finality({ recent }: DevnetSnapshot): string {
  if (recent.finalityP50Ms === undefined) return 'nothing became final in the last seconds';
  return `p50 ${ms(recent.finalityP50Ms)}, p99 ${ms(recent.finalityP99Ms)} from submission to durable receipt`;
}

function committee({ recent }: DevnetSnapshot): string {
  const d = recent.diversity;
  if (d === undefined) return 'no block was mined in the last seconds';
  const [members, owners, makers, regions] = [d.members, d.owners, d.makers, d.regions].map((n) =>
    n.toFixed(1),
  );
  return `${members} devices of ${owners} owners, ${makers} makers, ${regions} regions`;
}

function rewardText({ lastEpoch, total }: DevnetSnapshot['rewards']): string {
  const all = `${iotw(total)} in all`;
  if (lastEpoch === undefined) return `${all}, the first epoch is running`;
  return `epoch ${lastEpoch.epoch} paid ${iotw(lastEpoch.paid)}, to ${count(lastEpoch.devices)} devices; ${all}`;
}

function orderLines(orders: DevnetOrders): string[] {
  const { invoicesDone, invoicesTotal, trades, refunds, failures, notReplayed, state, loops } = orders;
  const share = invoicesTotal === 0 ? 1 : Math.min(1, invoicesDone / invoicesTotal);
  const full = Math.floor(share * BAR);
  const bar = `[${'#'.repeat(full)}${'-'.repeat(BAR - full)}]`;
  const lines = [
    row(
      'orders',
      `${bar} ${count(invoicesDone)} of ${count(invoicesTotal)} invoices${state === 'finished' ? ', finished' : ''}` +
        `${loops === undefined ? '' : `, pass ${count(loops + 1)}`}`,
    ),
    row('', `${count(trades)} trades, ${count(refunds)} refunds`),
  ];
  if (sum(failures) > 0) lines.push(row('refused', tally(failures)));
  if (sum(notReplayed) > 0) lines.push(row('not replayed', tally(notReplayed)));
  return lines;
}

/** Counts by name, the largest first. */
function tally(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, n]) => n > 0)
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([name, n]) => `${count(n)} ${plainText(name)}`)
    .join(', ');
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, n) => total + n, 0);
}

function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

function rate(value: number): string {
  return value < 100 ? value.toFixed(1) : count(Math.round(value));
}

function ms(value: number | undefined): string {
  if (value === undefined) return '-';
  return value < 100 ? `${value.toFixed(1)} ms` : `${count(Math.round(value))} ms`;
}

function duration(elapsedMs: number): string {
  const seconds = Math.floor(elapsedMs / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const clock = `${String(minutes).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
  return hours === 0 ? clock : `${hours}:${clock}`;
}

function cut(line: string, width: number): string {
  const characters = [...line];
  return characters.length <= width ? line : `${characters.slice(0, width - 3).join('')}...`;
}
