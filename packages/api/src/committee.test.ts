import { utf8 } from '@iotw/kernel/bytes';
import { publicKey, testGenesis } from '@iotw/ledger/test-network';
import { makerProposal, presenceOp, proposeOp, voteOp } from '@iotw/ledger/test-operations';
import type { ProposalContent } from '@iotw/protocol/proposals';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ApiServer } from './server.js';
import { TestNode } from './test-node.js';
import { address, getJson, startedApi } from './test-server.js';
import { recommendedHost } from './views/hosts.js';

const MEMBERS = ['member0', 'member1', 'member2'];
const { accounts } = testGenesis();
const funded = MEMBERS.map((name) => ({ key: publicKey(name), amount: 1_000_000 }));
const node = new TestNode({ genesis: { accounts: [...accounts, ...funded] } });
const { t } = node;
let api: ApiServer;

const get = async (path: string) => (await getJson(api, path)).body;

beforeAll(async () => {
  api = await startedApi({ backend: node });
});
afterAll(() => api.close());

it('shows where the devices of a host that was voted out should go', async () => {
  const other = new TestNode({ genesis: { accounts: [...accounts, ...funded] } });
  const suspend: ProposalContent = { kind: 'trustNodeSuspend', content: { index: 1 } };
  other.send(0, other.t.transaction('member0', [proposeOp(suspend)]));
  other.send(0, other.t.transaction('member1', [voteOp(0)]));
  const present = Array.from({ length: 8 }, (_, i) => presenceOp(other.t, `device${i}`, { host: i % 3 }));
  other.send(0, other.t.transaction('operator0', present));
  other.endEpoch();
  const { ledger } = other;
  const hosts = Array.from({ length: 8 }, (_, device) => [
    ledger.devices.read(device)!.host,
    recommendedHost(ledger, device),
  ]);
  for (const [before, after] of hosts) expect(after === 0 || after === 2, `${before} to ${after}`).toBe(true);
  expect(hosts.some(([before]) => before === 1)).toBe(true);
});

it('shows the committee, proposals with their votes, and parameters to come', async () => {
  const change = { name: utf8('electionMode'), value: 2 };
  node.send(0, t.transaction('member0', [proposeOp(makerProposal(7), 4)]));
  node.send(
    0,
    t.transaction('member1', [proposeOp({ kind: 'parameters', content: { changes: [change] } }, 4)]),
  );
  node.send(0, t.transaction('member2', [voteOp(0, 0), voteOp(1)]));
  expect(await get('/v1/committee')).toEqual({
    threshold: 2,
    members: MEMBERS.map(address),
    open: [0],
    adopted: [1],
  });
  node.endEpoch();
  const { items, next } = await get('/v1/proposals?limit=1');
  expect(items).toEqual([
    {
      ...{ number: 1, kind: 'parameters', content: { changes: { electionMode: 'uptime' } } },
      ...{ state: 'executed', proposer: address('member1'), epoch: 0, round: 2, expiryEpoch: 4 },
      ...{ decidedRound: 3, effectiveEpoch: 3, code: null, yes: 2, no: 0, threshold: 2 },
      votes: [
        { member: address('member1'), approve: true, round: 2 },
        { member: address('member2'), approve: true, round: 3 },
      ],
    },
  ]);
  const second = await get(`/v1/proposals?limit=1&cursor=${next}`);
  expect(second).toMatchObject({ items: [{ number: 0, state: 'open', yes: 1, no: 1 }], next: null });
  expect(second.items[0]).toEqual(await get('/v1/proposals/0'));
  const upcoming = await get('/v1/parameters/upcoming');
  expect(
    upcoming.items.map((item: { epoch: number; parameters: { electionMode: string } }) => [
      item.epoch,
      item.parameters.electionMode,
    ]),
  ).toEqual([
    [1, 'random'],
    [2, 'random'],
    [3, 'uptime'],
  ]);
});
