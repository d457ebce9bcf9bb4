import type { Ledger } from '@iotw/ledger/ledger';
import type { PeerId, PeerMessage } from '@iotw/nodes/messages';
import type { RoundInput } from '@iotw/protocol/round';

/** The parties an adversary holds: their keys, what they are sent, what they send. */
export interface Held {
  readonly devices: ReadonlySet<number>;
  readonly trustNodes: ReadonlySet<number>;
  readonly ledgerServers: ReadonlySet<number>;
}

/** A captured device was asked. */
export interface Asked {
  readonly device: number;
  readonly assignment: Uint8Array;
  /** What its machine answers to an assignment; its number moves on as for any answer. */
  readonly machine: (assignment: Uint8Array) => Uint8Array;
}

/**
 * Adversary code in the place of parties it captured. It has their keys, sees what they receive and decides
 * what leaves them: through the same messages and the same network as everybody's. Each hook is asked for
 * held parties only; one that is missing leaves the party honest in that respect.
 */
export interface Adversary {
  readonly name: string;
  readonly held: Held;
  /** The network runs. */
  start?(): void;
  /** What a captured device says to an assignment; undefined: nothing. */
  answers?(asked: Asked): Uint8Array | undefined;
  /** Whether a captured device sends its presence ticket. */
  present?(device: number, epoch: number): boolean;
  /** Instead of a message of a captured node; undefined: nothing. */
  sends?(from: PeerId, to: PeerId, message: PeerMessage): PeerMessage | undefined;
  /** Whether a captured host shows one of its devices, by the hex of its key, an assignment. */
  delivers?(host: number, device: string, assignment: Uint8Array): boolean;
  /** Whether a captured host takes what a device of its own says: answers and presence tickets. */
  hears?(host: number, device: string, bytes: Uint8Array): boolean;
  /** Instead of the round a captured ledger server would propose; undefined: none. It has its own ledger before it. */
  proposes?(server: number, input: RoundInput, ledger: Ledger): RoundInput | undefined;
  /** Faults are over. From here on a run must make progress whatever this adversary still does. */
  healed?(): void;
}

export const NOBODY: Held = { devices: new Set(), trustNodes: new Set(), ledgerServers: new Set() };

/** Only these parties, the rest of `Held` is empty. */
export function holding(held: Partial<{ [K in keyof Held]: Iterable<number> }>): Held {
  return {
    devices: new Set(held.devices ?? []),
    trustNodes: new Set(held.trustNodes ?? []),
    ledgerServers: new Set(held.ledgerServers ?? []),
  };
}
