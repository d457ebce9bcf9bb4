import { fromUtf8, toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { Genesis } from '@iotw/protocol/genesis';
import { ASSIGNER, type AssignerRole, SEED_SOURCE } from '@iotw/protocol/parameters';
import { MAX_MQTT_PORT } from '../node/entrances.js';
import { iotw, time } from '../output/forms.js';
import type { Answer } from '../output/print.js';
import { formatFields } from '../output/table.js';
import { type AddCommands, addVerb, type CommandContext, integer, oneOf } from './command.js';
import { addGenesisLedgerServer } from './genesis-ledger-server.js';
import { addGenesisNode } from './genesis-node.js';
import { severalTexts } from './peer-places.js';

interface CreateOptions {
  readonly dir: string;
  readonly name?: string;
  readonly trustNodes?: number;
  readonly epochSeconds?: number;
  readonly seedSource?: keyof typeof SEED_SOURCE;
  readonly assigner?: AssignerRole;
  readonly apiPort?: number;
  readonly mqttPort?: number;
  readonly account?: readonly string[];
}

const DEFAULTS = { name: 'testnet', trustNodes: 4, apiPort: 8787, mqttPort: 1883 } as const;

/** `iotw genesis create|show|hash|node|ledger-server`. */
export const addCommands: AddCommands = (noun, run) => {
  addVerb<CreateOptions>(noun, run, {
    usage: 'create',
    summary: 'a new test network: genesis, keys and configuration',
    examples: [
      'iotw genesis create --dir network && iotw node --config network/node.json',
      'iotw genesis create --dir network --name lab --trust-nodes 1 --account tiotw1...=1000',
    ],
    options: [
      { flags: '--dir <dir>', summary: 'directory to make; nothing in it is overwritten', required: true },
      { flags: '--name <name>', summary: `name of the network (default: ${DEFAULTS.name})` },
      {
        flags: '--trust-nodes <n>',
        summary: `trust nodes, 1 to 64 (default: ${DEFAULTS.trustNodes})`,
        parse: integer(1, 64),
      },
      {
        flags: '--epoch-seconds <n>',
        summary: 'length of an epoch (default: 10)',
        parse: integer(1, 86_400),
      },
      {
        flags: '--seed-source <name>',
        summary: 'where seeds come from: vrf or threshold (default: vrf)',
        parse: oneOf('vrf', 'threshold'),
      },
      {
        flags: '--assigner <name>',
        summary: 'who signs assignments: trust-node, ledger-server or api-server (default: trust-node)',
        parse: oneOf('trust-node', 'ledger-server', 'api-server'),
      },
      {
        flags: '--account <address=amount>',
        summary: 'a starting balance in IOTW; may be repeated',
        parse: severalTexts,
      },
      {
        flags: '--api-port <port>',
        summary: `port of the API server (default: ${DEFAULTS.apiPort})`,
        parse: integer(0, 65_535),
      },
      {
        flags: '--mqtt-port <port>',
        summary: `first MQTT port (default: ${DEFAULTS.mqttPort}); trust node t has two from +2t, and TLS at +7000+2t`,
        parse: integer(0, MAX_MQTT_PORT),
      },
    ],
    notes: [
      'Makers, batches and the steering committee get keys too: the files under makers/ and committee/.',
    ],
    run: create,
  });
  addVerb(noun, run, {
    usage: 'show <file>',
    summary: 'what a genesis file says',
    examples: ['iotw genesis show network/genesis.json'],
    run: show,
  });
  addVerb(noun, run, {
    usage: 'hash <file>',
    summary: 'the network id, if a network can start from the file',
    examples: ['iotw genesis hash network/genesis.json'],
    run: hash,
  });
  addGenesisNode(noun, run);
  addGenesisLedgerServer(noun, run);
};

async function create(_context: CommandContext, options: CreateOptions): Promise<Result<Answer>> {
  const accounts = await readAccounts(options.account ?? []);
  if (!accounts.ok) return accounts;
  const { createNetwork } = await import('../node/new-network.js');
  const { dir, epochSeconds, seedSource, assigner } = options;
  const made = await createNetwork({
    dir,
    name: options.name ?? DEFAULTS.name,
    trustNodes: options.trustNodes ?? DEFAULTS.trustNodes,
    apiPort: options.apiPort ?? DEFAULTS.apiPort,
    mqttPort: options.mqttPort ?? DEFAULTS.mqttPort,
    accounts: accounts.value,
    ...(epochSeconds === undefined ? {} : { epochMs: 1000 * epochSeconds }),
    ...(seedSource === undefined ? {} : { seedSource: SEED_SOURCE[seedSource] }),
    ...(assigner === undefined ? {} : { assigner: ASSIGNER[assigner] }),
  });
  if (!made.ok) return made;
  const network = toHex(made.value.network);
  return ok({
    json: { network, dir, files: made.value.files },
    text: () => [
      ...formatFields([
        ['network', network],
        ['directory', dir],
      ]),
      `start it: iotw node --config ${dir}/node.json`,
    ],
  });
}

async function readAccounts(
  texts: readonly string[],
): Promise<Result<{ key: Uint8Array; amount: number }[]>> {
  const { decodeAddress } = await import('@iotw/protocol/address');
  const { parseAmount } = await import('@iotw/sdk/transaction/amount');
  const accounts: { key: Uint8Array; amount: number }[] = [];
  for (const text of texts) {
    const [address = '', units, ...more] = text.split('=');
    if (units === undefined || more.length > 0) {
      return fail('genesis-account', `A starting balance is written address=amount, not ${text}.`);
    }
    const to = decodeAddress(address, 'tiotw');
    if (!to.ok) return to;
    const amount = parseAmount(units);
    if (!amount.ok) return amount;
    accounts.push({ key: to.value.payload, amount: amount.value });
  }
  return ok(accounts);
}

/** A genesis that can be read and that a network can start from. */
async function read(path: string): Promise<Result<{ genesis: Genesis; network: string; supply: number }>> {
  const { readGenesisFile } = await import('../node/genesis-file.js');
  const { checkGenesis } = await import('@iotw/ledger/genesis-check');
  const { networkId } = await import('@iotw/protocol/genesis');
  const genesis = await readGenesisFile(path);
  if (!genesis.ok) return genesis;
  const checked = checkGenesis(genesis.value);
  if (!checked.ok) return checked;
  return ok({
    genesis: genesis.value,
    network: toHex(networkId(genesis.value)),
    supply: checked.value.supply,
  });
}

async function show(_context: CommandContext, _options: object, path?: string): Promise<Result<Answer>> {
  const found = await read(path!);
  if (!found.ok) return found;
  const { genesis, network, supply } = found.value;
  const { genesisToJson } = await import('@iotw/protocol/genesis-json');
  const { parameters } = genesis;
  const texts = (names: readonly Uint8Array[]) =>
    names.map((name) => fromUtf8(name) ?? toHex(name)).join(', ');
  return ok({
    json: { network, supply, genesis: genesisToJson(genesis) },
    text: () =>
      formatFields([
        ['name', texts([genesis.name])],
        ['network', network],
        ['kind', genesis.testnet === 0 ? 'main network (iotw1...)' : 'test network (tiotw1...)'],
        ['start', time(genesis.timeMs)],
        ['supply', `${iotw(supply)}, of it ${iotw(genesis.rewardPool)} for rewards`],
        ['epoch', `${parameters.epochMs} ms`],
        ['committee', `${parameters.miners} miners and ${parameters.witnesses} device witnesses`],
        ['regions', texts(genesis.regions)],
        ['clouds', texts(genesis.clouds)],
        ['trust nodes', String(genesis.trustNodes.length)],
        ['ledger servers', String(genesis.ledgerServers.length)],
        ['API servers', String(genesis.apiServers.length)],
        ['makers', texts(genesis.makers.map((maker) => maker.name))],
        ['devices', String(genesis.devices.length)],
        ['accounts', String(genesis.accounts.length)],
      ]),
  });
}

async function hash(_context: CommandContext, _options: object, path?: string): Promise<Result<Answer>> {
  const found = await read(path!);
  if (!found.ok) return found;
  const { network } = found.value;
  return ok({ json: { network }, text: () => [network] });
}
