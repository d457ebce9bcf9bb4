import type { Prng } from '@iotw/kernel/prng';
import { loseShare } from './beacon/lost-share.js';
import type { DeviceProcess } from './processes/device-process.js';
import type { LedgerProcess } from './processes/ledger-process.js';
import type { TrustProcess } from './processes/trust-process.js';
import type { FaultPlan } from './world/fault-plan.js';
import { HEALTHY } from './world/faulty-network.js';
import type { MemberLoss } from './world/scenario.js';
import type { World } from './world/world.js';

/** A broker notices after this long that a device is gone, and a device that its host is, ms. */
const NOTICED_MS = 400;

/** Makes things go wrong by plan until it is told to heal. */
export class FaultInjector {
  readonly #world: World;
  readonly #plan: FaultPlan;
  readonly #prng: Prng;
  readonly #trust: readonly TrustProcess[];
  readonly #ledger: readonly LedgerProcess[];
  readonly #devices: readonly DeviceProcess[];
  #healed = false;
  /** Stays down whoever would restart it. */
  #away: LedgerProcess | undefined;

  constructor(
    world: World,
    plan: FaultPlan,
    trust: readonly TrustProcess[],
    ledger: readonly LedgerProcess[],
    devices: readonly DeviceProcess[],
  ) {
    this.#world = world;
    this.#plan = plan;
    this.#prng = world.prng.fork('injector');
    this.#trust = trust;
    this.#ledger = ledger;
    this.#devices = devices;
  }

  start(): void {
    const { network, crashEveryMs, cutEveryMs, deviceEveryMs, diskMs, outageEveryMs, snapshots } = this.#plan;
    this.#world.diskMs = diskMs;
    this.#world.snapshots = snapshots;
    this.#world.network.faults = { ...network };
    this.#again(crashEveryMs, () => this.#crash(this.#prng.pick(this.#nodes)));
    this.#world.onWrite = (process, durableInMs) => this.#crashAtWrite(process, durableInMs);
    this.#again(cutEveryMs, () => this.#cut());
    this.#again(deviceEveryMs, () => this.#troubleDevice());
    this.#again(outageEveryMs, () => this.#outage());
  }

  /** A ledger server is away for long, and may come back without its share of the beacon's key. */
  loseMember({ server, atMs, forMs, forgets }: MemberLoss): void {
    const { events, coverage } = this.#world;
    const lost = this.#ledger[server]!;
    events.after(atMs, () => {
      if (this.#healed) return;
      coverage.add('membersLost');
      this.#away = lost;
      if (lost.running) lost.crash();
      if (forgets) loseShare(lost.disk);
      events.after(forMs, () => {
        this.#away = undefined;
        this.#restart(lost);
      });
    });
  }

  /** About every `everyMs`, until healed; 0: never. */
  #again(everyMs: number, fault: () => void): void {
    if (everyMs === 0) return;
    this.#world.events.after(1 + this.#prng.below(2 * everyMs), () => {
      if (this.#healed) return;
      fault();
      this.#again(everyMs, fault);
    });
  }

  get #nodes(): (TrustProcess | LedgerProcess)[] {
    return [...this.#trust, ...this.#ledger];
  }

  /** Between writing and durable is where a crash hurts most. */
  #crashAtWrite(process: string, durableInMs: number): void {
    if (!this.#prng.chance(this.#plan.crashAtWritePerMille, 1000)) return;
    const node = this.#nodes.find(({ name }) => name === process)!;
    this.#world.events.after(this.#prng.below(durableInMs), () => this.#crash(node));
  }

  #crash(node: TrustProcess | LedgerProcess): void {
    if (!node.running || this.#healed) return;
    this.#world.note(`${node.name} crashes`);
    this.#world.coverage.add(this.#trust.includes(node as TrustProcess) ? 'trustCrashes' : 'ledgerCrashes');
    node.crash();
    if (this.#trust.includes(node as TrustProcess)) this.#dropSessions(node as TrustProcess);
    this.#world.events.after(1 + this.#prng.below(this.#plan.downMs), () => this.#restart(node));
  }

  #dropSessions(node: TrustProcess): void {
    for (const device of this.#devices)
      if (this.#world.genesis.devices[device.index]!.host === node.index && device.running)
        device.connect(1 + this.#prng.below(NOTICED_MS));
  }

  #restart(node: TrustProcess | LedgerProcess): void {
    if (node.running || node === this.#away) return;
    this.#world.note(`${node.name} starts`);
    this.#world.coverage.add('restarts');
    node.start();
  }

  #cut(): void {
    const sides = new Map(this.#nodes.map(({ name }) => [name, this.#prng.below(2)]));
    this.#world.network.cut(sides);
    this.#world.coverage.add('partitions');
    this.#world.events.after(1 + this.#prng.below(this.#plan.cutMs), () =>
      this.#world.network.cut(new Map()),
    );
  }

  /** A power cut in the neighbourhood: most devices are silent for a while. */
  #outage(): void {
    this.#world.coverage.add('outages');
    const silent = this.#devices.filter(() => !this.#prng.chance(1, 20));
    for (const { manners } of silent) manners.dead = true;
    this.#world.events.after(1 + this.#prng.below(this.#plan.outageMs), () => {
      for (const { manners } of silent) manners.dead = false;
    });
  }

  #troubleDevice(): void {
    const device = this.#prng.pick(this.#devices);
    const { events, coverage } = this.#world;
    const { manners } = device;
    const wait = 50 + this.#prng.below(1_500);
    const kind = this.#prng.below(3);
    if (kind === 0 && device.running) {
      coverage.add('devicePowerLosses');
      device.powerLoss();
      const host = this.#trust[this.#world.genesis.devices[device.index]!.host]!;
      events.after(1 + this.#prng.below(NOTICED_MS), () => {
        if (!device.running) host.deviceGone(device.name);
      });
      events.after(wait, () => {
        if (!device.running) device.start();
      });
    } else if (kind === 1) {
      coverage.add('devicesSlow');
      manners.slowMs = this.#prng.below(2 * this.#world.genesis.parameters.answerTimeoutMs);
      events.after(wait, () => {
        manners.slowMs = 0;
      });
    } else {
      coverage.add('devicesDead');
      manners.dead = true;
      events.after(wait, () => {
        manners.dead = false;
      });
    }
  }

  /** Nothing goes wrong any more, and what was down comes up. */
  heal(): void {
    this.#healed = true;
    this.#away = undefined;
    this.#world.onWrite = undefined;
    this.#world.note('healed');
    this.#world.network.faults = { ...HEALTHY };
    this.#world.network.cut(new Map());
    for (const adversary of this.#world.captors.all) adversary.healed?.();
    for (const node of this.#nodes) this.#restart(node);
    for (const device of this.#devices) {
      device.manners.slowMs = 0;
      device.manners.dead = false;
      if (!device.running) device.start();
    }
  }
}
