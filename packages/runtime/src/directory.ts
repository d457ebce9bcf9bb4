import type { PeerIdentity } from '@iotw/adapters/mesh/types';
import { equalBytes } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { Ledger } from '@iotw/ledger/ledger';
import { type HelloAssigner, helloAssigners } from '@iotw/protocol/hello';
import type { EpochSnapshot } from '@iotw/protocol/pool';

/** Who is who on the ledger, as far as this process knows it: who may link, which devices may log in. */
export interface Directory {
  readonly epoch: number;
  /** Length of the running epoch in agreed time. */
  readonly epochMs: number;
  /** What devices are told of tickets for the next epoch's pool; undefined: it asks for none. */
  tickets(): { readonly seed: Uint8Array; readonly bits: number } | undefined;
  /** What devices are told of assigners: those of the epochs whose blocks may come. */
  assigners(): readonly HelloAssigner[];
  /** Signing keys of all trust nodes, by index. */
  laneKeys(): readonly Uint8Array[];
  /** The device's number. Errors: `device-unknown`, `device-revoked`. */
  authorize(deviceKey: Uint8Array): Result<number>;
  /** Whether a trust node may host devices now. Error: `node-suspended`. */
  hosting(trustNode: number): Result<void>;
  /** The node a raw link key belongs to now. */
  peerOf(linkKey: Uint8Array): PeerIdentity | undefined;
}

export function deviceUnknown(): Result<never> {
  return fail('device-unknown', 'This key is no registered device: register it by a maker batch first.');
}

export function deviceRevoked(): Result<never> {
  return fail('device-revoked', 'This device was revoked by its maker.');
}

/** A trust node hosts devices while it stands, or devices of the running pool are drawn at it. */
export function mayHost(trustNode: number, standing: boolean, running: EpochSnapshot | undefined): boolean {
  return standing || running?.devices.some(({ host }) => host === trustNode) === true;
}

export function nodeSuspended(trustNode: number): Result<never> {
  return fail(
    'node-suspended',
    `Trust node ${trustNode} hosts no devices now: it is suspended, or not admitted yet. Log in at another.`,
    { trustNode },
  );
}

/** What an epoch's snapshot asks devices for. */
export function ticketsOf(
  snapshot: EpochSnapshot | undefined,
): { seed: Uint8Array; bits: number } | undefined {
  return snapshot?.ticketBits === undefined ? undefined : { seed: snapshot.seed, bits: snapshot.ticketBits };
}

/** The directory of a process that has the ledger. */
export class LedgerDirectory implements Directory {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  get epoch(): number {
    return this.#ledger.epoch;
  }

  get epochMs(): number {
    return this.#ledger.parameters.epochMs;
  }

  tickets(): { seed: Uint8Array; bits: number } | undefined {
    return ticketsOf(this.#ledger.snapshotOf(this.#ledger.epoch));
  }

  assigners(): readonly HelloAssigner[] {
    const { epoch } = this.#ledger;
    return helloAssigners([this.#ledger.snapshotOf(epoch - 1), this.#ledger.snapshotOf(epoch)]);
  }

  laneKeys(): readonly Uint8Array[] {
    return this.#ledger.trustNodes.keys();
  }

  authorize(deviceKey: Uint8Array): Result<number> {
    const { devices } = this.#ledger;
    const device = devices.find(deviceKey);
    if (device === -1) return deviceUnknown();
    return devices.col.revoked[device] === 1 ? deviceRevoked() : ok(device);
  }

  hosting(trustNode: number): Result<void> {
    const { trustNodes, epoch } = this.#ledger;
    const standing = trustNodes.trusted().includes(trustNode);
    return mayHost(trustNode, standing, this.#ledger.snapshotOf(epoch))
      ? ok(undefined)
      : nodeSuspended(trustNode);
  }

  peerOf(linkKey: Uint8Array): PeerIdentity | undefined {
    const { trustNodes, ledgerServers } = this.#ledger;
    for (let index = 0; index < ledgerServers.rows; index++)
      if (equalBytes(ledgerServers.bytes('linkKey', index), linkKey)) return { role: 'ledger', index };
    for (let index = 0; index < trustNodes.rows; index++)
      if (equalBytes(trustNodes.bytes('linkKey', index), linkKey)) return { role: 'trust', index };
    return undefined;
  }
}
