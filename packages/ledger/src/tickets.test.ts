import { ELECTION_MODE, type Parameters } from '@iotw/protocol/parameters';
import { describe, expect, it } from 'vitest';
import { Ledger } from './ledger.js';
import type { RoundOutcome } from './round-outcome.js';
import { TestNetwork } from './test-network.js';
import { presenceOp, ticketOp } from './test-operations.js';
import { SavedPages } from './test-saved-pages.js';

const VRF = { electionMode: ELECTION_MODE.vrf, ticketTarget: 4, miners: 1, witnesses: 1 };
/** Eight devices and a target of 4: one low bit, of which these seeds leave some devices zero. */
const DEVICES = Array.from({ length: 8 }, (_, i) => `device${i}`);

function network(parameters: Partial<Parameters> = {}): TestNetwork {
  return new TestNetwork({ parameters: { ...VRF, ...parameters } });
}

/** Ends the epoch with every device present and these tickets in the operator's transaction. */
function end(t: TestNetwork, tickets: readonly string[]): RoundOutcome {
  const here = t.transaction(
    'operator0',
    DEVICES.map((device) => presenceOp(t, device)),
  );
  const drawn = tickets.map((device) => ticketOp(t, device));
  return t.endEpoch([t.block(0, [here, ...(drawn.length === 0 ? [] : [t.transaction('operator0', drawn)])])]);
}

/** The devices that have won in the running epoch. */
function winners(t: TestNetwork): number[] {
  return DEVICES.flatMap((device, i) => (t.send('bob', ticketOp(t, device)).code === 'ok' ? [i] : []));
}

describe('tickets', () => {
  it('restrict the frozen pool of the next epoch to those that hold winning ones', () => {
    const t = network();
    const won = winners(t);
    expect(won.length).toBeGreaterThan(1);
    expect(won.length).toBeLessThan(8);
    const { edge } = end(t, []);
    expect(edge?.snapshot.devices.map(({ device }) => device)).toEqual(won);
    expect(edge?.snapshot.mode).toBe('vrf');
    expect(edge?.snapshot.root).not.toEqual(t.ledger.frozenPool(1)?.root);
    expect(t.ledger.epochs.fellBack(1)).toBe(false);
    // Issuance and the next pools are by presence, whoever won.
    expect(t.ledger.frozenPool(1)?.devices).toHaveLength(8);
    expect(edge?.frozenNext.devices).toHaveLength(8);
  });

  it('are asked for by the snapshot of the epoch over whose seed they are', () => {
    expect(network().ledger.snapshotOf(0)?.ticketBits).toBe(1);
    expect(network({ ticketTarget: 8 }).ledger.snapshotOf(0)?.ticketBits).toBe(0);
    expect(network({ ticketWeight: ELECTION_MODE.uptime }).ledger.snapshotOf(0)?.ticketBits).toBe(0);
    expect(network({ electionMode: 0 }).ledger.snapshotOf(0)?.ticketBits).toBeUndefined();
  });

  it('fall back to the whole pool, and say so, where there are none', () => {
    const t = network();
    const { edge } = end(t, []);
    expect(edge?.snapshot.devices).toHaveLength(8);
    expect(edge?.snapshot.devices.map(({ weight }) => weight)).toEqual(new Array(8).fill(1));
    expect(t.ledger.epochs.fellBack(1)).toBe(true);
    expect(t.ledger.epochs.fellBack(0)).toBe(true);
  });

  it('over one seed serve one epoch', () => {
    const t = network();
    winners(t);
    end(t, []);
    expect(t.ledger.epochs.fellBack(1)).toBe(false);
    end(t, []);
    expect(t.ledger.epochs.fellBack(2)).toBe(true);
  });

  it('of a trust node’s transaction stand alone and are free', () => {
    const t = network();
    const before = t.balance('operator0');
    const { codes } = end(t, DEVICES);
    expect([...codes]).toEqual([0, 0]);
    expect(t.ledger.epochs.fellBack(1)).toBe(false);
    expect(t.ledger.snapshotOf(1)?.devices.length).toBeLessThan(8);
    expect(t.balance('operator0')).toBeGreaterThanOrEqual(before);
  });

  it('weigh as much as the sortition says', () => {
    const t = network({
      ticketWeight: ELECTION_MODE.stake,
      ticketTarget: 8,
      ownerFreeDevices: 0,
      ownerCapBps: 10_000,
      batchCapBps: 10_000,
    });
    // alice's device0 has 100 of 107 units.
    end(t, DEVICES);
    const [first, ...others] = t.ledger.snapshotOf(1)?.devices ?? [];
    expect(first?.device).toBe(0);
    expect(first?.weight).toBeGreaterThan(2);
    expect(others.reduce((sum, { weight }) => sum + weight, 0)).toBeLessThan(first?.weight ?? 0);
  });

  it('are kept by a snapshot of the ledger', () => {
    const t = network();
    const won = winners(t);
    const pages = new SavedPages(t.ledger.save());
    const loaded = Ledger.load(pages.read, t.genesis);
    if (!loaded.ok) throw new Error(loaded.error.code);
    t.ledger = loaded.value;
    expect(end(t, []).edge?.snapshot.devices.map(({ device }) => device)).toEqual(won);
  });

  it('restrict the pool as well after a restart', () => {
    const t = network();
    const won = winners(t);
    end(t, []);
    const pages = new SavedPages(t.ledger.save());
    const loaded = Ledger.load(pages.read, t.genesis);
    if (!loaded.ok) throw new Error(loaded.error.code);
    expect(loaded.value.snapshotOf(1)).toEqual(t.ledger.snapshotOf(1));
    expect(loaded.value.snapshotOf(1)?.devices.map(({ device }) => device)).toEqual(won);
    expect(loaded.value.epochs.fellBack(0)).toBe(true);
    expect(loaded.value.epochs.fellBack(1)).toBe(false);
  });

  it('that has lost, or is sent again, is refused', () => {
    const t = network();
    const won = new Set(winners(t));
    for (const [i, device] of DEVICES.entries()) {
      expect(t.send('alice', ticketOp(t, device)).code).toBe(won.has(i) ? 'ticket-repeated' : 'ticket-lost');
    }
  });

  it('over a seed known before the pool was frozen are refused: a new device is in no such pool', () => {
    const t = network({ ticketTarget: 8 });
    const present = [...DEVICES.slice(0, 7)];
    t.endEpoch([
      t.block(0, [
        t.transaction(
          'operator0',
          present.map((device) => presenceOp(t, device)),
        ),
      ]),
    ]);
    t.endEpoch();
    // pool(3) was frozen at the end of epoch 0, of which device7 was absent; seed(2) is known now.
    expect(t.send('bob', ticketOp(t, 'device7')).code).toBe('ticket-pool');
    expect(t.send('bob', ticketOp(t, 'device6')).code).toBe('ok');
  });
});

