import { toHex } from '@iotw/kernel/bytes';
import { verify } from '@iotw/kernel/ed25519';
import { ok, type Result } from '@iotw/kernel/result';
import { possessionDigest } from '@iotw/protocol/digests';
import type { Operation } from '@iotw/protocol/operations';
import type { Connection } from '@iotw/sdk/client/connection';
import { getDevicePage } from '@iotw/sdk/client/devices';
import type { DeliveryRow, RowFault } from './delivery-csv.ts';

/** Keys that one call looks up, and devices that one transaction registers: its screen can still be read. */
const KEYS_PER_CALL = 100;
export const DEVICES_PER_TRANSACTION = 200;
/** Signatures that are checked before the page may draw again. */
const CHECKS_PER_TURN = 20;

export interface Batch {
  readonly maker: number;
  readonly batch: number;
}
type Registration = Extract<Operation, { type: 'deviceRegister' }>;

/** The operation that puts a device on the ledger; the batch's signature is the signer's to make. */
export function registration({ maker, batch }: Batch, row: DeliveryRow): Registration {
  const { key, region, deviceClass, signature: deviceSignature } = row;
  return {
    type: 'deviceRegister',
    key,
    maker,
    batch,
    region,
    deviceClass,
    batchSignature: new Uint8Array(64),
    deviceSignature,
  };
}

export interface CheckedDelivery {
  /** Rows to register. */
  readonly rows: readonly DeliveryRow[];
  readonly faults: readonly RowFault[];
  /** Rows whose device this maker and batch have registered already: after an interruption they are simply passed over. */
  readonly done: readonly DeliveryRow[];
}

/**
 * Holds rows against the ledger and the devices' own signatures, before anybody signs or pays. `progress` is told how many are checked. Codes: those of
 * calls.
 */
export async function checkDelivery(
  connection: Connection,
  network: Uint8Array,
  into: Batch,
  rows: readonly DeliveryRow[],
  progress: (checked: number) => void,
): Promise<Result<CheckedDelivery>> {
  const good: DeliveryRow[] = [];
  const done: DeliveryRow[] = [];
  const faults: RowFault[] = [];
  for (let from = 0; from < rows.length; from += KEYS_PER_CALL) {
    const some = rows.slice(from, from + KEYS_PER_CALL);
    const known = await getDevicePage(connection, { keys: some.map(({ key }) => toHex(key)) });
    if (!known.ok) return known;
    const origins = new Map(known.value.items.map((device) => [device.key, device]));
    for (const [place, row] of some.entries()) {
      const device = origins.get(toHex(row.key));
      if (device?.maker === into.maker && device.batch === into.batch) done.push(row);
      else if (device !== undefined)
        faults.push({ line: row.line, what: 'known', values: { device: device.device } });
      else if (isSigned(network, into, row)) good.push(row);
      else faults.push({ line: row.line, what: 'possession', values: { ...into } });
      if (place % CHECKS_PER_TURN === 0) {
        progress(from + place);
        await new Promise((drawn) => setTimeout(drawn, 0));
      }
    }
  }
  progress(rows.length);
  return ok({ rows: good, faults, done });
}

function isSigned(network: Uint8Array, into: Batch, row: DeliveryRow): boolean {
  return verify(row.signature, possessionDigest(network, registration(into, row)), row.key);
}
