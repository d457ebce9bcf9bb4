/** The configuration of a fleet process: one JSON object, every field checked. */
import { fromHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';

export interface FleetTrustNode {
  readonly index: number;
  readonly host: string;
  readonly port: number;
}

export interface FleetConfig {
  /** Network id, 32 bytes (hex). */
  readonly network: Uint8Array;
  /** Seed of the devices' keys, 32 bytes (hex); see device-keys.ts. */
  readonly seed: Uint8Array;
  /** Directory of the boot counter, one for the whole fleet. */
  readonly boot: string;
  /** The devices' hosts: device i logs in at trustNodes[i modulo their number]. */
  readonly trustNodes: readonly FleetTrustNode[];
  readonly count: number;
  /** Index of the first device's key; default 0. */
  readonly first: number;
  /** Ledger number of the first device, the others' follow; default: `first`. `null` learns them from assignments. */
  readonly firstNumber: number | undefined;
  /** Lane keys by trust node (hex), where they are to be pinned. */
  readonly laneKeys: readonly Uint8Array[] | undefined;
  readonly loginsPerSecond: number;
  readonly loginsInFlight: number;
  readonly keepaliveSeconds: number;
  /** Milliseconds between two reports. */
  readonly reportMs: number;
}

/** Devices in one process. */
export const MAX_FLEET = 65_536;
const DEFAULTS = {
  first: 0,
  loginsPerSecond: 1000,
  loginsInFlight: 128,
  keepaliveSeconds: 240,
  reportMs: 1000,
} as const;

/** Reads the JSON text of a configuration. Error: `fleet-config-invalid`, naming the field. */
export function parseFleetConfig(text: string): Result<FleetConfig> {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return invalid('the text', 'JSON');
  }
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    return invalid('the text', 'one JSON object');
  const fields = raw as Record<string, unknown>;
  const network = bytes32(fields.network);
  if (network === undefined) return invalid('network', '64 hex characters');
  const seed = bytes32(fields.seed);
  if (seed === undefined) return invalid('seed', '64 hex characters');
  if (typeof fields.boot !== 'string' || fields.boot === '')
    return invalid('boot', 'the path of a directory');
  const trustNodes = list(fields.trustNodes, trustNode);
  if (trustNodes === undefined || trustNodes.length === 0) {
    return invalid('trustNodes', 'a list of {index, host, port}');
  }
  const laneKeys = fields.laneKeys === undefined ? undefined : list(fields.laneKeys, bytes32);
  if (fields.laneKeys !== undefined && laneKeys === undefined)
    return invalid('laneKeys', 'a list of 64 hex characters');
  const numbers: Record<string, number> = {};
  for (const [name, min, max] of NUMBERS) {
    const value = fields[name] ?? (DEFAULTS as Record<string, number>)[name];
    if (!isInteger(value, min, max)) return invalid(name, `an integer from ${min} to ${max}`);
    numbers[name] = value;
  }
  const firstNumber = fields.firstNumber === undefined ? numbers.first : fields.firstNumber;
  if (firstNumber !== null && !isInteger(firstNumber, 0, 0xffff_ffff))
    return invalid('firstNumber', 'a u32 or null');
  return ok({
    network,
    seed,
    boot: fields.boot,
    trustNodes,
    laneKeys,
    firstNumber: firstNumber ?? undefined,
    ...(numbers as Record<(typeof NUMBERS)[number][0], number>),
  });
}

const NUMBERS = [
  ['count', 1, MAX_FLEET],
  ['first', 0, 0xffff_ffff - MAX_FLEET],
  ['loginsPerSecond', 1, 100_000],
  ['loginsInFlight', 1, 10_000],
  ['keepaliveSeconds', 1, 300],
  ['reportMs', 10, 3_600_000],
] as const;

function invalid(field: string, wanted: string): Result<never> {
  return fail('fleet-config-invalid', `The fleet's configuration: ${field} must be ${wanted}.`, { field });
}

function isInteger(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}

function bytes32(value: unknown): Uint8Array | undefined {
  return typeof value === 'string' ? fromHex(value, 32) : undefined;
}

function list<T>(value: unknown, read: (item: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = value.map(read);
  return items.every((item) => item !== undefined) ? (items as T[]) : undefined;
}

function trustNode(value: unknown): FleetTrustNode | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { index, host, port } = value as Record<string, unknown>;
  if (!isInteger(index, 0, 0xffff) || typeof host !== 'string' || !isInteger(port, 1, 65_535))
    return undefined;
  return { index, host, port };
}
