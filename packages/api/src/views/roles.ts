import { equalBytes, fromHex } from '@iotw/kernel/bytes';
import { ok, type Result } from '@iotw/kernel/result';
import { decodeAddress } from '@iotw/protocol/address';
import { z } from 'zod';
import type { ApiContext } from '../context.js';
import { Count } from './forms.js';
import { nameText } from './nodes.js';

export const RolesSchema = z
  .object({
    member: z.boolean().describe('of the steering committee'),
    makers: z.array(z.object({ maker: Count, name: z.string() })).describe('whose root key it is'),
    batches: z
      .array(z.object({ maker: Count, batch: Count }))
      .describe('whose key it is, the first 100; revoked ones are left out'),
    trustNodes: z.array(Count).describe('that are paid to it'),
    ledgerServers: z.array(Count).describe('that are paid to it'),
  })
  .meta({ id: 'Roles' });
type RolesView = z.infer<typeof RolesSchema>;

const SHOWN_BATCHES = 100;

/** What a key may do beside owning money, whether or not it has an account. `text`: address or 64 hex characters. Errors: those of addresses. */
export function rolesView(context: ApiContext, text: string): Result<RolesView> {
  const hex = fromHex(text, 32);
  const address = hex === undefined ? decodeAddress(text, context.prefix) : ok({ payload: hex });
  if (!address.ok) return address;
  const key = address.value.payload;
  const { ledger } = context.backend;
  const account = ledger.accounts.find(key);
  const paidTo = (nodes: { readonly rows: number; readonly col: { readonly account: Uint32Array } }) =>
    account === -1 ? [] : rowsOf(nodes.rows, (row) => nodes.col.account[row] === account);
  return ok({
    member: ledger.committee.has(key),
    makers: rowsOf(ledger.makers.rows, (row) => equalBytes(ledger.makers.bytes('key', row), key)).map(
      (row) => {
        const { maker, name } = ledger.makers.read(row)!;
        return { maker, name: nameText(name) };
      },
    ),
    batches: batchesOf(context, key),
    trustNodes: paidTo(ledger.trustNodes),
    ledgerServers: paidTo(ledger.ledgerServers),
  });
}

function batchesOf({ backend: { ledger } }: ApiContext, key: Uint8Array): RolesView['batches'] {
  const { batches } = ledger.makers;
  const { maker, batch } = batches.col;
  return rowsOf(batches.rows, (row) => equalBytes(batches.bytes('key', row), key))
    .filter((row) => !batches.isRevoked(row, ledger.round))
    .slice(0, SHOWN_BATCHES)
    .map((row) => ({ maker: maker[row]!, batch: batch[row]! }));
}

function rowsOf(rows: number, holds: (row: number) => boolean): number[] {
  return Array.from({ length: rows }, (_, row) => row).filter(holds);
}
