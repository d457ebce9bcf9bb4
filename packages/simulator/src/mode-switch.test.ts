import { utf8 } from '@iotw/kernel/bytes';
import { Prng } from '@iotw/kernel/prng';
import type { Operation } from '@iotw/protocol/operations';
import { encodeProposal, PROPOSAL_KIND, type ProposalContent } from '@iotw/protocol/proposals';
import { signTransaction } from '@iotw/protocol/transaction';
import { expect, it } from 'vitest';
import { Client } from './processes/client.js';
import { DeviceProcess } from './processes/device-process.js';
import { SimulatedEngine } from './processes/engine.js';
import { LedgerProcess } from './processes/ledger-process.js';
import { TrustProcess } from './processes/trust-process.js';
import { DriftingClock } from './world/drifting-clock.js';
import { EventLog } from './world/event-log.js';
import { World } from './world/world.js';
import { SIMULATED_PARAMETERS, START_MS, worldGenesis, worldKeys } from './world/world-genesis.js';

const EXPIRY_MS = START_MS + 600_000;
const VOTED_OUT = 3;
const LIVELY = [0, 1, 2];

/** A calm network of 4 trust nodes, 2 ledger servers and 40 devices whose committee are its first two accounts. */
function network(seed: number) {
  const prng = new Prng(`mode switch ${seed}`);
  const size = { trustNodes: 4, ledgerServers: 2, devices: 40, accounts: 6 };
  const keys = worldKeys(size, prng);
  const genesis = {
    ...worldGenesis(size, keys, SIMULATED_PARAMETERS, prng),
    committee: keys.accounts.slice(0, 2).map(({ publicKey }) => publicKey),
    committeeThreshold: 2,
  };
  const world = new World(prng, keys, genesis, new EventLog(), undefined);
  const clock = () => new DriftingClock(START_MS, 0);
  const trust = keys.trust.map((_, i) => new TrustProcess(world, i, clock()));
  const servers = keys.ledger.map((_, i) => new LedgerProcess(world, i, clock()));
  const devices = keys.devices.map((_, i) => new DeviceProcess(world, i));
  const client = new Client(world, 0, () => servers.map((server) => server.results));
  new SimulatedEngine(world, servers, 0);
  for (const process of [...servers, ...trust, ...devices]) process.start();
  const sequences = keys.accounts.map(() => 0);
  const send = (account: number, ...operations: Operation[]) => {
    const sequence = ++sequences[account]!;
    const sender = keys.accounts[account]!;
    const content = { sender: sender.publicKey, sequence, expiryMs: EXPIRY_MS, operations, memo: utf8('') };
    const transaction = signTransaction(world.id, content, sender);
    client.submit([{ transaction, expiryMs: EXPIRY_MS }]);
  };
  const modes = new Map<number, string>();
  /** Lets time pass under a steady trickle of payments, and notes the mode of every epoch. */
  const run = (ms: number) => {
    const { events } = world;
    for (const end = events.nowMs + ms; events.nowMs < end; ) {
      send(2 + (events.nowMs % 4), { type: 'transfer', to: 1, amount: 5 });
      for (const pause = events.nowMs + 80; events.nowMs < pause; ) events.step();
      const { ledger } = servers[0]!;
      if (ledger !== undefined) modes.set(ledger.epoch, ledger.snapshotOf(ledger.epoch)!.mode);
    }
  };
  return { servers, send, run, modes };
}

function proposeOf(proposal: ProposalContent): Operation {
  const kind = PROPOSAL_KIND[proposal.kind];
  return { type: 'propose', kind, expiryEpoch: 1_000, content: encodeProposal(proposal) };
}

it.each([1, 2])(
  'a vote switches the mode and votes a trust node out while the network runs (seed %i)',
  (seed) => {
    const { servers, send, run, modes } = network(seed);
    run(2_000);
    const mode = { name: utf8('electionMode'), value: 1 };
    send(0, proposeOf({ kind: 'parameters', content: { changes: [mode] } }));
    send(0, proposeOf({ kind: 'trustNodeSuspend', content: { index: VOTED_OUT } }));
    run(1_000);
    for (const proposal of [0, 1]) send(1, { type: 'vote', proposal, approve: 1 });
    run(9_000);
    const [ledger, other] = servers.map((server) => server.ledger!);
    const decided = [0, 1].map((number) => ledger!.proposals.read(number)!);
    expect(decided.map(({ state }) => state)).toEqual(['executed', 'executed']);
    const from = decided[0]!.effectiveEpoch;
    for (const [epoch, name] of modes)
      expect(name, `epoch ${epoch}`).toBe(epoch < from ? 'random' : 'reputation');
    expect(ledger!.epoch).toBeGreaterThan(from);
    expect(ledger!.snapshotOf(ledger!.epoch)!.trustNodes.map(({ index }) => index)).toEqual(LIVELY);
    // Under the new mode and set the other lanes go on, no lane was reset, the lane that was voted out stands.
    const heights = () => [...LIVELY, VOTED_OUT].map((lane) => ledger!.lanes.read(lane)!.height);
    const before = heights();
    run(3_000);
    const after = heights();
    expect(after[VOTED_OUT]).toBe(before[VOTED_OUT]);
    expect(LIVELY.filter((lane) => after[lane]! <= before[lane]!)).toEqual([]);
    expect(LIVELY.map((lane) => ledger!.lanes.read(lane)!.incarnation)).toEqual([0, 0, 0]);
    expect(
      ledger!.chain.round === other!.chain.round && ledger!.stateHash.join() !== other!.stateHash.join(),
    ).toBe(false);
  },
);
