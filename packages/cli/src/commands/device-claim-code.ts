import { fromHex, toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { type DeviceCode, encodeDeviceCode } from '@iotw/protocol/device-code';
import { type DeviceInfo, getDevice } from '@iotw/sdk/client/devices';
import { getNetwork, networkOf } from '@iotw/sdk/client/network';
import { claimCode, isCodeSigned } from '@iotw/sdk/transaction/device-codes';
import { readKey } from '@iotw/sdk/transaction/recipient';
import { readSeedFile } from '../keys/seed-file.js';
import { codeLines, writeLabel } from '../output/code-picture.js';
import type { Answer } from '../output/print.js';
import { formatFields } from '../output/table.js';
import { type AddCommands, addVerb, type CommandContext } from './command.js';
import { connection } from './submission.js';

interface ClaimCodeOptions {
  readonly owner: string;
  readonly keyFile?: string;
  readonly device?: string;
  readonly signature?: string;
  readonly label?: string;
}

/** `iotw device claim-code`: for who holds a device's key, so that its owner's wallet needs a code alone. */
export const addDeviceClaimCode: AddCommands = (noun, run) => {
  addVerb<ClaimCodeOptions>(noun, run, {
    usage: 'claim-code',
    summary: 'the code, as text and QR, with which an owner claims a device in a wallet',
    examples: [
      'iotw device claim-code --key-file device.key --owner tiotw1... --label 17.svg',
      'iotw device claim-code --device 17 --signature 5be0...9c --owner tiotw1...',
    ],
    shared: ['api'],
    options: [
      { flags: '--owner <address>', summary: 'who is to own it', required: true },
      { flags: '--key-file <file>', summary: "the device's seed (64 hex characters)" },
      { flags: '--device <device>', summary: 'with --signature: its number, or its key in hex' },
      { flags: '--signature <hex>', summary: 'what the device signed for this owner (iotw-device claim)' },
      { flags: '--label <file>', summary: 'write the QR as SVG' },
    ],
    notes: [
      'The code holds no secret: the named owner alone can use it, once. Nothing is sent to the network.',
    ],
    run: makeCode,
  });
};

async function makeCode(context: CommandContext, options: ClaimCodeOptions): Promise<Result<Answer>> {
  const server = connection(context);
  const info = await getNetwork(server);
  if (!info.ok) return info;
  const network = await networkOf(server);
  if (!network.ok) return network;
  const owner = readKey(options.owner, info.value.addressPrefix);
  if (!owner.ok) return owner;
  const made = await signedCode(options, network.value, owner.value, (name) => getDevice(server, name));
  if (!made.ok) return made;
  const { device, code } = made.value;
  if (options.label !== undefined) {
    const drawn = await writeLabel(options.label, code);
    if (!drawn.ok) return drawn;
  }
  const qr = await codeLines(code);
  return ok({
    json: { device: device.device, key: device.key, owner: options.owner, claimCode: code },
    text: () => [
      ...formatFields([
        ['device', `${device.device}, key ${device.key}`],
        ['for', options.owner],
        ['claim code', code],
      ]),
      ...qr,
    ],
  });
}

/** Signed by the key at hand, or by the device itself. Codes: `key-file`, `claim-code`, `device-owned`, those of the look-up. */
async function signedCode(
  { keyFile, device: name, signature }: ClaimCodeOptions,
  network: Uint8Array,
  owner: Uint8Array,
  lookUp: (name: string) => Promise<Result<DeviceInfo>>,
): Promise<Result<{ readonly device: DeviceInfo; readonly code: string }>> {
  if ((keyFile === undefined) !== (name !== undefined && signature !== undefined)) {
    return fail('claim-code', 'Give --key-file, or --device and --signature: whose key signs?');
  }
  const keys = keyFile === undefined ? undefined : await readSeedFile(keyFile);
  if (keys?.ok === false) return keys;
  const device = await lookUp(keys === undefined ? name! : toHex(keys.value.publicKey));
  if (!device.ok) return device;
  if (device.value.owner !== null) {
    return fail(
      'device-owned',
      'The device has an owner: who releases it first, or hands it over (iotw device accept, iotw device handover).',
    );
  }
  const changes = device.value.ownershipChanges;
  if (keys !== undefined)
    return ok({ device: device.value, code: claimCode(network, owner, changes, keys.value) });
  const key = fromHex(device.value.key, 32);
  const signed = fromHex(signature!, 64);
  if (key !== undefined && signed !== undefined) {
    const code: DeviceCode = { kind: 'claim', device: key, owner, changes, signature: signed };
    if (isCodeSigned(network, code))
      return ok({ device: device.value, code: encodeDeviceCode(network, code) });
  }
  return fail(
    'claim-code',
    `The signature is not that of device ${device.value.device} for this owner and ${changes} ownership changes: 128 hex characters from iotw-device claim.`,
  );
}
