/** What an operator is told of a node, and when it calls for a look. */

import { publicKey } from '@iotw/ledger/test-network';
import { headerEvidence, lieOp, revokeOp } from '@iotw/ledger/test-operations';
import { afterEach, describe, expect, it } from 'vitest';
import type { NodeStatus } from './backend.js';
import type { ApiServer } from './server.js';
import { TestNode } from './test-node.js';
import { getJson, startedApi } from './test-server.js';

let api: ApiServer | undefined;
afterEach(() => api?.close());

async function healthOf(node: TestNode) {
  api = await startedApi({ backend: node });
  await api.index.caughtUp();
  const { status, body } = await getJson(api, '/v1/health');
  expect(status).toBe(200);
  return body;
}

const codes = (body: { findings: { what: string; of: number | null }[] }) =>
  body.findings.map(({ what, of }) => (of === null ? what : `${what} ${of}`));

/** A node whose process sees something else. */
function seeing(change: Partial<NodeStatus>): TestNode {
  const node = new TestNode();
  const status = node.status();
  node.status = () => ({ ...status, ...change });
  return node;
}

describe('the health of a node', () => {
  it('has its lanes, links, queues and lag', async () => {
    const body = await healthOf(new TestNode());
    expect(body).toMatchObject({
      ready: true,
      verifying: 3,
      pending: 2,
      commits: { count: 5, meanMs: 4 },
      index: { state: 'current', lagRounds: 0 },
      engineHeight: null,
      links: [{ up: true }, { up: false }],
      devices: { blacklisted: 0, connected: 4 },
    });
    expect(body.lanes[0]).toMatchObject({
      lane: 0,
      suspended: [],
      height: 0,
      quietRounds: 0,
      live: { devicesConnected: 4, blocksInFlight: 0, pending: 2 },
    });
    expect(body.lanes[1].live).toBeNull();
    expect(body.lanes).toHaveLength(new TestNode().ledger.lanes.rows);
  });

  it('tells what is wrong by one look, the urgent first', async () => {
    // The test ledger's agreed time is long past, one of its links is down, and its lanes have next to no credit.
    expect(codes(await healthOf(new TestNode()))).toEqual([
      ...['epoch-overdue', 'nothing-applied', 'link-down'],
      ...['lane-credit-low 0', 'lane-credit-low 1', 'lane-credit-low 2'],
    ]);
  });

  it.each<[string, Partial<NodeStatus>, string]>([
    ['a node that takes nothing', { ready: false }, 'not-ready'],
    ['commits that wait', { commits: { commits: 2, waitedMs: 300 } }, 'commits-slow'],
  ])('tells of %s', async (_what, change, code) => {
    expect(codes(await healthOf(seeing(change)))).toContain(code);
  });

  it('calls a lane stalled where blocks of it wait while rounds go by, never an idle one', async () => {
    const node = new TestNode({ parameters: { stallRounds: 2 } });
    for (let round = 0; round < 3; round++) node.apply([]);
    const [seen] = node.status().trustNodes;
    expect(codes(await healthOf(node))).not.toContain('lane-stalled 0');
    await api?.close();
    const status = node.status();
    node.status = () => ({ ...status, trustNodes: [{ ...seen!, blocksInFlight: 1 }] });
    expect(codes(await healthOf(node))).toContain('lane-stalled 0');
  });

  it('says why a lane is suspended, and lists the devices that were removed', async () => {
    const node = new TestNode();
    const { t } = node;
    node.send(0, t.transaction('alice', [headerEvidence(t)]));
    const body = await healthOf(node);
    const lane = body.lanes.find(({ suspended }: { suspended: string[] }) => suspended.length > 0);
    expect(lane.suspended).toEqual(['equivocation']);
    expect(codes(body)).toContain(`lane-suspended ${lane.lane}`);
  });

  it('counts and lists blacklisted and revoked devices', async () => {
    const node = new TestNode();
    const { t } = node;
    node.send(0, t.transaction('alice', [lieOp(t)]));
    node.send(
      0,
      t.transaction('alice', [revokeOp(t, { maker: 1, kind: 0, device: publicKey('device5'), batch: 0 })]),
    );
    const body = await healthOf(node);
    expect(body.devices.blacklisted).toBe(1);
    const listed = async (status: string) => (await getJson(api!, `/v1/devices?status=${status}`)).body.items;
    expect(await listed('blacklisted')).toMatchObject([{ status: 'blacklisted', blacklistReason: 'lie' }]);
    const revoked = await listed('revoked');
    expect(revoked.every((d: { status: string }) => d.status === 'revoked')).toBe(true);
    const active = await listed('active');
    expect(active.length + revoked.length + 1).toBe(node.ledger.devices.rows);
    const [known, unknown] = [active[0].key, 'ab'.repeat(32)];
    const named = await getJson(api!, `/v1/devices?keys=${unknown},${known},${known}`);
    expect(named.body.items.map(({ key }: { key: string }) => key)).toEqual([known]);
    expect((await getJson(api!, '/v1/devices?keys=12')).status).toBe(400);
  });
});
