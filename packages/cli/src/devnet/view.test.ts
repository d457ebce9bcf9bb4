import { describe, expect, it } from 'vitest';
import { render, renderLine } from './render.js';
import type { DevnetSnapshot } from './snapshot.js';
import { DevnetView } from './view.js';

const FULL: DevnetSnapshot = {
  elapsedMs: 3_723_000,
  epoch: 8,
  round: 12_345,
  transactions: 1_234_567,
  blocks: 98_765,
  recent: {
    transactionsPerSecond: 10.24,
    finalityP50Ms: 3.14,
    finalityP99Ms: 123.4,
    transactionsPerBlock: 12.5,
    diversity: { members: 4, owners: 4, makers: 3.25, regions: 2.96 },
  },
  devices: { registered: 1_000, connected: 998, present: 997, answered: 45_678, missed: 3 },
  rewards: { lastEpoch: { epoch: 7, paid: 9_500_000, devices: 812 }, total: 123_456_789 },
  orders: {
    state: 'running',
    invoicesDone: 92,
    invoicesTotal: 184,
    trades: 3_456,
    refunds: 78,
    failures: { 'fee-unpaid': 1, 'balance-too-low': 3 },
    notReplayed: { 'no-price': 12, 'refund-without-purchase': 25, adjustment: 0 },
    loops: 0,
  },
  apiUrl: 'http://127.0.0.1:8787',
  docsUrl: 'http://127.0.0.1:8787/docs',
};

const { notice: _none, ...rest } = FULL;
const EMPTY: DevnetSnapshot = {
  ...rest,
  elapsedMs: 0,
  epoch: 0,
  round: 0,
  transactions: 0,
  blocks: 0,
  recent: {
    transactionsPerSecond: 0,
    finalityP50Ms: undefined,
    finalityP99Ms: undefined,
    transactionsPerBlock: undefined,
    diversity: undefined,
  },
  devices: { registered: 1_000, connected: 0, present: 0, answered: 0, missed: 0 },
  rewards: { lastEpoch: undefined, total: 0 },
  orders: undefined,
  notice: 'the device fleet\u001b[2J is logging in',
};

describe('the picture', () => {
  it('shows everything', () => {
    expect(render(FULL, 100)).toEqual([
      'IOTW devnet   up 1:02:03   epoch 8   round 12,345',
      '',
      'transactions  10.2/s, 1,234,567 in 98,765 blocks, 12.5 a block',
      'finality      p50 3.1 ms, p99 123 ms from submission to durable receipt',
      'committee     4.0 devices of 4.0 owners, 3.3 makers, 3.0 regions',
      'devices       998 of 1,000 connected, 997 present, 45,678 answers, 3 misses',
      'rewards       epoch 7 paid 9.5 IOTW, to 812 devices; 123.456789 IOTW in all',
      'orders        [############------------] 92 of 184 invoices, pass 1',
      '              3,456 trades, 78 refunds',
      'refused       3 balance-too-low, 1 fee-unpaid',
      'not replayed  25 refund-without-purchase, 12 no-price',
      '',
      'app           http://127.0.0.1:8787/ (open it in a browser)',
      'API           http://127.0.0.1:8787',
      'docs          http://127.0.0.1:8787/docs',
      'Ctrl-C stops; the next start goes on from here.',
    ]);
  });

  it('says what is not there yet, and obeys no escape in a notice', () => {
    expect(render(EMPTY, 100)).toEqual([
      'IOTW devnet   up 00:00   epoch 0   round 0',
      '',
      'transactions  0.0/s, 0 in 0 blocks',
      'finality      nothing became final in the last seconds',
      'committee     no block was mined in the last seconds',
      'devices       0 of 1,000 connected, 0 present, 0 answers, 0 misses',
      'rewards       0 IOTW in all, the first epoch is running',
      'orders        none',
      'note          the device fleet\u{fffd}[2J is logging in',
      '',
      'app           http://127.0.0.1:8787/ (open it in a browser)',
      'API           http://127.0.0.1:8787',
      'docs          http://127.0.0.1:8787/docs',
      'Ctrl-C stops; the next start goes on from here.',
    ]);
  });

  it('fits any width', () => {
    for (const width of [20, 33, 80]) {
      for (const line of render(FULL, width)) expect(line.length).toBeLessThanOrEqual(width);
    }
    expect(render(FULL, 33)[2]).toBe('transactions  10.2/s, 1,234,56...');
  });

  it('is one line for a log', () => {
    expect(renderLine({ ...FULL, orders: { ...FULL.orders!, state: 'finished' } })).toBe(
      'up 1:02:03  epoch 8  round 12345  10.2 tx/s  p50 3.1 ms  p99 123 ms  98765 blocks  998/1000 devices  3 misses  123.456789 IOTW paid  92/184 invoices  4 refused  orders finished',
    );
  });
});

class Screen {
  text = '';
  columns = 40;
  constructor(readonly isTTY: boolean) {}
  write(text: string): void {
    this.text += text;
  }
  take(): string {
    const { text } = this;
    this.text = '';
    return text;
  }
}

describe('a terminal', () => {
  it('hides the cursor, redraws in place, and gives the cursor back once', () => {
    const screen = new Screen(true);
    const view = new DevnetView(screen);
    view.update(EMPTY);
    const first = screen.take();
    expect(first.startsWith('\u001b[?25l')).toBe(true);
    expect(first.endsWith('\u001b[K\n\u001b[J')).toBe(true);
    view.update(EMPTY);
    expect(screen.take().startsWith('\u001b[14FIOTW devnet')).toBe(true);
    view.close();
    view.close();
    expect(screen.take()).toBe('\u001b[?25h');
    expect(process.listenerCount('exit')).toBe(before);
  });

  it('made narrower it has folded lines, which are counted', () => {
    const screen = new Screen(true);
    const view = new DevnetView(screen);
    view.update(EMPTY);
    const drawn = render(EMPTY, 39);
    screen.take();
    screen.columns = 25;
    view.update(EMPTY);
    const rows = drawn.reduce((n, line) => n + Math.max(1, Math.ceil(line.length / 25)), 0);
    expect(rows).toBeGreaterThan(drawn.length);
    expect(screen.take().startsWith(`\u001b[${rows}FIOTW`)).toBe(true);
    view.close();
  });

  it('a note stays above the picture', () => {
    const screen = new Screen(true);
    const view = new DevnetView(screen);
    view.update(EMPTY);
    screen.take();
    view.note('hello');
    expect(screen.take().startsWith('\u001b[14Fhello\u001b[K\nIOTW devnet')).toBe(true);
    view.close();
  });
});

it('elsewhere there is one line every few seconds', () => {
  const screen = new Screen(false);
  const view = new DevnetView(screen, { lineEveryMs: 5_000 });
  for (const elapsedMs of [0, 300, 4_999, 5_000, 9_000, 10_001]) view.update({ ...EMPTY, elapsedMs });
  view.close();
  const lines = screen.take().trimEnd().split('\n');
  expect(lines.map((line) => line.slice(0, 8))).toEqual(['up 00:00', 'up 00:05', 'up 00:10']);
  expect(screen.text).not.toContain('\u001b');
});

const before = process.listenerCount('exit');
