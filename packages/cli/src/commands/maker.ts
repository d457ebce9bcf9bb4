import { fromHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { getDevice } from '@iotw/sdk/client/devices';
import { eachEntry } from '@iotw/sdk/client/pages';
import { deviceRevoke, makerBatch, makerHosts } from '@iotw/sdk/transaction/device-operations';
import { readSeedFile } from '../keys/seed-file.js';
import type { Answer } from '../output/print.js';
import { formatTable } from '../output/table.js';
import { type AddCommands, addVerb, type CommandContext, integer } from './command.js';
import { addProvision } from './maker-provision.js';
import { act, connection, SUBMISSION_OPTIONS, type SubmissionOptions } from './submission.js';

interface BatchOptions extends SubmissionOptions {
  readonly maker: number;
  readonly batch: number;
  readonly rootKeyFile: string;
  readonly batchKeyFile: string;
  readonly quota: number;
  readonly activation?: number;
}

interface HostsOptions extends SubmissionOptions {
  readonly maker: number;
  readonly rootKeyFile: string;
  readonly host?: readonly number[];
}

interface RevokeOptions extends SubmissionOptions {
  readonly maker: number;
  readonly rootKeyFile: string;
  readonly batch?: number;
  readonly device?: string;
}

interface MakerInfo {
  readonly maker: number;
  readonly name: string;
  readonly quota: number;
  readonly allotted: number;
  readonly hosts: readonly number[];
  readonly hostChanges: number;
  readonly batches: readonly {
    readonly batch: number;
    readonly quota: number;
    readonly used: number;
    readonly activeFrom: number;
    readonly revokedFrom: number;
  }[];
}

const MAKER = {
  flags: '--maker <n>',
  summary: 'number of the maker',
  parse: integer(0, 0xffff),
  required: true,
} as const;
const ROOT_KEY_FILE = {
  flags: '--root-key-file <file>',
  summary: "the maker's root seed (64 hex characters)",
  required: true,
} as const;

/** `iotw maker list|batch|provision|revoke|hosts`. */
export const addCommands: AddCommands = (noun, run) => {
  addVerb(noun, run, {
    usage: 'list',
    summary: 'admitted makers and their batches',
    examples: ['iotw maker list'],
    shared: ['api'],
    run: list,
  });
  addVerb<BatchOptions>(noun, run, {
    usage: 'batch',
    summary: "open a batch key by the maker's root key",
    examples: [
      'iotw maker batch --maker 3 --batch 2 --root-key-file root.key --batch-key-file batch.key --quota 5000 --wallet maker',
    ],
    shared: ['api'],
    options: [
      MAKER,
      {
        flags: '--batch <n>',
        summary: 'number of the new batch',
        parse: integer(0, 0xffff_ffff),
        required: true,
      },
      ROOT_KEY_FILE,
      {
        flags: '--batch-key-file <file>',
        summary: 'seed of the new batch key (64 hex characters)',
        required: true,
      },
      {
        flags: '--quota <n>',
        summary: 'devices it may register',
        parse: integer(1, 0xffff_ffff),
        required: true,
      },
      {
        flags: '--activation <epochs>',
        summary: "delay before its devices count (default: the network's least)",
        parse: integer(0, 0xffff),
      },
      ...SUBMISSION_OPTIONS,
    ],
    run: batch,
  });
  addProvision(noun, run);
  addVerb<RevokeOptions>(noun, run, {
    usage: 'revoke',
    summary: 'take a batch or a device out for good, by the root key',
    examples: [
      'iotw maker revoke --maker 3 --batch 2 --root-key-file root.key --wallet maker',
      'iotw maker revoke --maker 3 --device 41 --root-key-file root.key --wallet maker',
    ],
    notes: ['It can not be taken back: every device of the batch is out from the next draw on.'],
    shared: ['api'],
    options: [
      MAKER,
      ROOT_KEY_FILE,
      { flags: '--batch <n>', summary: 'number of the batch', parse: integer(0, 0xffff_ffff) },
      { flags: '--device <device>', summary: 'number or key of the device, instead of a batch' },
      ...SUBMISSION_OPTIONS,
    ],
    run: revoke,
  });
  addVerb<HostsOptions>(noun, run, {
    usage: 'hosts',
    summary: "trust nodes that host the maker's devices where they can, by its root key",
    examples: ['iotw maker hosts --maker 3 --host 0 --host 2 --root-key-file root.key --wallet maker'],
    notes: ['Without --host the maker has no wish any more. See spec/governance.md, 14.8.'],
    shared: ['api'],
    options: [
      MAKER,
      ROOT_KEY_FILE,
      {
        flags: '--host <n>',
        summary: 'number of a trust node; may be repeated',
        parse: (text: string, before: readonly number[] = []) => [...before, integer(0, 63)(text)],
      },
      ...SUBMISSION_OPTIONS,
    ],
    run: hosts,
  });
};

async function allMakers(context: CommandContext): Promise<Result<MakerInfo[]>> {
  const makers: MakerInfo[] = [];
  for await (const maker of eachEntry(connection(context), '/v1/makers', {}, (json) =>
    ok(json as MakerInfo),
  )) {
    if (!maker.ok) return maker;
    makers.push(maker.value);
  }
  return ok(makers);
}

async function list(context: CommandContext): Promise<Result<Answer>> {
  const found = await allMakers(context);
  if (!found.ok) return found;
  const makers = found.value;
  return ok({
    json: { items: makers },
    text: () =>
      formatTable(
        [
          { name: 'maker', right: true },
          { name: 'name' },
          { name: 'quota', right: true },
          { name: 'batch', right: true },
          { name: 'registered', right: true },
          { name: 'of', right: true },
          { name: 'state' },
        ],
        makers.flatMap(({ maker, name, quota, batches }) =>
          batches.map((b) => [
            ...[maker, name, quota, b.batch, b.used, b.quota].map(String),
            b.revokedFrom > 0 ? `revoked from round ${b.revokedFrom}` : `active from epoch ${b.activeFrom}`,
          ]),
        ),
      ),
  });
}

async function hosts(context: CommandContext, options: HostsOptions): Promise<Result<Answer>> {
  const root = await readSeedFile(options.rootKeyFile);
  if (!root.ok) return root;
  const makers = await allMakers(context);
  if (!makers.ok) return makers;
  const known = makers.value.find(({ maker }) => maker === options.maker);
  if (known === undefined)
    return fail('maker-unknown', `There is no maker ${options.maker}: see iotw maker list.`);
  const wish = { maker: options.maker, change: known.hostChanges + 1, hosts: [...(options.host ?? [])] };
  return act(context, options, ({ network }) => ok([makerHosts(network, wish, root.value)]));
}

async function revoke(context: CommandContext, options: RevokeOptions): Promise<Result<Answer>> {
  const { maker, batch, device } = options;
  if ((batch === undefined) === (device === undefined))
    return fail('revoke-options', 'Revoke a batch or a device: give --batch or --device, one of them.');
  const root = await readSeedFile(options.rootKeyFile);
  if (!root.ok) return root;
  if (batch !== undefined)
    return act(context, options, ({ network }) => ok([deviceRevoke(network, maker, batch, root.value)]));
  const found = await getDevice(connection(context), device!);
  if (!found.ok) return found;
  const key = fromHex(found.value.key, 32);
  if (key === undefined) return fail('client-answer', "The server's answer has no key of the device.");
  return act(context, options, ({ network }) => ok([deviceRevoke(network, maker, key, root.value)]));
}

async function batch(context: CommandContext, options: BatchOptions): Promise<Result<Answer>> {
  const root = await readSeedFile(options.rootKeyFile);
  if (!root.ok) return root;
  const batchKeys = await readSeedFile(options.batchKeyFile);
  if (!batchKeys.ok) return batchKeys;
  return act(context, options, ({ network, info }) => {
    const least = Number(info.parameters.minActivationEpochs);
    const content = {
      maker: options.maker,
      batch: options.batch,
      key: batchKeys.value.publicKey,
      quota: options.quota,
      activationEpochs: options.activation ?? least,
    };
    return ok([makerBatch(network, content, root.value)]);
  });
}
