/** Every command that talks to a node, against a real one: LMDB, worker threads, API; no devices, so blocks are unmined. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { encodeAddress } from '@iotw/protocol/address';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iotw, iotwJson } from '../test-io.js';

const seed = (fill: number) => new Uint8Array(32).fill(fill);
const address = (fill: number) => encodeAddress('tiotw', 0, keyPairFromSeed(seed(fill)).publicKey);
const [ALICE, SHOP, NOBODY] = [1, 2, 3] as const;

let dir: string;
let api: string;
let network: string;
let announceStop: () => void;
let ended: Promise<{ code: number; err: string }>;
const file = (...path: string[]) => join(dir, ...path);
const genesis = () => file('network', 'genesis.json');
const as = (fill: number) => ['--signer-key-file', file(`${fill}.key`)];

// biome-ignore lint/suspicious/noExplicitAny: the answers are looked into field by field
async function call(...words: string[]): Promise<any> {
  const { code, value } = await iotwJson([...words, '--api', api]);
  expect(value.error, JSON.stringify(value.error)).toBeUndefined();
  expect(code).toBe(0);
  return value;
}

async function refused(...words: string[]): Promise<string> {
  const { code, value } = await iotwJson([...words, '--api', api]);
  expect(code).toBe(1);
  return (value as { error: { code: string } }).error.code;
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'iotw-cli-'));
  for (const fill of [ALICE, SHOP, NOBODY, 9])
    writeFileSync(file(`${fill}.key`), `${toHex(seed(fill))}\n`, { mode: 0o600 });
  const words = [
    '--dir',
    file('network'),
    '--trust-nodes',
    '1',
    '--epoch-seconds',
    '1',
    '--api-port',
    '0',
    '--mqtt-port',
    '0',
  ];
  const made = await iotwJson(['genesis', 'create', ...words, '--account', `${address(ALICE)}=1000`]);
  network = String(made.value.network);
  const stop = new Promise<void>((resolve) => {
    announceStop = resolve;
  });
  const ready = new Promise<string>((resolve, reject) => {
    ended = startNode(stop, (line) => resolve(JSON.parse(line).apiUrl));
    void ended.then(({ err }) => reject(new Error(err)));
  });
  ended.catch(() => {});
  api = await ready;
});

afterAll(async () => {
  announceStop();
  await ended;
  rmSync(dir, { recursive: true, force: true });
});

async function startNode(stop: Promise<void>, onLine: (line: string) => void) {
  const { run } = await import('../program.js');
  let err = '';
  const code = await run(['node', '--config', file('network', 'node.json'), '--json'], {
    out: onLine,
    err: (text) => {
      err += text;
    },
    outIsTerminal: false,
    errIsTerminal: false,
    inIsTerminal: false,
    color: false,
    env: {},
    stopRequested: () => stop,
  });
  return { code, err };
}

describe('beacon', () => {
  it('status says what the next epoch waits for, and which public rounds a vote could name', async () => {
    const shown = await call('beacon', 'status');
    expect(shown).toMatchObject({ source: 'vrf', emergency: null, ceremony: null });
    expect(shown.waitsFor).toContain('ledger server 0');
    expect(shown.nameable).toHaveLength(2);
    for (const { outMs } of shown.nameable) expect(outMs).toBeGreaterThan(shown.dueMs);
  });

  it('submit brings nothing where no vote named a round', async () => {
    expect(await refused('beacon', 'submit', '--signature', 'ab', ...as(ALICE))).toBe('emergency-none');
  });
});

describe('money', () => {
  let trade: string;

  it('send moves it, and account shows it', async () => {
    const sent = await call('send', address(SHOP), '12.000001', ...as(ALICE), '--memo', 'rent');
    expect(sent).toMatchObject({ status: 'final', result: 'ok', sequence: 1 });
    expect(await call('account', 'show', address(SHOP))).toMatchObject({ balance: 12_000_001, sequence: 0 });
    const { fee } = sent;
    expect((await call('account', 'show', address(ALICE))).balance).toBe(1_000_000_000 - 12_000_001 - fee);
    expect(await call('tx', 'show', sent.id)).toMatchObject({
      code: 'ok',
      transaction: { memo: 'rent', operations: [{ type: 'transferToKey', amount: 12_000_001 }] },
    });
  });

  it('send by account number, only until it is accepted', async () => {
    const { number } = await call('account', 'show', address(SHOP));
    const sent = await call('send', String(number), '1', ...as(ALICE), '--wait', 'accepted');
    expect(['accepted', 'final']).toContain(sent.status);
    // Until it is final the account does not show that its number is taken.
    while ((await call('account', 'show', address(ALICE))).sequence < sent.sequence);
  });

  it('buy is a trade, and refund gives part of it back', async () => {
    const words = [
      '--item',
      'Hand warmer',
      '--quantity',
      '6',
      '--warranty-days',
      '30',
      '--shop-data',
      'aisle 7',
    ];
    const bought = await call('buy', address(SHOP), '30.6', ...words, ...as(ALICE));
    trade = bought.id;
    const { transaction } = await call('tx', 'show', trade);
    expect(transaction.operations).toMatchObject([
      {
        type: 'trade',
        side: 'buyer',
        amount: 30_600_000,
        quantity: 6,
        warrantyDays: 30,
        item: 'Hand warmer',
        data: 'aisle 7',
      },
    ]);
    expect(await call('refund', trade, '10', ...as(SHOP))).toMatchObject({ result: 'ok' });
  });

  it('an operation without effect is a failure with its own code and the transaction id', async () => {
    const { code, value } = await iotwJson(['refund', trade, '30', ...as(SHOP), '--api', api]);
    expect(code).toBe(1);
    expect(value).toMatchObject({
      status: 'failed',
      result: 'refund-exceeds-trade',
      error: { code: 'refund-exceeds-trade' },
    });
    expect(await refused('refund', trade, '1', ...as(ALICE))).toBe('refund-not-seller');
  });

  it('faucet gives test money', async () => {
    const given = await call('faucet', address(9));
    expect((await call('account', 'show', address(9))).balance).toBe(given.amount);
  });

  it('account history is newest first, page after page', async () => {
    const { items } = await call('account', 'history', address(ALICE), '--limit', '2');
    expect(items).toHaveLength(2);
    expect(items[0].timeMs).toBeGreaterThanOrEqual(items[1].timeMs);
    const { out } = await iotw(['account', 'history', address(ALICE), '--api', api]);
    expect(out).toMatch(/^time +transaction +operations +result +fee\n/);
    expect(out).toContain('  trade  ');
  });

  const bad: [name: string, words: () => string[], code: string][] = [
    [
      'an address with a typing error',
      () => ['send', `${address(SHOP).slice(0, -1)}q`, '1', ...as(ALICE)],
      'address-checksum',
    ],
    [
      "another network's address",
      () => ['send', encodeAddress('iotw', 0, seed(2)), '1', ...as(ALICE)],
      'address-wrong-network',
    ],
    ['an amount too fine', () => ['send', address(SHOP), '0.0000001', ...as(ALICE)], 'amount-format'],
    ['more than there is', () => ['send', address(SHOP), '9000', ...as(ALICE)], 'balance-too-low'],
    ['a signer without an account', () => ['send', address(SHOP), '1', ...as(NOBODY)], 'account-not-found'],
    [
      'another network than meant',
      () => ['send', address(SHOP), '1', ...as(ALICE), '--network', '00'.repeat(32)],
      'client-network-mismatch',
    ],
    [
      'a network that is no id',
      () => ['send', address(SHOP), '1', ...as(ALICE), '--network', 'mine'],
      'client-network',
    ],
    [
      'a memo too long',
      () => ['send', address(SHOP), '1', ...as(ALICE), '--memo', 'x'.repeat(257)],
      'transaction-request',
    ],
    [
      'an item too long',
      () => ['buy', address(SHOP), '1', ...as(ALICE), '--item', 'x'.repeat(65)],
      'trade-terms',
    ],
    [
      'terms that are no hash',
      () => ['buy', address(SHOP), '1', ...as(ALICE), '--terms', 'x'],
      'trade-terms',
    ],
    ['a trade nobody made', () => ['refund', '00'.repeat(32), '1', ...as(SHOP)], 'trade-unknown'],
    ['a refund of no id', () => ['refund', 'abc', '1', ...as(SHOP)], 'client-transaction-id'],
    ['a transaction nobody sent', () => ['tx', 'show', '00'.repeat(32)], 'transaction-not-found'],
    ['a block that is not', () => ['block', 'show', '0/999999'], 'block-not-found'],
    ['a block without a place', () => ['block', 'show', '12'], 'block-place'],
    ['an account nobody credited', () => ['account', 'show', address(NOBODY)], 'account-not-found'],
    ['a device that is not', () => ['device', 'show', '4096'], 'device-unknown'],
    ['an epoch to come', () => ['epoch', 'show', '100000'], 'epoch-not-found'],
    ['an epoch that is none', () => ['epoch', 'show', 'now'], 'epoch-number'],
  ];
  for (const [name, words, code] of bad) {
    it(`refuses ${name}`, async () => expect(await refused(...words())).toBe(code));
  }

  it('a server that is not there has a code and a mend', async () => {
    const ran = await iotwJson(['account', 'show', '0', '--api', 'http://127.0.0.1:1']);
    expect(ran).toMatchObject({ code: 1, value: { error: { code: 'client-unreachable' } } });
  });
});

describe('devices and makers', () => {
  const batch = () => [
    '--maker',
    '100',
    '--batch',
    '1',
    '--batch-key-file',
    file('network', 'makers', '100.batch.key'),
  ];

  it('register, claim, show, list, why, release', async () => {
    const registered = await call(
      'device',
      'register',
      '--key-file',
      file('9.key'),
      ...batch(),
      '--region',
      'frankfurt',
      '--class',
      'meter',
      ...as(ALICE),
    );
    expect(registered.result).toBe('ok');
    const key = toHex(keyPairFromSeed(seed(9)).publicKey);
    expect(await call('device', 'show', key)).toMatchObject({
      device: 0,
      region: 'frankfurt',
      deviceClass: 'meter',
      owner: null,
    });
    await call('device', 'claim', '--key-file', file('9.key'), ...as(ALICE));
    const { items } = await call('device', 'list', '--owner', address(ALICE), '--maker', '100');
    expect(items).toMatchObject([{ device: 0, owner: address(ALICE) }]);
    expect((await call('device', 'list', '--maker', '3')).items).toEqual([]);
    expect(await refused('device', 'claim', '--key-file', file('9.key'), ...as(SHOP))).toMatch(/^device-/);
    const { acceptance, from } = await call('device', 'accept', '0', ...as(SHOP));
    expect(from).toBe(address(ALICE));
    const handover = ['device', 'handover', '0', '--acceptance', acceptance, ...as(ALICE)];
    expect(await refused(...handover, '--to', address(NOBODY))).toBe('handover-signature');
    expect(await refused(...handover.with(4, 'aa'), '--to', address(SHOP))).toBe('handover-signature');
    await call(...handover, '--to', address(SHOP));
    expect(await call('device', 'show', '0')).toMatchObject({ owner: address(SHOP), ownershipChanges: 2 });
    expect(await refused(...handover, '--to', address(SHOP))).toBe('device-not-owner');
    await call('device', 'release', '0', ...as(SHOP));
    expect(await call('device', 'show', '0')).toMatchObject({ owner: null, ownershipChanges: 3 });
    // It was never present, so no pool has it and any host will do.
    expect(await call('device', 'host', '0')).toEqual({ device: 0, host: null, recommendedHost: null });
    expect(await refused('device', 'accept', '0', ...as(ALICE))).toBe('device-not-owner');
    expect(await refused('device', 'register', '--key-file', file('9.key'), ...batch(), ...as(ALICE))).toBe(
      'device-exists',
    );
  });

  it('why tells of an ended epoch', async () => {
    const ended = await endedEpoch();
    const why = await call('device', 'why', '0', '--epoch', String(ended));
    expect(why).toMatchObject({ device: 0, epoch: ended, minerAmount: 0 });
    expect(why.reasons.length).toBeGreaterThan(0);
    expect(await call('epoch', 'show', String(ended))).toMatchObject({
      epoch: ended,
      state: 'ended',
      poolDevices: 0,
    });
    expect(await call('epoch', 'show')).toMatchObject({ mode: 'random' });
  });

  it('farms tells who holds how much of a pool', async () => {
    const epoch = await endedEpoch();
    const report = await call('device', 'farms', '--by', 'maker', '--epoch', String(epoch));
    expect(report).toMatchObject({ epoch, by: 'maker', threshold: 100_000 });
    expect(report.items.length).toBeLessThanOrEqual(1);
    const { code, out } = await iotw(['device', 'farms', '--by', 'cohort', '--flagged', '--api', api]);
    expect([code, out]).toEqual([0, expect.stringContaining('in the pool of epoch')]);
  });

  it('a maker opens a batch by its root key', async () => {
    writeFileSync(file('new.key'), toHex(seed(40)));
    const words = [
      'maker',
      'batch',
      '--maker',
      '100',
      '--batch',
      '2',
      '--quota',
      '5',
      '--batch-key-file',
      file('new.key'),
    ];
    await call(...words, '--root-key-file', file('network', 'makers', '100.root.key'), ...as(ALICE));
    const { items } = await call('maker', 'list');
    expect(items.at(-1)).toMatchObject({
      maker: 100,
      batches: [
        { batch: 1, used: 1, people: false },
        { batch: 1_000, used: 0 },
        { batch: 2, quota: 5, used: 0 },
      ],
    });
    expect(await refused(...words, '--root-key-file', file('9.key'), ...as(ALICE))).toBe('batch-exists');
  });

  it('refuses what is not complete', async () => {
    expect(await refused('device', 'register', '--key-file', file('9.key'), ...as(ALICE))).toBe(
      'device-origin',
    );
    expect(await refused('device', 'register', '--key-file', file('9.key'), '--devnet', dir)).toBe(
      'devnet-damaged',
    );
    const words = ['device', 'register', '--key-file', file('3.key'), ...batch(), ...as(ALICE)];
    expect(await refused(...words, '--region', 'atlantis')).toBe('device-region');
  });
});

describe('the steering committee', () => {
  const member = (n: number) => ['--signer-key-file', file('network', 'committee', `${n}.key`)];
  const MODE = '{"changes":{"electionMode":"uptime","feeBps":7}}';

  it('switches the election mode while the network runs, by proposal and vote', async () => {
    const { threshold, members } = await call('proposal', 'committee');
    expect([threshold, members.length]).toEqual([2, 3]);
    for (const who of members.slice(0, 2)) await call('send', who, '5', ...as(ALICE));
    expect((await call('epoch', 'show')).mode).toBe('random');
    expect(await call('proposal', 'create', 'parameters', MODE, ...member(0))).toMatchObject({
      result: 'ok',
    });
    expect(await call('proposal', 'show', '0')).toMatchObject({
      ...{ kind: 'parameters', state: 'open', yes: 1, no: 0, threshold: 2, proposer: members[0] },
      content: { changes: { electionMode: 'uptime', feeBps: 7 } },
    });
    expect(await refused('proposal', 'vote', '0', '--no', ...member(0))).toBe('vote-repeated');
    expect(await refused('proposal', 'vote', '0', '--yes', ...as(ALICE))).toBe('committee-not-member');
    expect(await call('proposal', 'vote', '0', '--yes', ...member(1))).toMatchObject({ result: 'ok' });
    let shown = await call('epoch', 'show');
    while (shown.mode === 'random') {
      await new Promise((resolve) => setTimeout(resolve, 200));
      shown = await call('epoch', 'show');
    }
    const decided = await call('proposal', 'show', '0');
    expect(decided).toMatchObject({ state: 'executed', code: null, yes: 2 });
    expect(shown).toMatchObject({ mode: 'uptime', parameters: { electionMode: 'uptime', feeBps: 7 } });
    expect((await call('epoch', 'show', String(decided.effectiveEpoch))).mode).toBe('uptime');
    expect((await call('epoch', 'show', String(decided.effectiveEpoch - 1))).mode).toBe('random');
    const { out } = await iotw(['proposal', 'list', '--api', api]);
    expect(out).toMatch(/^proposal +kind +state +yes +no +of +votes until epoch +from epoch\n/);
    expect((await call('proposal', 'list')).items).toHaveLength(1);
    // Blocks go on under the new parameters.
    expect(await call('send', address(SHOP), '1', ...as(ALICE))).toMatchObject({ result: 'ok' });
  });

  it.each([
    ['create', ['create', 'wish', '{}'], 'proposal-kind'],
    ['create', ['create', 'parameters', '{'], 'proposal-content'],
    ['create', ['create', 'parameters', '@nowhere.json'], 'file-unreadable'],
    ['create', ['create', 'makerSuspend', '{"maker":-1}'], 'proposal-json'],
    ['create', ['create', 'parameters', '{"changes":{"epochMs":0}}'], 'proposal-undecidable'],
    ['vote', ['vote', 'x', '--yes'], 'proposal-number'],
    ['vote', ['vote', '0'], 'vote-choice'],
    ['vote', ['vote', '9', '--yes'], 'proposal-unknown'],
    ['vote', ['vote', '0', '--yes'], 'proposal-closed'],
  ] as const)('%s %j is refused with %s', async (_, words, code) => {
    expect(await refused('proposal', ...words, ...member(1))).toBe(code);
  });

  it('a proposal that there is not', async () => {
    expect(await refused('proposal', 'show', '99')).toBe('proposal-unknown');
    expect(await refused('proposal', 'show', 'one')).toBe('proposal-number');
  });
});

async function endedEpoch(): Promise<number> {
  for (;;) {
    const { value } = await iotwJson(['epoch', 'show', '--api', api]);
    const { epoch } = value as unknown as { epoch: number };
    if (epoch >= 1) return epoch - 1;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe('verify', () => {
  it('a receipt by file needs no server, by id it is fetched', async () => {
    const { id } = await call('send', address(SHOP), '1', ...as(ALICE));
    for (const name of ['receipt.json', 'receipt.ssz']) {
      await call('tx', 'show', id, '--receipt', file(name));
      const words = ['verify', 'receipt', file(name), '--genesis', genesis(), '--network', network];
      const offline = await iotwJson([...words, '--api', 'http://127.0.0.1:1']);
      expect(offline).toMatchObject({
        code: 0,
        value: {
          paid: true,
          genuine: true,
          id,
          randomness: expect.stringMatching(/^(genesis|operator-trusted)$/),
        },
      });
    }
    const fetched = await call('verify', 'receipt', id, '--network', network);
    expect(fetched.checks.map((check: { state: string }) => check.state)).not.toContain('fail');
    const { out } = await iotw(['verify', 'receipt', id, '--api', api]);
    expect(out).toMatch(/^pass +envelope /m);
    expect(out).toMatch(/^verdict +the transaction took effect$/m);
  });

  it('a changed receipt is not genuine, one without effect says so', async () => {
    const text = readFileSync(file('receipt.json'), 'utf8');
    writeFileSync(file('forged.json'), JSON.stringify({ ...JSON.parse(text), fee: 1 }));
    const forged = await iotw(['verify', 'receipt', file('forged.json'), '--genesis', genesis()]);
    expect(forged.code).toBe(1);
    expect(forged.out).toMatch(/^FAIL +result-path /m);
    expect(forged.err).toMatch(/^receipt-not-genuine: /);
    const { value } = await iotwJson(['send', address(SHOP), '9000', ...as(ALICE), '--api', api]);
    expect(await refused('verify', 'receipt', String(value.id))).toBe('receipt-no-effect');
  });

  it('a block by place', async () => {
    const sent = await call('send', address(SHOP), '1', ...as(ALICE));
    const { block } = await call('tx', 'show', sent.id);
    const place = `${block.lane}/${block.height}`;
    expect(await call('verify', 'block', place)).toMatchObject({
      genuine: true,
      hash: block.hash,
      transactions: [{ id: sent.id, result: 'ok' }],
    });
    expect(await call('block', 'show', place, '--election')).toMatchObject({
      hash: block.hash,
      election: { lane: block.lane },
    });
  });

  it('an election, a committee, a beacon: from the server, and from what it said alone', async () => {
    const sent = await call('send', address(SHOP), '1', ...as(ALICE));
    const { block } = await call('tx', 'show', sent.id);
    const place = `${block.lane}/${block.height}`;
    const save = ['--save', file('public.json'), '--network', network];
    const election = await call('verify', 'election', place, ...save);
    expect(election).toMatchObject({ genuine: true, eligible: 0, ranks: [] });
    const named = election.checks.map((check: { name: string }) => check.name);
    for (const name of [
      'seed-chain',
      'pool-root',
      'round-signatures',
      'committee',
      'block-path',
      'results',
    ]) {
      expect(named).toContain(name);
    }
    const offline = ['--from', file('public.json'), '--genesis', genesis(), '--network', network];
    const alone = await iotwJson(['verify', 'committee', place, ...offline, '--api', 'http://127.0.0.1:1']);
    expect(alone).toMatchObject({
      code: 0,
      value: { genuine: true, mode: 'noDevices', members: [], votes: [0] },
    });
    const { out } = await iotw(['verify', 'block', place, ...offline]);
    expect(out).toMatch(/^pass +block \S+ +results +/m);
    expect(out).toMatch(/^verdict +nothing is wrong; \d+ checks lack what they take$/m);
    const seed = await call('verify', 'beacon', '1', '--network', network);
    expect(seed).toMatchObject({ genuine: true, epoch: 1, server: 0, randomness: 'operator-trusted' });
    expect(await call('verify', 'beacon', '2', '--seed-epoch', '1', '--seed', seed.seed)).toMatchObject({
      genuine: true,
    });
    const wrong = await iotwJson([
      'verify',
      'beacon',
      '2',
      '--seed-epoch',
      '1',
      '--seed',
      '00'.repeat(32),
      '--api',
      api,
    ]);
    expect(wrong).toMatchObject({ code: 1, value: { error: { code: 'public-data-not-genuine' } } });
  });

  it('says which check a changed file fails, what was expected and what came', async () => {
    const whole = JSON.parse(readFileSync(file('public.json'), 'utf8'));
    const epochs = whole.epochs.map((epoch: object) => ({ ...epoch, poolRoot: 'ab'.repeat(32) }));
    writeFileSync(file('changed.json'), JSON.stringify({ ...whole, epochs }));
    const { code, out, err } = await iotw(['verify', 'data', file('changed.json'), '--genesis', genesis()]);
    expect(code).toBe(1);
    expect(out).toMatch(/^FAIL +epoch \d+ +pool-root +/m);
    expect(out).toMatch(/^ +expected abab\S+, found [0-9a-f]{64}$/m);
    expect(err).toMatch(/^public-data-not-genuine: epoch \d+: the check pool-root fails/);
  });

  const bad: [name: string, words: () => string[], code: string][] = [
    [
      'a place that public data lacks',
      () => ['election', '0/999999', '--from', file('public.json'), '--genesis', genesis()],
      'public-data-lacks',
    ],
    ['an epoch by name', () => ['beacon', 'first'], 'epoch-number'],
    ['a seed without its epoch', () => ['beacon', '1', '--seed', '00'.repeat(32)], 'verify-seed'],
    [
      'public data that is none',
      () => ['data', file('receipt.json'), '--genesis', genesis()],
      'public-data-json',
    ],
    ['a file that is not there', () => ['receipt', file('none.json')], 'file-unreadable'],
    ['a file that is no receipt', () => ['receipt', file('9.key'), '--genesis', genesis()], 'malformed'],
    [
      'a genesis of another network',
      () => ['receipt', file('receipt.json'), '--genesis', genesis(), '--network', '00'.repeat(32)],
      'trust-network',
    ],
    ['a block that is no block', () => ['block', file('9.key'), '--genesis', genesis()], 'malformed'],
  ];
  for (const [name, words, code] of bad) {
    it(`refuses ${name}`, async () => expect(await refused('verify', ...words())).toBe(code));
  }
});

describe('the stored ledger', () => {
  it('belongs to the running node', async () => {
    const ran = await iotwJson(['ledger', 'audit', '--data', file('network')]);
    expect(ran).toMatchObject({ code: 1, value: { error: { code: 'store-locked' } } });
    const other = await iotwJson(['node', '--config', file('network', 'node.json')]);
    expect(other).toMatchObject({ code: 1, value: { error: { code: 'store-locked' } } });
  });

  it('is audited after the node has stopped in order', async () => {
    announceStop();
    expect(await ended).toEqual({ code: 0, err: '' });
    const { code, value } = await iotwJson(['ledger', 'audit', '--data', file('network')]);
    expect(code).toBe(0);
    expect(value).toMatchObject({ invalid: 0 });
    expect(value.transactions).toBeGreaterThan(10);
    const text = await iotw(['ledger', 'audit', '--data', file('network', 'data'), '--workers', '1']);
    expect(text.out).toMatch(/^verdict +every signature, certificate and outcome is right$/m);
  });

  it('without a ledger or a genesis there is nothing to audit', async () => {
    expect(await iotwJson(['ledger', 'audit'])).toMatchObject({
      code: 1,
      value: { error: { code: 'audit-place' } },
    });
    const ran = await iotwJson(['ledger', 'audit', '--data', dir]);
    expect(ran).toMatchObject({ code: 1, value: { error: { code: 'audit-place' } } });
  });
});
