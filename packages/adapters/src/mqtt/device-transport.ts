/** The port between a trust node and its devices; conformance.ts is the suite that every transport passes. */
import type { Result } from '@iotw/kernel/result';
import type { HelloAssigner, HostAddress, HostMove } from '@iotw/protocol/hello';
import type { Failpoints } from '../failpoints/failpoints.js';
import type { TransportLimits } from './limits.js';

export type Presence = 'up' | 'down';

/** `deviceKeyHex` is the lower-case hex of the device's key; `bytes` belong to the receiver. */
export type MessageHandler = (deviceKeyHex: string, bytes: Uint8Array) => void;
export type PresenceHandler = (deviceKeyHex: string, presence: Presence) => void;

/** Something a device or a stranger did that was refused; `code` is a row of docs/errors.md. */
export interface Incident {
  readonly code: string;
  readonly device?: string;
  readonly address?: string;
  readonly detail?: string;
  /** Incidents of this code that were not logged since the last one. */
  readonly suppressed?: number;
}

export interface TransportStats {
  /** Devices logged in. */
  readonly sessions: number;
  /** Devices that can be assigned to (logged in and subscribed). */
  readonly present: number;
  /** Sockets not logged in yet. */
  readonly pending: number;
  /** Since the start. */
  readonly logins: number;
  readonly assignments: number;
  readonly results: number;
  readonly transactions: number;
  readonly telemetry: number;
  /** Count by code. */
  readonly incidents: Readonly<Record<string, number>>;
}

/** Ports in use; 0 was asked for, or nothing listens there. */
export interface TransportPorts {
  readonly tcpPort?: number;
  readonly tlsPort?: number;
  readonly wsPort?: number;
}

/** What every transport needs to know of its trust node. */
export interface TransportOptions {
  /** Network id, 32 bytes. */
  readonly network: Uint8Array;
  /** Index of this trust node. */
  readonly trustNode: number;
  /** The current epoch. */
  readonly epoch: () => number;
  /** Is this key registered here and not revoked? Called at each login and by `refresh`. */
  readonly authorize: (deviceKey: Uint8Array) => Result<unknown>;
  /** A device's number on the ledger; told to a device that asks for it. */
  readonly numberOf?: (deviceKey: Uint8Array) => number | undefined;
  /** Lane keys of all trust nodes, by index. */
  readonly laneKeys: () => readonly Uint8Array[];
  /** Whose statements devices take beside the lanes' trust nodes; told in hello. */
  readonly assigners?: () => readonly HelloAssigner[];
  /** Length of the running epoch in agreed time, ms; told in hello. */
  readonly epochMs?: () => number;
  /** What the next epoch's pool asks of tickets, where it does; told in hello. */
  readonly tickets?: () => { readonly seed: Uint8Array; readonly bits: number } | undefined;
  /** Trust nodes where devices may log in, told in hello. */
  readonly hosts?: () => readonly HostAddress[];
  /** Where a device (hex of its key) belongs that is to leave this trust node; asked at its login and by `refresh`. */
  readonly moveOf?: (deviceKeyHex: string) => HostMove | undefined;
  readonly limits?: Partial<TransportLimits>;
  readonly failpoints?: Failpoints;
  /** Called for incidents, at most `logPerSecond` of one code a second. */
  readonly log?: (incident: Incident) => void;
}

/**
 * Carries assignments to devices and their answers back. Delivery is at most once and unordered
 * against presence: whoever waits for an answer needs a deadline of its own. Duplicates may come.
 */
export interface DeviceTransport {
  /** Errors: `mqtt-port-taken`, `mqtt-listen-failed`, `mqtt-broker-unreachable`. */
  start(): Promise<Result<TransportPorts>>;
  /** Sends an assignment; false when the device is absent or not reading, so that the next rank is asked. */
  assign(deviceKeyHex: string, bytes: Uint8Array): boolean;
  /** True from the device's login and subscription until it is gone. */
  connected(deviceKeyHex: string): boolean;
  onResult(handler: MessageHandler): void;
  onTransaction(handler: MessageHandler): void;
  onTelemetry(handler: MessageHandler): void;
  /** Presence tickets and offline notes as devices publish them (protocol/device-wire), never login tokens. */
  onStatus(handler: MessageHandler): void;
  onPresenceChange(handler: PresenceHandler): void;
  /** Call at each epoch's edge and after a registry change: drops devices without a right, announces hello anew. */
  refresh(): void;
  /** What the device handed in on `tx` was not taken, for the reason `code`: counted and logged, the device is not told. */
  refused(deviceKeyHex: string, code: string): void;
  stats(): TransportStats;
  close(): Promise<void>;
}
