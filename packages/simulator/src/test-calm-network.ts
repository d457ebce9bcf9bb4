import { utf8 } from '@iotw/kernel/bytes';
import type { KeyPair } from '@iotw/kernel/ed25519';
import { Prng } from '@iotw/kernel/prng';
import type { Genesis } from '@iotw/protocol/genesis';
import type { Operation } from '@iotw/protocol/operations';
import type { Parameters } from '@iotw/protocol/parameters';
import { encodeProposal, PROPOSAL_KIND, type ProposalContent } from '@iotw/protocol/proposals';
import { signTransaction } from '@iotw/protocol/transaction';
import { Client } from './processes/client.js';
import { DeviceProcess } from './processes/device-process.js';
import { SimulatedEngine } from './processes/engine.js';
import { LedgerProcess } from './processes/ledger-process.js';
import { TrustProcess } from './processes/trust-process.js';
import { DriftingClock } from './world/drifting-clock.js';
import { EventLog } from './world/event-log.js';
import { World } from './world/world.js';
import { SIMULATED_PARAMETERS, type WorldSize, worldGenesis, worldKeys } from './world/world-genesis.js';

const LIFETIME_MS = 600_000;

/** @public A calm network of 4 trust nodes, 2 ledger servers and 40 devices, or of another size, whose committee are its first two accounts. */
export function calmNetwork(
  label: string,
  parameters: Partial<Parameters> = {},
  change: (genesis: Genesis) => Genesis = (genesis) => genesis,
  other: Partial<WorldSize> = {},
) {
  const prng = new Prng(label);
  const size = { trustNodes: 4, ledgerServers: 2, devices: 40, accounts: 6, ...other };
  const keys = worldKeys(size, prng);
  const genesis = change({
    ...worldGenesis(size, keys, { ...SIMULATED_PARAMETERS, ...parameters }, prng),
    committee: keys.accounts.slice(0, 2).map(({ publicKey }) => publicKey),
    committeeThreshold: 2,
  });
  const world = new World(prng, keys, genesis, new EventLog(), undefined);
  const clock = () => new DriftingClock(genesis.timeMs, 0);
  const trust = keys.trust.map((_, i) => new TrustProcess(world, i, clock()));
  const servers = keys.ledger.map((_, i) => new LedgerProcess(world, i, clock()));
  const devices = keys.devices.map((_, i) => new DeviceProcess(world, i));
  const client = new Client(world, 0, () => servers.map((server) => server.results));
  new SimulatedEngine(world, servers, 0);
  for (const process of [...servers, ...trust, ...devices]) process.start();
  const sequences = keys.accounts.map(() => 0);
  const expiryMs = genesis.timeMs + LIFETIME_MS;
  const sendAs = (sender: KeyPair, sequence: number, operations: Operation[]) => {
    const content = { sender: sender.publicKey, sequence, expiryMs, operations, memo: utf8('') };
    const transaction = signTransaction(world.id, content, sender);
    client.submit([{ transaction, expiryMs }]);
  };
  const send = (account: number, ...operations: Operation[]) =>
    sendAs(keys.accounts[account]!, ++sequences[account]!, operations);
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
  return { world, keys, servers, devices, send, sendAs, run, modes };
}

/** @public The operation that proposes, open for a long time. */
export function proposeOf(proposal: ProposalContent): Operation {
  const kind = PROPOSAL_KIND[proposal.kind];
  return { type: 'propose', kind, expiryEpoch: 1_000, content: encodeProposal(proposal) };
}
