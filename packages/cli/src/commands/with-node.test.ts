/** Commands about devices, makers, epochs, the committee and the stored ledger, against a real node without devices. */
import { writeFileSync } from 'node:fs';
import { toHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { decodeDeviceCode } from '@iotw/protocol/device-code';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iotw, iotwJson } from '../test-io.js';
import { ALICE, address, NOBODY, OneNode, SHOP, seed } from './test-one-node.js';

const node = new OneNode();
const { as, call, endedEpoch, file, refused } = node;
beforeAll(async () => {
  await node.start();
  await call('send', address(SHOP), '20', ...as(ALICE));
});
afterAll(() => node.remove());

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
    const toClaim = ['device', 'claim-code', '--owner', address(ALICE)];
    const { claimCode } = await call(...toClaim, '--key-file', file('9.key'));
    // What the device's own firmware prints makes the same code.
    const signed = decodeDeviceCode(Buffer.from(node.network, 'hex'), claimCode);
    const signature = signed.ok && 'signature' in signed.value ? toHex(signed.value.signature) : '';
    expect((await call(...toClaim, '--device', '0', '--signature', signature)).claimCode).toBe(claimCode);
    expect(await refused(...toClaim, '--device', '0', '--signature', '00'.repeat(64))).toBe('claim-code');
    expect(await refused(...toClaim, '--device', '0')).toBe('claim-code');
    expect(await refused('device', 'claim', '--code', `${claimCode}a`, ...as(ALICE))).toBe(
      'device-code-damaged',
    );
    expect(await refused('device', 'claim', '--code', claimCode, ...as(SHOP))).toBe('claim-code');
    await call('device', 'claim', '--code', claimCode, ...as(ALICE));
    expect(await refused(...toClaim, '--key-file', file('9.key'))).toBe('device-owned');
    const { items } = await call('device', 'list', '--owner', address(ALICE), '--maker', '100');
    expect(items).toMatchObject([{ device: 0, owner: address(ALICE) }]);
    expect((await call('device', 'list', '--maker', '3')).items).toEqual([]);
    expect(await refused('device', 'claim', '--key-file', file('9.key'), ...as(SHOP))).toMatch(/^device-/);
    const { acceptance, from } = await call('device', 'accept', '0', ...as(SHOP));
    expect(from).toBe(address(ALICE));
    const handover = ['device', 'handover', '0', '--acceptance', acceptance, ...as(ALICE)];
    expect(await refused(...handover, '--to', address(NOBODY))).toBe('handover-signature');
    expect(await refused(...handover.with(4, 'aa'), '--to', address(SHOP))).toBe('device-code-other');
    expect(await refused(...handover.with(4, claimCode), '--to', address(SHOP))).toBe('handover-signature');
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
    const { code, out } = await iotw(['device', 'farms', '--by', 'cohort', '--flagged', '--api', node.api]);
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
    expect(await refused('device', 'register', '--key-file', file('9.key'), '--devnet', file())).toBe(
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
    const { out } = await iotw(['proposal', 'list', '--api', node.api]);
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

describe('the stored ledger', () => {
  it('belongs to the running node', async () => {
    const ran = await iotwJson(['ledger', 'audit', '--data', file('network')]);
    expect(ran).toMatchObject({ code: 1, value: { error: { code: 'store-locked' } } });
    const other = await iotwJson(['node', '--config', file('network', 'node.json')]);
    expect(other).toMatchObject({ code: 1, value: { error: { code: 'store-locked' } } });
  });

  it('is audited after the node has stopped in order', async () => {
    expect(await node.end()).toEqual({ code: 0, err: '' });
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
      value: { error: { code: 'ledger-place' } },
    });
    const ran = await iotwJson(['ledger', 'audit', '--data', file()]);
    expect(ran).toMatchObject({ code: 1, value: { error: { code: 'ledger-place' } } });
  });
});
