/** The hello message: what a device must know before it can log in (spec: clause 11). */
import { fromHex, fromUtf8, toHex, utf8 } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { isHostAddress } from './host-address.js';
import type { EpochSnapshot } from './pool.js';

export const PROTOCOL_VERSION = 1;

/** A node whose statements a device checks. */
export interface HelloAssigner {
  readonly role: number;
  readonly index: number;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** A trust node and the MQTT URL at which devices log in there. */
export interface HostAddress {
  readonly trustNode: number;
  readonly address: string;
}

/** Where a device belongs, and the first epoch in which it is drawn there. */
export interface HostMove extends HostAddress {
  readonly epoch: number;
}

export interface Hello {
  readonly protocolVersion: number;
  /** 32 bytes. */
  readonly network: Uint8Array;
  readonly trustNode: number;
  readonly epoch: number;
  /** Lane keys (32 bytes each) of all trust nodes, by index: devices check block headers against them. */
  readonly laneKeys: readonly Uint8Array[];
  /** 16 hex characters, new whenever the trust node lost its sessions: devices on an external broker announce again. */
  readonly session: string;
  /** Length of an epoch in agreed time, ms, for devices that spread their presence tickets; untold: absent. */
  readonly epochMs?: number;
  /** The next epoch's pool is chosen by tickets: the running epoch's seed, and the low bits of the output that must be zero. */
  readonly tickets?: { readonly seed: Uint8Array; readonly bits: number };
  /** Who signs assignments beside the lanes' trust nodes: role (ASSIGNER), number, key of each; none: absent. */
  readonly assigners?: readonly HelloAssigner[];
  /** True behind an external broker: the device puts its login token on its `status` topic as well. */
  readonly announce?: boolean;
  /** Where else a device may log in; present where the network moves devices: then each has a topic `host`. */
  readonly hosts?: readonly HostAddress[];
}

/** The key of an assigner that a hello named. */
export function assignerKey(
  assigners: readonly HelloAssigner[],
  role: number,
  index: number,
): Uint8Array | undefined {
  return assigners.find((assigner) => assigner.role === role && assigner.index === index)?.key;
}

/** What devices are told of the assigners of the epochs whose blocks may come: those of `snapshots`, the latest last. */
export function helloAssigners(snapshots: readonly (EpochSnapshot | undefined)[]): HelloAssigner[] {
  const told = new Map<string, HelloAssigner>();
  for (const snapshot of snapshots) {
    const role = snapshot?.parameters.assigner ?? 0;
    for (const { index, key } of snapshot?.assigners ?? [])
      told.set(`${role}:${index}`, { role, index, key });
  }
  return [...told.values()];
}

/** JSON (UTF-8) with keys and ids as lower-case hex. */
export function helloMessage(hello: Hello): Uint8Array {
  return utf8(
    JSON.stringify({
      protocolVersion: hello.protocolVersion,
      network: toHex(hello.network),
      trustNode: hello.trustNode,
      epoch: hello.epoch,
      session: hello.session,
      laneKeys: hello.laneKeys.map(toHex),
      ...(hello.epochMs === undefined ? {} : { epochMs: hello.epochMs }),
      ...(hello.tickets === undefined
        ? {}
        : { tickets: { seed: toHex(hello.tickets.seed), bits: hello.tickets.bits } }),
      ...(hello.assigners === undefined
        ? {}
        : { assigners: hello.assigners.map((a) => ({ ...a, key: toHex(a.key) })) }),
      ...(hello.announce === true ? { announce: true } : {}),
      ...(hello.hosts === undefined ? {} : { hosts: hello.hosts }),
    }),
  );
}

/** What a trust node says on a device's topic `host`, JSON (UTF-8). */
export function hostMoveMessage({ trustNode, address, epoch }: HostMove): Uint8Array {
  return utf8(JSON.stringify({ trustNode, address, epoch }));
}

/** Reads a message of the topic `host`; undefined where it is none. */
export function parseHostMove(bytes: Uint8Array): HostMove | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(fromUtf8(bytes) ?? '');
  } catch {
    return undefined;
  }
  const host = readHost(raw);
  const epoch = (raw as { epoch?: unknown } | null)?.epoch;
  return host === undefined || !isIndex(epoch) ? undefined : { ...host, epoch };
}

function readHost(value: unknown): HostAddress | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { trustNode, address } = value as Record<string, unknown>;
  if (!isIndex(trustNode) || typeof address !== 'string' || !isHostAddress(address)) return undefined;
  return { trustNode, address };
}

/** Reads a hello message; unknown fields are ignored. Error: `mqtt-hello-malformed`. */
export function parseHello(bytes: Uint8Array): Result<Hello> {
  const malformed = fail('mqtt-hello-malformed', 'This is not the hello message of a trust node.');
  let raw: unknown;
  try {
    raw = JSON.parse(fromUtf8(bytes) ?? '');
  } catch {
    return malformed;
  }
  if (typeof raw !== 'object' || raw === null) return malformed;
  const fields = raw as Record<string, unknown>;
  const { protocolVersion, network, trustNode, epoch, session, laneKeys, epochMs } = fields;
  const id = typeof network === 'string' ? fromHex(network, 32) : undefined;
  if (id === undefined || !isIndex(protocolVersion) || !isIndex(trustNode) || !isIndex(epoch))
    return malformed;
  if (typeof session !== 'string' || !Array.isArray(laneKeys)) return malformed;
  const keys: Uint8Array[] = [];
  for (const text of laneKeys as unknown[]) {
    const key = typeof text === 'string' ? fromHex(text, 32) : undefined;
    if (key === undefined) return malformed;
    keys.push(key);
  }
  const tickets = readTickets(fields.tickets);
  const assigners = readAssigners(fields.assigners);
  return ok({
    protocolVersion,
    network: id,
    trustNode,
    epoch,
    session,
    laneKeys: keys,
    ...(isIndex(epochMs) && epochMs > 0 ? { epochMs } : {}),
    ...(tickets === undefined ? {} : { tickets }),
    ...(assigners.length === 0 ? {} : { assigners }),
    ...(fields.announce === true ? { announce: true } : {}),
    ...(Array.isArray(fields.hosts)
      ? { hosts: fields.hosts.map(readHost).filter((host) => host !== undefined) }
      : {}),
  });
}

/** An entry that can't be read is none: its statements are refused. */
function readAssigners(value: unknown): HelloAssigner[] {
  if (!Array.isArray(value)) return [];
  return (value as unknown[]).flatMap((entry) => {
    if (typeof entry !== 'object' || entry === null) return [];
    const { role, index, key } = entry as Record<string, unknown>;
    const bytes = typeof key === 'string' ? fromHex(key, 32) : undefined;
    return bytes === undefined || !isIndex(role) || !isIndex(index) ? [] : [{ role, index, key: bytes }];
  });
}

/** What can't be read asks for nothing: a device without a ticket is present all the same. */
function readTickets(value: unknown): Hello['tickets'] {
  if (typeof value !== 'object' || value === null) return undefined;
  const { seed, bits } = value as Record<string, unknown>;
  const bytes = typeof seed === 'string' ? fromHex(seed, 32) : undefined;
  return bytes === undefined || !isIndex(bits) || bits > 32 ? undefined : { seed: bytes, bits };
}

function isIndex(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff;
}
