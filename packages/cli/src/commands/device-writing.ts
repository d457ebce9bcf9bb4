import { fromHex, toHex } from '@iotw/kernel/bytes';
import type { KeyPair } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { getDevice } from '@iotw/sdk/client/devices';
import { deviceClaim, deviceRegister, deviceRelease } from '@iotw/sdk/transaction/device-operations';
import { devnetKeys } from '../devnet/devnet-keys.js';
import { readSeedFile } from '../keys/seed-file.js';
import { readDevnetSeed } from '../keys/signer.js';
import type { Answer } from '../output/print.js';
import { type AddCommands, addVerb, type CommandContext, integer, oneOf } from './command.js';
import { act, SUBMISSION_OPTIONS, type SubmissionOptions } from './submission.js';

type DeviceClass = 'appliance' | 'meter' | 'gateway' | 'user';

interface RegisterOptions extends SubmissionOptions {
  readonly keyFile: string;
  readonly devnet?: string;
  readonly maker?: number;
  readonly batch?: number;
  readonly batchKeyFile?: string;
  readonly region?: string;
  readonly class?: DeviceClass;
}

interface ClaimOptions extends SubmissionOptions {
  readonly keyFile: string;
}

const KEY_FILE = {
  flags: '--key-file <file>',
  summary: "the device's seed (64 hex characters)",
  required: true,
};

/** Whose batch vouches for a device, and who pays for saying so. */
interface Origin {
  readonly maker: number;
  readonly batch: number;
  readonly batchKeys: KeyPair;
  readonly payer?: () => Promise<Result<KeyPair>>;
}

/** `iotw device register|claim|release`. */
export const addDeviceWriting: AddCommands = (noun, run) => {
  addVerb<RegisterOptions>(noun, run, {
    usage: 'register',
    summary: 'put a device on the ledger by a maker batch',
    examples: [
      'iotw device register --key-file device.key --devnet .iotw/devnet',
      'iotw device register --key-file device.key --maker 3 --batch 2 --batch-key-file batch.key --region 0 --wallet maker',
    ],
    shared: ['api'],
    options: [
      KEY_FILE,
      { flags: '--devnet <dir>', summary: "use the devnet's guest maker, and let its faucet pay" },
      { flags: '--maker <n>', summary: 'number of the maker', parse: integer(0, 0xffff) },
      { flags: '--batch <n>', summary: "number of the maker's batch", parse: integer(0, 0xffff_ffff) },
      { flags: '--batch-key-file <file>', summary: "the batch's seed (64 hex characters)" },
      { flags: '--region <region>', summary: 'name or number of the region (default: 0)' },
      {
        flags: '--class <class>',
        summary: 'appliance (default), meter, gateway or user',
        parse: oneOf('appliance', 'meter', 'gateway', 'user'),
      },
      ...SUBMISSION_OPTIONS,
    ],
    notes: ['A device key is made by: openssl rand -hex 32 > device.key'],
    run: register,
  });
  addVerb<ClaimOptions>(noun, run, {
    usage: 'claim',
    summary: "become a device's owner: its rewards go to the signer",
    examples: ['iotw device claim --key-file device.key --wallet home'],
    shared: ['api'],
    options: [KEY_FILE, ...SUBMISSION_OPTIONS],
    run: claim,
  });
  addVerb<SubmissionOptions>(noun, run, {
    usage: 'release <device>',
    summary: 'let an owned device go',
    examples: ['iotw device release 0f5a...c2 --wallet home'],
    shared: ['api'],
    options: SUBMISSION_OPTIONS,
    notes: ['<device> is a number or a key in hex.'],
    run: release,
  });
};

async function register(context: CommandContext, options: RegisterOptions): Promise<Result<Answer>> {
  const device = await readSeedFile(options.keyFile);
  if (!device.ok) return device;
  const origin = await originOf(options);
  if (!origin.ok) return origin;
  const { maker, batch, batchKeys, payer } = origin.value;
  return act(
    context,
    options,
    ({ network, info }) => {
      const region = regionOf(options.region, info.regions);
      if (!region.ok) return region;
      const from = { maker, batch, region: region.value, deviceClass: options.class ?? 'appliance' };
      context.io.err(`device key ${toHex(device.value.publicKey)}\n`);
      return ok([deviceRegister(network, from, batchKeys, device.value)]);
    },
    payer,
  );
}

async function originOf(options: RegisterOptions): Promise<Result<Origin>> {
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
      ...(named ? {} : { payer: async () => ok(devnetKeys(seed.value, 'faucet')) }),
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

function regionOf(text: string | undefined, regions: readonly string[]): Result<number> {
  if (text === undefined) return ok(0);
  const named = regions.indexOf(text);
  const region = named !== -1 ? named : /^[0-9]{1,3}$/.test(text) ? Number(text) : -1;
  if (region >= 0 && region < regions.length) return ok(region);
  return fail('device-region', `There is no region ${text}: this network has ${regions.join(', ')}.`);
}

async function claim(context: CommandContext, options: ClaimOptions): Promise<Result<Answer>> {
  const device = await readSeedFile(options.keyFile);
  if (!device.ok) return device;
  return act(context, options, async ({ connection, network, keys }) => {
    const info = await getDevice(connection, device.value.publicKey);
    if (!info.ok) return info;
    return ok([deviceClaim(network, keys.publicKey, info.value.ownershipChanges, device.value)]);
  });
}

async function release(
  context: CommandContext,
  options: SubmissionOptions,
  name?: string,
): Promise<Result<Answer>> {
  return act(context, options, async ({ connection }) => {
    const given = fromHex(name!, 32);
    if (given !== undefined) return ok([deviceRelease(given)]);
    const info = await getDevice(connection, name!);
    if (!info.ok) return info;
    const key = fromHex(info.value.key, 32);
    return key === undefined
      ? fail('client-answer', "The server's answer names no device key: it is another version.")
      : ok([deviceRelease(key)]);
  });
}