describe('a mode that changes from epoch to epoch', () => {
  it('gives each pool the weights, tickets and draw of its own mode', () => {
    const t = new TestNetwork({ parameters: { miners: 1, witnesses: 1, ticketTarget: 8 } });
    const modes = ['stake', 'vrf', 'uptime', 'reputation', 'random', 'vrf', 'stake', 'vrf'] as const;
    const seen: [mode: string, weights: number[], asked: boolean][] = [];
    for (let i = 0; i < modes.length + 4; i++) {
      // What a vote does: the parameters that the next freeze carries on.
      const last = t.ledger.frozenPool(t.ledger.epoch + 2)!;
      const electionMode = ELECTION_MODE[modes[Math.min(i, modes.length - 1)]!];
      t.ledger.epochs.freeze({ ...last, parameters: { ...last.parameters, electionMode } });
      const asked = t.ledger.snapshotOf(t.ledger.epoch)?.ticketBits !== undefined;
      const { edge } = end(t, asked ? DEVICES : []);
      const { snapshot } = edge!;
      seen.push([snapshot.mode, snapshot.devices.map(({ weight }) => weight), asked]);
    }
    const modesSeen = seen.map(([mode]) => mode);
    // Opened in epoch 3 + i for the i-th; pools 1 and 2 are the genesis'.
    expect(modesSeen.slice(2, 2 + modes.length)).toEqual([...modes]);
    const weightsOf = (i: number): number[] => seen[2 + i]![1];
    expect(Math.max(...weightsOf(0)) / Math.min(...weightsOf(0))).toBeGreaterThan(5);
    expect(new Set(weightsOf(1))).toEqual(new Set([1]));
    expect(weightsOf(2)).toEqual(new Array(8).fill(60 + 3));
    expect(weightsOf(3)).toEqual(new Array(8).fill(500_000));
    expect(weightsOf(4)).toEqual(new Array(8).fill(1));
    // Tickets were asked for just when the pool that opened was one of mode vrf, and none fell back.
    expect(seen.map(([, , asked]) => asked)).toEqual(modesSeen.map((mode) => mode === 'vrf'));
    expect(t.ledger.epochs.fellBack(t.ledger.epoch)).toBe(false);
  });
});
