import { equalBytes, fromHex, toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { decodeDeviceCode } from '@iotw/protocol/device-code';
import { getDevice } from '@iotw/sdk/client/devices';
import { isCodeSigned } from '@iotw/sdk/transaction/device-codes';
import { deviceClaim, deviceRegister, deviceRelease } from '@iotw/sdk/transaction/device-operations';
import { readSeedFile } from '../keys/seed-file.js';
import type { Answer } from '../output/print.js';
import { type AddCommands, addVerb, type CommandContext } from './command.js';
import { ORIGIN_OPTIONS, type OriginOptions, originOf, regionOf } from './device-origin.js';
import { act, SUBMISSION_OPTIONS, type SubmissionOptions } from './submission.js';

interface RegisterOptions extends SubmissionOptions, OriginOptions {
  readonly keyFile: string;
}

interface ClaimOptions extends SubmissionOptions {
  readonly code?: string;
  readonly keyFile?: string;
}

const KEY_FILE = {
  flags: '--key-file <file>',
  summary: "the device's seed (64 hex characters)",
  required: true,
};

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
    options: [KEY_FILE, ...ORIGIN_OPTIONS, ...SUBMISSION_OPTIONS],
    notes: ['A device key is made by: openssl rand -hex 32 > device.key'],
    run: register,
  });
  addVerb<ClaimOptions>(noun, run, {
    usage: 'claim',
    summary: "become a device's owner: its rewards go to the signer",
    examples: [
      'iotw device claim --code iotw:claim/... --wallet home',
      'iotw device claim --key-file device.key --wallet home',
    ],
    shared: ['api'],
    options: [
      { flags: '--code <code>', summary: 'what iotw device claim-code made for the signer' },
      { flags: '--key-file <file>', summary: "or the device's seed (64 hex characters)" },
      ...SUBMISSION_OPTIONS,
    ],
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

async function claim(context: CommandContext, options: ClaimOptions): Promise<Result<Answer>> {
  const { code, keyFile } = options;
  if ((code === undefined) === (keyFile === undefined))
    return fail('claim-code', 'Give --code, or --key-file: how does the device agree?');
  if (code !== undefined) return claimByCode(context, options, code);
  const device = await readSeedFile(keyFile!);
  if (!device.ok) return device;
  return act(context, options, async ({ connection, network, keys }) => {
    const info = await getDevice(connection, device.value.publicKey);
    if (!info.ok) return info;
    return ok([deviceClaim(network, keys.publicKey, info.value.ownershipChanges, device.value)]);
  });
}

function claimByCode(context: CommandContext, options: ClaimOptions, text: string): Promise<Result<Answer>> {
  return act(context, options, ({ network, keys }) => {
    const code = decodeDeviceCode(network, text);
    if (!code.ok) return code;
    const { value } = code;
    if (value.kind !== 'claim' || !equalBytes(value.owner, keys.publicKey) || !isCodeSigned(network, value)) {
      return fail(
        'claim-code',
        'The code was not made for the signer, or not by the device: have it made anew.',
      );
    }
    return ok([{ type: 'deviceClaim', device: value.device, deviceSignature: value.signature }]);
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
