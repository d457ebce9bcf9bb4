/** What a device earned, epoch by epoch, in pages: each equals why it was paid, none is lost or told twice. */
import { attestation } from '@iotw/ledger/test-network';
import { transferOp } from '@iotw/ledger/test-operations';
import { readPayment, readSettlement } from '@iotw/nodes/ledger-server/epoch-records';
import { CERTIFICATE_MODE } from '@iotw/protocol/certificate';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ApiServer } from './server.js';
import { TestNode } from './test-node.js';
import { getJson, startedApi } from './test-server.js';

const DEVICE = 3;
/** Ended epochs in which the device mines, among those in which it does not. */
const PAID = [0, 1, 4];
const ENDED = 6;
const node = new TestNode();
const { t } = node;
const starts: number[] = [];
let api: ApiServer;

beforeAll(async () => {
  for (let epoch = 0; epoch < ENDED; epoch++) {
    starts.push(node.ledger.epochs.startMs);
    if (PAID.includes(epoch)) {
      const { height } = node.ledger.lanes.read(1)!;
      const mined = attestation(DEVICE, { lane: 1, rank: 0, height: height + 1 });
      const committee = {
        mode: CERTIFICATE_MODE.devices,
        paid: [{ device: DEVICE, rank: 0, role: 'miner' as const, attestation: mined }],
        misses: [],
      };
      node.apply([
        t.block(1, [t.transaction('bob', [transferOp(0, 7)])], {
          committee,
          certificate: { attestations: [mined] },
        }),
      ]);
    } else node.send(0, t.transaction('bob', [transferOp(0, 7)]));
    node.endEpoch();
  }
  api = await startedApi({ backend: node });
});
afterAll(() => api.close());

const get = (path: string) => getJson(api, path);

it.each([1, 2, 50])('by pages of %i', async (limit) => {
  const items: { epoch: number; startMs: number }[] = [];
  let cursor = '';
  do {
    const { body } = await get(`/v1/devices/${DEVICE}/earnings?limit=${limit}${cursor}`);
    expect(body.items.length).toBeLessThanOrEqual(limit);
    items.push(...body.items);
    cursor = body.next === null ? '' : `&cursor=${body.next}`;
  } while (cursor !== '');
  const whys = await Promise.all(
    PAID.toReversed().map(async (epoch) => {
      const { account, minerAmount, witnessAmount } = (await get(`/v1/devices/${DEVICE}/why?epoch=${epoch}`))
        .body;
      expect(minerAmount).toBeGreaterThan(0);
      return { epoch, startMs: starts[epoch], account, minerAmount, witnessAmount };
    }),
  );
  expect(items).toEqual(whys);
});

it('of a device that was never paid there are none', async () => {
  expect((await get('/v1/devices/5/earnings')).body).toEqual({ items: [], next: null });
});

it('one payment is read as the whole settlement has it', () => {
  for (let epoch = 0; epoch < ENDED; epoch++) {
    const bytes = node.history.settlement(epoch)!;
    for (let device = 0; device < 8; device++)
      expect(readPayment(bytes, device)).toEqual(
        readSettlement(bytes).devices.find((d) => d.device === device),
      );
  }
});
