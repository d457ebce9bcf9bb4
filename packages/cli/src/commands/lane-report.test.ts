/** `iotw lane report` to the end: against the real API over a real ledger that has a passed-over answer. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiServer } from '@iotw/api/server';
import { TestNode } from '@iotw/api/test-node';
import { startedApi } from '@iotw/api/test-server';
import { blockDraw } from '@iotw/assignment/block-draw';
import { toHex, utf8 } from '@iotw/kernel/bytes';
import { sha256 } from '@iotw/kernel/sha256';
import { signAs } from '@iotw/ledger/test-network';
import { transferOp } from '@iotw/ledger/test-operations';
import { answerTo } from '@iotw/ledger/test-witness-rows';
import { attestationDigest, encodeAttestation } from '@iotw/protocol/attestation';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { iotwJson } from '../test-io.js';

const LANE = 1;
const RANK = 2;
const node = new TestNode();
let api: ApiServer;
let dir: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'iotw-report-'));
  writeFileSync(join(dir, 'bob.key'), `${toHex(sha256(utf8('bob')))}\n`, { mode: 0o600 });
  api = await startedApi({ backend: node });
});
afterAll(async () => {
  await api.close();
  rmSync(dir, { recursive: true, force: true });
});

/** A block of the lane whose certificate passes over one rank, and what its device had said in time. */
async function passedOver(): Promise<{ place: string; device: number; answer: string }> {
  const { ledger, network, t } = node;
  const height = ledger.lanes.read(LANE)!.height + 1;
  const { device } = blockDraw(ledger.snapshotOf(0)!, network, { lane: LANE, height }).at(RANK)!;
  const block = t.block(LANE, [t.transaction('alice', [transferOp(t.account('bob'), 1)])], {
    committee: { passedOver: [{ attempt: 0, cutOff: RANK + 1, settled: [0, 1] }] },
  });
  const { signature: _, ...said } = answerTo(t, device, block.block.header, { rank: RANK });
  const signature = signAs(`device${device}`, attestationDigest(network, said));
  node.apply([block]);
  await api.index.caughtUp();
  return { place: `${LANE}/${height}`, device, answer: toHex(encodeAttestation({ ...said, signature })) };
}

it('takes an answer that was left out: once, and the lane pays its device out of the bond', async () => {
  const { place, device, answer } = await passedOver();
  const { bond } = node.ledger.trustNodes.read(LANE)!;
  const { earned } = node.ledger.devices.read(device)!;
  const report = () =>
    iotwJson([
      ...['lane', 'report', place, '--answer', answer, '--api', api.url],
      ...['--signer-key-file', join(dir, 'bob.key')],
    ]);
  const first = await report();
  expect(first, JSON.stringify(first.value)).toMatchObject({ code: 0, value: { result: 'ok' } });
  const pay = node.ledger.parameters.leftOutPay;
  expect(pay).toBeGreaterThan(0);
  expect(bond - node.ledger.trustNodes.read(LANE)!.bond).toBe(pay);
  expect(node.ledger.devices.read(device)!.earned - earned).toBe(pay);
  const { value } = await iotwJson(['lane', 'show', String(LANE), '--api', api.url]);
  expect(value.witnessing).toMatchObject({ running: { leftOut: 1 } });
  const again = await report();
  expect(again).toMatchObject({ code: 1, value: { result: 'left-out-repeated' } });
});
