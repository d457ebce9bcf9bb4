import { reputation } from '@iotw/assignment/reputation';
import { fromHex, toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { DEVICE_CLASS } from '@iotw/protocol/operations';
import { z } from 'zod';
import { type ApiContext, accountAddress } from '../context.js';
import { MAX_DEVICE_KEYS, PAGE_SCAN_ROWS, STATUS_SCAN_ROWS } from '../limits.js';
import { resolveAccount } from './accounts.js';
import { Address, Amount, Count, Hex32 } from './forms.js';
import { recommendedHost } from './hosts.js';
import { nameText } from './nodes.js';
import { type Page, PageQuery, pageOfRows } from './page.js';

const DeviceStatus = z.enum(['active', 'blacklisted', 'revoked']);

export const DeviceSchema = z
  .object({
    device: Count,
    key: Hex32,
    maker: Count,
    batch: Count,
    region: z.string(),
    deviceClass: z.string(),
    owner: Address.nullable(),
    ownershipChanges: Count.describe('what a claim, or the acceptance of a hand-over, must sign'),
    host: Count.nullable().describe('trust node of its last presence'),
    recommendedHost: Count.nullable().describe(
      'trust node the policy gives it (spec: 14.8); null: not in the pool frozen last',
    ),
    registeredEpoch: Count,
    activeFrom: Count.describe('first epoch whose pool may hold it'),
    status: DeviceStatus,
    blacklistedUntil: Count.describe(
      'first epoch whose pool may hold it again; 0: not blacklisted; 4294967295: until a vote',
    ),
    blacklistReason: z.enum(['none', 'lie', 'equivocation', 'unproven', 'disagreement']),
    blacklistCase: Hex32.nullable().describe('digest of the attestation it is blacklisted for'),
    presentEpoch: Count.nullable().describe('epoch in which it was last present'),
    uptimeEpochs: Count,
    boot: Count,
    counter: Count,
    head: Hex32.describe('head of its own chain of attestations'),
    anchoredHead: Hex32,
    epoch: z
      .object({ mined: Count, witnessed: Count, unpaid: Count, missed: Count })
      .describe('counts of the running epoch'),
    reputation: z
      .object({
        ppm: Count.describe(
          '0 to 1,000,000: the share of answers to expect of it; one half where nothing is known',
        ),
        answered: z.number().describe('certified answers, older ones for less'),
        missed: z.number().describe('certified misses, older ones for less'),
      })
      .describe('at the last epoch’s edge'),
    earned: Amount.describe('since it was registered'),
  })
  .meta({ id: 'Device' });
export type DeviceView = z.infer<typeof DeviceSchema>;

const CLASS_NAMES = new Map<number, string>(Object.entries(DEVICE_CLASS).map(([name, n]) => [n, name]));

/** Device number of a number or a 32-byte key in hex. Errors: `device-unknown`. */
export function resolveDevice(context: ApiContext, text: string): Result<number> {
  const { devices } = context.backend.ledger;
  const key = fromHex(text, 32);
  const device = key !== undefined ? devices.find(key) : /^[0-9]{1,10}$/.test(text) ? Number(text) : -1;
  return device >= 0 && device < devices.rows
    ? ok(device)
    : fail(
        'device-unknown',
        `There is no device ${text.slice(0, 80)}: name it by its number or 64 hex characters.`,
      );
}

export function deviceView(context: ApiContext, device: number): DeviceView {
  const { ledger, genesis } = context.backend;
  const { devices } = ledger;
  const d = devices.read(device)!;
  return {
    device,
    key: toHex(d.key),
    maker: d.maker,
    batch: d.batch,
    region: nameText(genesis.regions[d.region]),
    deviceClass: CLASS_NAMES.get(d.deviceClass) ?? String(d.deviceClass),
    owner: d.owner === undefined ? null : (accountAddress(context, d.owner) ?? null),
    ownershipChanges: d.changes,
    host: d.host ?? null,
    recommendedHost: recommendedHost(ledger, device) ?? null,
    registeredEpoch: d.registeredEpoch,
    activeFrom: d.activeFrom,
    status: deviceStatus(context, device),
    blacklistedUntil: d.blacklistedUntil,
    blacklistReason: d.blacklistReason,
    blacklistCase: d.blacklistReason === 'none' ? null : toHex(d.blacklistCase),
    presentEpoch: d.presentEpoch ?? null,
    uptimeEpochs: d.uptimeEpochs,
    boot: d.boot,
    counter: d.counter,
    head: toHex(d.head),
    anchoredHead: toHex(d.anchoredHead),
    epoch: { mined: d.mined, witnessed: d.witnessed, unpaid: d.unpaid, missed: d.missed },
    reputation: reputationView(context, device),
    earned: d.earned,
  };
}

/** Its own row or its batch says so. */
function deviceStatus({ backend: { ledger } }: ApiContext, device: number): z.infer<typeof DeviceStatus> {
  const c = ledger.devices.col;
  if (c.revoked[device] === 1 || ledger.makers.batches.isRevoked(c.batchRow[device]!, ledger.round))
    return 'revoked';
  return c.blacklistedUntil[device] === 0 ? 'active' : 'blacklisted';
}

/** Evidence is kept in millionths of an observation. */
const EVIDENCE_ONE = 1_000_000;

function reputationView(context: ApiContext, device: number): DeviceView['reputation'] {
  const { answeredEvidence, missedEvidence } = context.backend.ledger.devices.col;
  const evidence = { answered: answeredEvidence[device]!, missed: missedEvidence[device]! };
  return {
    ppm: reputation(evidence),
    answered: evidence.answered / EVIDENCE_ONE,
    missed: evidence.missed / EVIDENCE_ONE,
  };
}

export const DeviceQuery = PageQuery.extend({
  maker: z.coerce.number().int().min(0).max(65_535).optional(),
  host: z.coerce.number().int().min(0).max(65_535).optional(),
  owner: z.string().max(90).optional().describe('address, key or number of an account'),
  status: DeviceStatus.optional(),
  keys: z
    .string()
    .max(65 * MAX_DEVICE_KEYS)
    .regex(/^[0-9a-f]{64}(,[0-9a-f]{64})*$/)
    .optional()
    .describe('up to 100 keys in hex, with commas: those of them that are on the ledger, in one page'),
});

function devicesOf(context: ApiContext, keys: readonly string[]): Page<DeviceView> {
  const { devices } = context.backend.ledger;
  const known = keys.map((key) => devices.find(fromHex(key, 32)!)).filter((device) => device !== -1);
  return { items: [...new Set(known)].map((device) => deviceView(context, device)), next: null };
}

/** Devices by number. Errors: `cursor-invalid`, those of the owner's account. */
export function devicePage(
  context: ApiContext,
  query: z.infer<typeof DeviceQuery>,
): Result<Page<DeviceView>> {
  const { devices } = context.backend.ledger;
  if (query.keys !== undefined) return ok(devicesOf(context, query.keys.split(',')));
  const owner = query.owner === undefined ? ok(undefined) : resolveAccount(context, query.owner);
  if (!owner.ok) return owner;
  // A row that a column alone leaves out costs next to nothing: what is rare is found in one page.
  const scan = query.status === undefined ? PAGE_SCAN_ROWS : STATUS_SCAN_ROWS;
  return pageOfRows('device', query, devices.rows, scan, (row) => {
    const c = devices.col;
    if (query.maker !== undefined && c.maker[row] !== query.maker) return undefined;
    if (query.host !== undefined && c.host[row] !== query.host) return undefined;
    if (owner.value !== undefined && c.owner[row] !== owner.value) return undefined;
    if (query.status !== undefined && deviceStatus(context, row) !== query.status) return undefined;
    return deviceView(context, row);
  });
}
