import type { KeyPair } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { Connection } from '@iotw/sdk/client/connection';
import { devnetKeys } from '../devnet/devnet-keys.js';
import { guestPayer } from '../devnet/guest-payer.js';
import { readSeedFile } from '../keys/seed-file.js';
import { readDevnetSeed, type SignerOptions } from '../keys/signer.js';
import { integer, oneOf } from './command.js';

/** Options by which a command knows whose batch vouches for a device, and where it stands. */
export interface OriginOptions {
  readonly devnet?: string;
  readonly maker?: number;
  readonly batch?: number;
  readonly batchKeyFile?: string;
  readonly region?: string;
  readonly class?: 'appliance' | 'meter' | 'gateway' | 'user';
}

export const ORIGIN_OPTIONS = [
  {
    flags: '--devnet <dir>',
    summary: "use the devnet's guest maker; a guest's account pays, by the faucet's money",
  },
  { flags: '--maker <n>', summary: 'number of the maker', parse: integer(0, 0xffff) },
  { flags: '--batch <n>', summary: "number of the maker's batch", parse: integer(0, 0xffff_ffff) },
  { flags: '--batch-key-file <file>', summary: "the batch's seed (64 hex characters)" },
  { flags: '--region <region>', summary: 'name or number of the region (default: 0)' },
  {
    flags: '--class <class>',
    summary: 'appliance (default), meter, gateway or user',
    parse: oneOf('appliance', 'meter', 'gateway', 'user'),
  },
] as const;

/** Whose batch vouches for a device, and who pays for saying so. */
interface Origin {
  readonly maker: number;
  readonly batch: number;
  readonly batchKeys: KeyPair;
  /** Where nobody is named who signs. */
  readonly payer?: (server: Connection) => Promise<Result<KeyPair>>;
}

/** The batch that the options name. Errors: `device-origin`, `devnet-damaged`, `key-file`. */
export async function originOf(options: OriginOptions & SignerOptions): Promise<Result<Origin>> {
  const { devnet, maker, batch, batchKeyFile } = options;
  if (devnet !== undefined) {
    const seed = await readDevnetSeed(devnet);
    if (!seed.ok) return seed;
    const { GUEST_MAKER, GUEST_PEOPLE } = await import('../devnet/devnet-genesis.js');
    const person = options.class === 'user';
    const named = options.wallet !== undefined || options.signerKeyFile !== undefined;
    return ok({
      maker: GUEST_MAKER.maker,
      batch: person ? GUEST_PEOPLE.batch : GUEST_MAKER.batch,
      batchKeys: person
        ? devnetKeys(seed.value, 'people-batch')
        : devnetKeys(seed.value, 'batch', GUEST_MAKER.maker),
      ...(named ? {} : { payer: (server: Connection) => guestPayer(server, seed.value) }),
    });
  }
  if (maker === undefined || batch === undefined || batchKeyFile === undefined) {
    return fail(
      'device-origin',
      'Say which batch vouches for the device: --maker, --batch and --batch-key-file, or --devnet DIR.',
    );
  }
  const batchKeys = await readSeedFile(batchKeyFile);
  return batchKeys.ok ? ok({ maker, batch, batchKeys: batchKeys.value }) : batchKeys;
}

/** A region's number by its name or number. Error: `device-region`. */
export function regionOf(text: string | undefined, regions: readonly string[]): Result<number> {
  if (text === undefined) return ok(0);
  const named = regions.indexOf(text);
  const region = named !== -1 ? named : /^[0-9]{1,3}$/.test(text) ? Number(text) : -1;
  if (region >= 0 && region < regions.length) return ok(region);
  return fail('device-region', `There is no region ${text}: this network has ${regions.join(', ')}.`);
}
