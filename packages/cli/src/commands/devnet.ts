import { join } from 'node:path';
import { type Failure, ok, type Result } from '@iotw/kernel/result';
import { ASSIGNER, type AssignerRole, ELECTION_MODE, type ElectionMode } from '@iotw/protocol/parameters';
import { MAX_MQTT_PORT } from '../node/entrances.js';
import { type Answer, EXIT } from '../output/print.js';
import {
  type AddCommands,
  type CommandContext,
  defineNoun,
  integer,
  oneOf,
  positiveNumber,
} from './command.js';

interface DevnetCommandOptions {
  readonly rate?: number;
  readonly loop?: boolean;
  readonly data?: string;
  readonly dir?: string;
  readonly devices?: number;
  readonly trustNodes?: number;
  readonly ledgerServers?: number;
  readonly assigner?: AssignerRole;
  readonly election?: ElectionMode;
  readonly fresh?: boolean;
  readonly apiPort?: number;
  readonly mqttPort?: number;
  readonly orders: boolean;
}

const DEFAULTS = {
  rate: 10,
  devices: 1_000,
  trustNodes: 4,
  ledgerServers: 1,
  apiPort: 8787,
  mqttPort: 1883,
} as const;
const REDRAW_MS = 333;
const JSON_LINE_MS = 1_000;

/** `iotw devnet`: runs until it is stopped. */
export const addCommands: AddCommands = (noun, run) => {
  defineNoun<DevnetCommandOptions>(noun, run, {
    usage: 'devnet',
    summary: 'a whole network on this machine, fed with real orders',
    examples: [
      'iotw devnet',
      'iotw devnet --rate 50 --loop',
      'iotw devnet --fresh --ledger-servers 4',
      'iotw devnet --fresh --devices 200 --data orders.csv',
    ],
    options: [
      {
        flags: '--rate <n>',
        summary: `invoices a second (default: ${DEFAULTS.rate})`,
        parse: positiveNumber(10_000),
      },
      { flags: '--loop', summary: 'begin the orders again when they end' },
      {
        flags: '--data <file>',
        summary: 'orders in the form of Online Retail, .csv or .csv.gz (default: the sample)',
      },
      { flags: '--no-orders', summary: 'a network without customers' },
      { flags: '--dir <dir>', summary: `where the network lives (default: ${join('.iotw', 'devnet')})` },
      {
        flags: '--devices <n>',
        summary: `device nodes (default: ${DEFAULTS.devices})`,
        parse: integer(1, 100_000),
      },
      {
        flags: '--trust-nodes <n>',
        summary: `trust nodes (default: ${DEFAULTS.trustNodes})`,
        parse: integer(1, 64),
      },
      {
        flags: '--assigner <name>',
        summary: 'who signs assignments in a new network: trust-node, ledger-server or api-server',
        parse: oneOf('trust-node', 'ledger-server', 'api-server'),
      },
      {
        flags: '--election <mode>',
        summary: 'how a new network elects: random (default), reputation, uptime, stake or vrf',
        parse: oneOf('random', 'reputation', 'uptime', 'stake', 'vrf'),
      },
      {
        flags: '--ledger-servers <n>',
        summary: `ledger servers; several order on CometBFT, in processes of their own (default: ${DEFAULTS.ledgerServers})`,
        parse: integer(1, 16),
      },
      { flags: '--fresh', summary: 'throw the old network away and make a new one' },
      {
        flags: '--api-port <port>',
        summary: `port of the API server, 0: any (default: ${DEFAULTS.apiPort})`,
        parse: integer(0, 65_535),
      },
      {
        flags: '--mqtt-port <port>',
        summary: `first MQTT port, 0: any (default: ${DEFAULTS.mqttPort}); trust node t has two from +2t, and TLS at +7000+2t`,
        parse: integer(0, MAX_MQTT_PORT),
      },
    ],
    notes: [
      'The words in operator-wallet.txt of its directory open a wallet with the keys of the committee and the makers, for the operator console.',
      'Ctrl-C stops in order; the next start goes on from the same ledger.',
      'With --json: one line {"kind":"ready",...}, then one {"kind":"status",...} a second.',
    ],
    run: devnet,
  });
};

async function devnet(
  context: CommandContext,
  options: DevnetCommandOptions,
): Promise<Result<Answer | undefined>> {
  const { io, json } = context;
  const { Devnet, SAMPLE_ORDERS } = await import('../devnet/devnet.js');
  const { DevnetView } = await import('../devnet/view.js');
  const stop = io.stopRequested();
  let halted: Failure | undefined;
  let announceHalt: () => void = () => {};
  const halt = new Promise<void>((resolve) => {
    announceHalt = resolve;
  });
  if (!json) io.err('starting a network on this machine...\n');
  const started = await Devnet.start({
    dir: options.dir ?? join('.iotw', 'devnet'),
    ordersFile: options.orders ? (options.data ?? SAMPLE_ORDERS) : undefined,
    devices: options.devices ?? DEFAULTS.devices,
    trustNodes: options.trustNodes ?? DEFAULTS.trustNodes,
    ledgerServers: options.ledgerServers ?? DEFAULTS.ledgerServers,
    apiPort: options.apiPort ?? DEFAULTS.apiPort,
    mqttPort: options.mqttPort ?? DEFAULTS.mqttPort,
    ...(options.assigner === undefined ? {} : { assigner: ASSIGNER[options.assigner] }),
    ...(options.election === undefined ? {} : { electionMode: ELECTION_MODE[options.election] }),
    fresh: options.fresh === true,
    rate: options.rate ?? DEFAULTS.rate,
    loop: options.loop === true,
    onHalt: (fault) => {
      halted = fault;
      announceHalt();
    },
  });
  if (!started.ok) return started;
  const network = started.value;
  const customers = await network.startCustomers();
  if (!customers.ok) {
    await network.stop();
    return customers;
  }
  if (!json) for (const line of network.ordersSummary) io.err(`${line}\n`);
  const view = new DevnetView({
    write: (text) => io.out(text),
    isTTY: io.outIsTerminal,
    // Asked anew at each redraw: windows change.
    get columns() {
      return process.stdout.columns;
    },
  });
  const show = () => {
    const snapshot = network.snapshot();
    if (json) io.out(`${JSON.stringify({ kind: 'status', ...snapshot })}\n`);
    else view.update(snapshot);
  };
  if (json) {
    const { apiUrl, docsUrl } = network.snapshot();
    io.out(`${JSON.stringify({ kind: 'ready', apiUrl, docsUrl, mqtt: network.node.mqtt })}\n`);
  }
  show();
  const timer = setInterval(show, json ? JSON_LINE_MS : REDRAW_MS);
  await Promise.race([stop, halt]);
  clearInterval(timer);
  view.close();
  if (halted !== undefined) {
    // A halted node has nothing to stop in order: what is durable is on disk, the rest was never acknowledged.
    process.exitCode = EXIT.failure;
    return { ok: false, error: halted };
  }
  if (!json) io.err('stopping...\n');
  await network.stop();
  if (!json) io.err('stopped: the next start goes on from the same ledger\n');
  return ok(undefined);
}
