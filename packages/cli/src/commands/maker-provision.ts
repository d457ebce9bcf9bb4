import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fromHex, toHex } from '@iotw/kernel/bytes';
import type { KeyPair } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { encodeDeviceCode } from '@iotw/protocol/device-code';
import { DEVICE_CLASS } from '@iotw/protocol/operations';
import { type DeviceInfo, getDevice } from '@iotw/sdk/client/devices';
import { getNetwork, networkOf } from '@iotw/sdk/client/network';
import { claimCode } from '@iotw/sdk/transaction/device-codes';
import { deviceRegister } from '@iotw/sdk/transaction/device-operations';
import { readKey } from '@iotw/sdk/transaction/recipient';
import { type Broker, MAX_HOST_BYTES, STORE_BYTES, storeImage } from '../firmware/store-image.js';
import { readSeedFile } from '../keys/seed-file.js';
import { writeNew, writeNewBytes } from '../node/write-new.js';
import { codeLines, writeLabel } from '../output/code-picture.js';
import type { Answer } from '../output/print.js';
import { formatFields } from '../output/table.js';
import { type AddCommands, addVerb, type CommandContext, integer } from './command.js';
import { ORIGIN_OPTIONS, type OriginOptions, originOf, regionOf } from './device-origin.js';
import { act, connection, SUBMISSION_OPTIONS, type SubmissionOptions } from './submission.js';

interface ProvisionOptions extends SubmissionOptions, OriginOptions {
  readonly keyFile: string;
  readonly out: string;
  readonly broker: string;
  readonly pin?: string;
  readonly trustNode?: number;
  readonly telemetry?: boolean;
  readonly image?: string;
  readonly at?: number;
  readonly label?: string;
  readonly owner?: string;
}

/** Larger images are a mistake. */
const MOST_IMAGE_BYTES = 64 * 1024 * 1024;

/** `iotw maker provision`. */
export const addProvision: AddCommands = (noun, run) => {
  addVerb<ProvisionOptions>(noun, run, {
    usage: 'provision',
    summary: "make a device: its key, its place on the ledger, its firmware's store and its label",
    examples: [
      'iotw maker provision --key-file device.key --out store.bin --broker mqtt://127.0.0.1:1883 --devnet .iotw/devnet',
      'iotw maker provision --key-file 17.key --out 17.bin --image firmware.bin --at 0x1f0000 --label 17.svg --maker 3 --batch 2 --batch-key-file batch.key --broker mqtts://192.0.2.7:8883 --pin 4c58...6526 --wallet maker',
    ],
    shared: ['api'],
    options: [
      { flags: '--key-file <file>', summary: "the device's seed; made where there is none", required: true },
      { flags: '--out <file>', summary: 'the store to write, or the image with it', required: true },
      {
        flags: '--broker <url>',
        summary: 'where it logs in: mqtt:// or mqtts://, host and port',
        required: true,
      },
      { flags: '--pin <hex>', summary: "SHA-256 of the broker's key, with mqtts:// (iotw node tells it)" },
      {
        flags: '--trust-node <n>',
        summary: 'number of the trust node there (default: 0)',
        parse: integer(0, 63),
      },
      { flags: '--image <file>', summary: 'firmware that the store is put into; --at says where' },
      { flags: '--at <offset>', summary: 'offset of the store in the image', parse: offset },
      { flags: '--telemetry', summary: 'its owner consents to telemetry' },
      { flags: '--owner <address>', summary: 'who bought it: the code then is one that claims it' },
      { flags: '--label <file>', summary: 'the code on its label as SVG: which device it is' },
      ...ORIGIN_OPTIONS,
      ...SUBMISSION_OPTIONS,
    ],
    notes: [
      'It may be repeated: a key that is on the ledger is not registered again, and no file is overwritten.',
      'The store holds the secret key of the device: keep it and the key file, or destroy both.',
    ],
    run: provision,
  });
};

function offset(text: string): number {
  return integer(0, MOST_IMAGE_BYTES)(/^0x[0-9a-f]{1,8}$/i.test(text) ? String(Number(text)) : text);
}

async function provision(context: CommandContext, options: ProvisionOptions): Promise<Result<Answer>> {
  const broker = brokerOf(options);
  if (!broker.ok) return broker;
  const image = await imageOf(options);
  if (!image.ok) return image;
  const origin = await originOf(options);
  if (!origin.ok) return origin;
  const key = await deviceKey(options.keyFile);
  if (!key.ok) return key;
  const server = connection(context, options.network);
  const info = await getNetwork(server);
  if (!info.ok) return info;
  const network = await networkOf(server);
  if (!network.ok) return network;
  const region = regionOf(options.region, info.value.regions);
  if (!region.ok) return region;
  const owner = options.owner === undefined ? undefined : readKey(options.owner, info.value.addressPrefix);
  if (owner?.ok === false) return owner;
  const { maker, batch, batchKeys, payer } = origin.value;
  const from = { maker, batch, region: region.value, deviceClass: options.class ?? 'appliance' } as const;
  const registration = deviceRegister(network.value, from, batchKeys, key.value.keys);
  let device = await getDevice(server, key.value.keys.publicKey);
  if (!device.ok) {
    if (device.error.code !== 'device-unknown') return device;
    const sent = await act(context, { ...options, wait: 'final' }, () => ok([registration]), payer);
    if (!sent.ok) return sent;
    device = await getDevice(server, key.value.keys.publicKey);
    if (!device.ok) return device;
  }
  const same = sameOrigin(device.value, from, info.value.regions);
  if (!same.ok) return same;
  const store = storeImage({
    ...{
      network: network.value,
      ...key.value,
      number: device.value.device,
      telemetry: options.telemetry === true,
    },
    ...{ maker, batch, region: region.value, deviceClass: DEVICE_CLASS[from.deviceClass] },
    ...{ batchSignature: registration.batchSignature, broker: broker.value },
  });
  const { ownershipChanges, device: number } = device.value;
  return written(options, number, {
    code:
      owner === undefined
        ? encodeDeviceCode(network.value, { kind: 'device', device: key.value.keys.publicKey })
        : claimCode(network.value, owner.value, ownershipChanges, key.value.keys),
    keys: key.value.keys,
    store,
    image: image.value,
  });
}

