import { ok, type Result } from '@iotw/kernel/result';
import { type DeviceInfo, getDevice, whyPaid } from '@iotw/sdk/client/devices';
import { getNetwork } from '@iotw/sdk/client/network';
import { eachEntry } from '@iotw/sdk/client/pages';
import { iotw, short } from '../output/forms.js';
import type { Answer } from '../output/print.js';
import { formatFields, formatTable } from '../output/table.js';
import { type AddCommands, addVerb, type CommandContext, integer } from './command.js';
import { connection } from './submission.js';

interface ListOptions {
  readonly owner?: string;
  readonly maker?: number;
  readonly host?: number;
  readonly limit?: number;
}

interface WhyOptions {
  readonly epoch?: number;
}

const DEFAULT_LIMIT = 50;
const PAGE = 100;

/** `iotw device list|show|why`. */
export const addDeviceReading: AddCommands = (noun, run) => {
  addVerb<ListOptions>(noun, run, {
    usage: 'list',
    summary: 'registered devices',
    examples: ['iotw device list --owner tiotw1...', 'iotw device list --maker 2 --host 1 --limit 10'],
    shared: ['api'],
    options: [
      { flags: '--owner <account>', summary: 'of this owner' },
      { flags: '--maker <n>', summary: 'of this maker', parse: integer(0, 0xffff) },
      { flags: '--host <n>', summary: 'hosted by this trust node', parse: integer(0, 0xffff) },
      {
        flags: '--limit <n>',
        summary: `at most this many (default: ${DEFAULT_LIMIT})`,
        parse: integer(1, 1_000_000),
      },
    ],
    run: list,
  });
  addVerb(noun, run, {
    usage: 'show <device>',
    summary: 'a device on the ledger',
    examples: ['iotw device show 17', 'iotw device show 0f5a...c2 --json'],
    shared: ['api'],
    notes: ['<device> is a number or a key in hex.'],
    run: show,
  });
  addVerb(noun, run, {
    usage: 'host <device>',
    summary: 'the trust node that should host a device, and the one that does',
    examples: ['iotw device host 17'],
    shared: ['api'],
    notes: ['By region and load among the trust nodes of the epoch frozen last (spec/governance.md, 14.8).'],
    run: host,
  });
  addVerb<WhyOptions>(noun, run, {
    usage: 'why <device>',
    summary: 'why a device was paid in an epoch, or not',
    examples: ['iotw device why 17', 'iotw device why 17 --epoch 12'],
    shared: ['api'],
    options: [
      {
        flags: '--epoch <n>',
        summary: 'an ended epoch (default: the last one)',
        parse: integer(0, 0xffff_ffff),
      },
    ],
    run: why,
  });
};

async function list(context: CommandContext, options: ListOptions): Promise<Result<Answer>> {
  const { owner, maker, host, limit = DEFAULT_LIMIT } = options;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ owner, maker, host })) {
    if (value !== undefined) query.set(name, String(value));
  }
  const path = query.size === 0 ? '/v1/devices' : `/v1/devices?${query}`;
  const devices: DeviceInfo[] = [];
  const pages = { limit: Math.min(limit, PAGE) };
  for await (const device of eachEntry(connection(context), path, pages, (json) => ok(json as DeviceInfo))) {
    if (!device.ok) return device;
    devices.push(device.value);
    if (devices.length === limit) break;
  }
  return ok({
    json: { items: devices },
    text: () =>
      devices.length === 0
        ? ['No device answers to that.']
        : formatTable(
            [
              { name: 'device', right: true },
              { name: 'key' },
              { name: 'maker', right: true },
              { name: 'region' },
              { name: 'status' },
              { name: 'host', right: true },
              { name: 'present', right: true },
              { name: 'earned', right: true },
            ],
            devices.map((d) => [
              String(d.device),
              short(d.key),
              String(d.maker),
              d.region,
              d.status,
              String(d.host ?? '-'),
              String(d.presentEpoch ?? '-'),
              iotw(d.earned),
            ]),
          ),
  });
}

async function host(context: CommandContext, _options: unknown, device?: string): Promise<Result<Answer>> {
  const info = await getDevice(connection(context), device ?? '');
  if (!info.ok) return info;
  const { device: number, host: present, recommendedHost } = info.value;
  return ok({
    json: { device: number, host: present, recommendedHost },
    text: () =>
      formatFields([
        ['device', String(number)],
        ['host', present === null ? 'none yet' : `trust node ${present}`],
        [
          'should be',
          recommendedHost === null ? 'any: it is in no pool yet' : `trust node ${recommendedHost}`,
        ],
      ]),
  });
}

async function show(context: CommandContext, _options: object, name?: string): Promise<Result<Answer>> {
  const found = await getDevice(connection(context), name!);
  if (!found.ok) return found;
  const d = found.value;
  return ok({
    json: d,
    text: () =>
      formatFields([
        ['device', String(d.device)],
        ['key', d.key],
        ['maker', `${d.maker}, batch ${d.batch}`],
        ['class', d.deviceClass],
        ['region', d.region],
        ['status', d.status],
        ['owner', d.owner ?? 'nobody: claim it with iotw device claim'],
        ['host', d.host === null ? 'none yet' : `trust node ${d.host}`],
        ['registered', `epoch ${d.registeredEpoch}`],
        ['last present', d.presentEpoch === null ? 'never' : `epoch ${d.presentEpoch}`],
        ['uptime', `${d.uptimeEpochs} epochs`],
        ['earned', iotw(d.earned)],
      ]),
  });
}

async function why(context: CommandContext, options: WhyOptions, name?: string): Promise<Result<Answer>> {
  const server = connection(context);
  const network = options.epoch === undefined ? await getNetwork(server) : undefined;
  if (network?.ok === false) return network;
  const epoch = options.epoch ?? Math.max(0, network!.value.epoch - 1);
  const found = await whyPaid(server, name!, epoch);
  if (!found.ok) return found;
  const { reasons, minerAmount, witnessAmount, account } = found.value;
  return ok({
    json: found.value,
    text: () => [
      ...formatFields([
        ['device', `${found.value.device} in epoch ${epoch}`],
        ['paid', `${iotw(minerAmount + witnessAmount)}${account === null ? '' : ` to ${account}`}`],
      ]),
      ...reasons.map((reason) => `- ${reason}`),
    ],
  });
}
