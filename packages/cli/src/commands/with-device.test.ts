/** Commands about witnesses against a real node with a real device behind MQTT, first honest, then a liar about its number. */
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { ok } from '@iotw/kernel/result';
import { MicroMiner } from '@iotw/micro-miner/session';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iotw } from '../test-io.js';
import { ALICE, address, DEVICE, OneNode, SHOP, seed } from './test-one-node.js';

const node = new OneNode();
const { as, call, failing, file } = node;
beforeAll(() => node.start());
afterAll(() => node.remove());

/** Pays until something is the case. */
async function payUntil(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await call('send', address(SHOP), '0.001', ...as(ALICE));
}

/** The device, as it starts its `boot`-th boot. */
async function start(boot: number): Promise<MicroMiner> {
  const miner = new MicroMiner({
    keys: keyPairFromSeed(seed(DEVICE)),
    network: Uint8Array.from(Buffer.from(node.network, 'hex')),
    boot: { next: async () => ok(boot), close: async () => undefined },
    connect: { url: node.mqtt },
    device: 0,
  });
  expect(await miner.start()).toMatchObject({ ok: true });
  return miner;
}

describe('a witness', () => {
  it('that is honest is sound, whatever of it is looked at', async () => {
    const key = ['--key-file', file(`${DEVICE}.key`)];
    const batch = ['--maker', '100', '--batch', '1'];
    const batchKey = ['--batch-key-file', file('network', 'makers', '100.batch.key')];
    await call('device', 'register', ...key, ...batch, ...batchKey, '--region', 'frankfurt', ...as(ALICE));
    expect((await failing('audit', 'witness', '0')).error.code).toBe('witness-silent');
    const miner = await start(1);
    try {
      // Its answers of a whole epoch are on the ledger and paid, and the index knows it.
      await payUntil(async () => {
        if ((await call('device', 'show', '0')).earned === 0) return false;
        const { findings } = await call('audit', 'witness', '0');
        return findings.some(({ name }: { name: string }) => name === 'rewards');
      });
    } finally {
      await miner.stop();
    }
    const audit = await call('audit', 'witness', '0', '--network', node.network);
    expect(audit).toMatchObject({ device: 0, sound: true, deviceAtFault: false, evidence: [] });
    expect(audit.attestations.length).toBeGreaterThan(1);
    expect(audit.attestations[0]).toMatchObject({ lane: 0, source: 'certificate', boot: 1, counter: 1 });
    const named = audit.findings.map(({ verdict, name }: Record<string, string>) => `${verdict} ${name}`);
    for (const good of ['signatures', 'final', 'chain', 'recorded', 'coherence', 'rewards'])
      expect(named).toContain(`good ${good}`);
    const { out, code } = await iotw(['audit', 'witness', '0', '--api', node.api]);
    expect(code).toBe(0);
    expect(out).toMatch(/^verdict +nothing contradicts itself$/m);
    const second = audit.attestations[1];
    const part = await call('audit', 'witness', '0', '--from', String(second.round), '--blocks', '1');
    expect(part.attestations.length).toBe(1);
    const early = await call('audit', 'witness', '0', '--to', String(second.round));
    expect(early.attestations.length).toBe(2);
  });

  it('is seen in its lane, whose report takes no answer that was not left out', async () => {
    const [lane] = await call('lane', 'list');
    expect(lane).toMatchObject({ lane: 0, suspended: false });
    const shown = await call('lane', 'show', '0');
    expect(shown.height).toBeGreaterThanOrEqual(lane.height);
    expect(shown.witnessing.running).toMatchObject({ leftOut: 0, answersLeftOut: 0 });
    const text = await iotw(['lane', 'show', '0', '--api', node.api]);
    expect(text.out).toMatch(/^as host +\d+ answers, \d+ misses/m);
    expect((await iotw(['lane', 'list', '--api', node.api])).out).toMatch(
      /^lane +height +incarnation +bond /,
    );
    const { attestations } = await call('audit', 'witness', '0');
    const last = attestations.at(-1);
    const place = `0/${last.height}`;
    const report = (at: string, answer: string) =>
      failing('lane', 'report', at, '--answer', answer, ...as(ALICE));
    // The certificate holds it; the lane passed over nothing there. Or its epoch is over: it lasts a second.
    expect((await report(place, last.attestation)).result).toMatch(/^left-out-(unknown|late)$/);
    expect((await report(place, attestations[0].attestation)).result).toBe('left-out-not-proof');
    expect((await report(place, 'ab')).error.code).toBe('answer-form');
    expect((await report('0/999999', last.attestation)).error.code).toBe('block-not-found');
    expect((await report('first', last.attestation)).error.code).toBe('block-place');
    expect((await failing('lane', 'show', '7')).error.code).toBe('lane-unknown');
  });

  it('that signs its numbers again is convicted: by the audit, and by the node without it', async () => {
    // The same boot once more: counter 1 names other blocks now.
    const miner = await start(1);
    const status = async () => (await call('device', 'show', '0')).status;
    try {
      await payUntil(async () => (await status()) === 'blacklisted');
    } finally {
      await miner.stop();
    }
    expect(await call('device', 'show', '0')).toMatchObject({ blacklistReason: 'equivocation' });
    const audit = await failing('audit', 'witness', '0', '--network', node.network);
    expect(audit).toMatchObject({ sound: false, deviceAtFault: true, error: { code: 'witness-at-fault' } });
    expect(audit.evidence[0].kind).toBe(2);
    const text = await iotw(['audit', 'witness', '0', '--api', node.api]);
    expect(text.out).toMatch(
      /^BAD +equivocation: The device signed 2 different answers under number 1\/\d+/m,
    );
    expect(text.out).toMatch(/^evidence of kind 2$/m);
    // The first act was sent by the node itself: once is enough.
    const sent = await failing('audit', 'witness', '0', '--submit', ...as(ALICE));
    expect(sent.submitted.result).toBe('evidence-repeated');
  });
});

describe('people', () => {
  const register = (fill: number, batch: string, keyFile: string) => [
    ...['device', 'register', '--key-file', file(`${fill}.key`), '--maker', '100', '--batch', batch],
    ...['--batch-key-file', file('network', 'makers', keyFile), '--class', 'user', ...as(ALICE)],
  ];

  it('register under their own batch, not under one of devices', async () => {
    const refused = await failing(...register(SHOP, '1', '100.batch.key'));
    expect(refused.result).toBe('batch-class');
    await call(...register(SHOP, '1000', '100.people.key'));
    expect(await call('device', 'show', '1')).toMatchObject({ deviceClass: 'user' });
    const { items } = await call('maker', 'list');
    expect(items.at(-1).batches).toMatchObject([
      { batch: 1, people: false, used: 1 },
      { batch: 1_000, people: true, used: 1, quota: 1_000 },
    ]);
  });
});