interface Made {
  readonly code: string;
  readonly keys: KeyPair;
  readonly store: Uint8Array;
  readonly image: Uint8Array | undefined;
}

async function written(
  { out, at = 0, label }: ProvisionOptions,
  number: number,
  { code, keys, store, image }: Made,
): Promise<Result<Answer>> {
  const bytes = image === undefined ? store : withStore(image, store, at);
  const kept = await writeNewBytes(out, bytes);
  if (!kept.ok) return kept;
  if (label !== undefined) {
    const drawn = await writeLabel(label, code);
    if (!drawn.ok) return drawn;
  }
  const qr = await codeLines(code);
  const device = toHex(keys.publicKey);
  return ok({
    json: {
      device: number,
      key: device,
      code,
      out,
      bytes: bytes.length,
      ...(label === undefined ? {} : { label }),
    },
    text: () => [
      ...formatFields([
        ['device', String(number)],
        ['key', device],
        ['written', `${out}, ${bytes.length} bytes`],
        ['code', code],
      ]),
      ...qr,
    ],
  });
}

/** The seed in the file; where there is none, a new one is made and kept first, so that no registered key is lost. */
async function deviceKey(
  path: string,
): Promise<Result<{ readonly seed: Uint8Array; readonly keys: KeyPair }>> {
  if (!existsSync(path)) {
    const made = await writeNew(path, `${toHex(new Uint8Array(randomBytes(32)))}\n`);
    if (!made.ok) return made;
  }
  const keys = await readSeedFile(path);
  if (!keys.ok) return keys;
  return ok({ keys: keys.value, seed: fromHex((await readFile(path, 'utf8')).trim(), 32)! });
}

function brokerOf({ broker, pin, trustNode = 0 }: ProvisionOptions): Result<Broker> {
  const match = /^(mqtts?):[/][/]([\x21-\x2e\x30-\x39\x3b-\x7e]+):([0-9]{1,5})$/.exec(broker);
  const port = Number(match?.[3]);
  if (match === null || match[2]!.length > MAX_HOST_BYTES || port < 1 || port > 65_535) {
    return fail(
      'provision-broker',
      `The broker ${broker} must be mqtt:// or mqtts://, a host of at most ${MAX_HOST_BYTES} characters, a colon and a port.`,
    );
  }
  const hash = pin === undefined ? undefined : fromHex(pin, 32);
  if ((match[1] === 'mqtts') !== (hash !== undefined)) {
    return fail(
      'provision-pin',
      'With mqtts:// give --pin, the 64 hex characters that iotw node tells when it starts; with mqtt:// give none.',
    );
  }
  return ok({ host: match[2]!, port, trustNode, pin: hash });
}

async function imageOf({ image, at }: ProvisionOptions): Promise<Result<Uint8Array | undefined>> {
  if ((image === undefined) !== (at === undefined))
    return fail(
      'provision-image',
      'Give --image and --at together: the firmware, and where its store begins.',
    );
  if (image === undefined) return ok(undefined);
  try {
    const bytes = await readFile(image);
    if (bytes.length <= MOST_IMAGE_BYTES) return ok(bytes);
  } catch {
    // Falls through: the mend is the same.
  }
  return fail(
    'provision-image',
    `The image ${image} can't be read, or is larger than ${MOST_IMAGE_BYTES} bytes.`,
  );
}

/** The image with the store at an offset; what lies between is as erased flash. */
function withStore(image: Uint8Array, store: Uint8Array, at: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(image.length, at + STORE_BYTES)).fill(0xff);
  bytes.set(image);
  bytes.set(store, at);
  return bytes;
}

/** Whether what the ledger says of a device is what its store would say. Error: `provision-registered`. */
function sameOrigin(
  device: DeviceInfo,
  from: {
    readonly maker: number;
    readonly batch: number;
    readonly region: number;
    readonly deviceClass: string;
  },
  regions: readonly string[],
): Result<void> {
  const wanted = [from.maker, from.batch, regions[from.region], from.deviceClass].join(' ');
  if ([device.maker, device.batch, device.region, device.deviceClass].join(' ') === wanted)
    return ok(undefined);
  return fail(
    'provision-registered',
    `The key is on the ledger already as device ${device.device}, of maker ${device.maker}, batch ${device.batch}, region ${device.region}, class ${device.deviceClass}: name those, or use another key.`,
  );
}
