import { join } from 'node:path';
import { findCometBft } from '@iotw/adapters/cometbft/binary';
import { ok, type Result } from '@iotw/kernel/result';
import type { Finding } from '../doctor/check.js';
import { checkCometBft } from '../doctor/cometbft.js';
import { checkLock, checkSpace, checkSync, existingDirectory } from '../doctor/disk.js';
import {
  checkClock,
  checkNodeVersion,
  checkOpenFiles,
  checkPort,
  checkSecret,
  checkSize,
} from '../doctor/machine.js';
import { checkModules } from '../doctor/modules.js';
import { checkProtocol } from '../doctor/protocol.js';
import { checkStateSync } from '../doctor/state-sync.js';
import type { NodeConfig } from '../node/node-config.js';
import type { Answer } from '../output/print.js';
import { styleOf } from '../output/style.js';
import { type AddCommands, type CommandContext, defineNoun } from './command.js';

interface DoctorOptions {
  readonly config?: string;
}

interface Wanted {
  readonly data: string;
  readonly ports: readonly { readonly name: string; readonly host: string; readonly port: number }[];
  /** Files that only their owner may read. */
  readonly secrets: readonly string[];
  /** The network's ledger server runs on CometBFT, on this one if it is named. */
  readonly cometbft?: NodeConfig['cometbft'];
}

const HOST = '127.0.0.1';
const DEVNET_TRUST_NODES = 4;
const API_PORT = 8787;
const MQTT_PORT = 1883;

/** `iotw doctor`: exit code 1 where something is bad. */
export const addCommands: AddCommands = (noun, run) => {
  defineNoun<DoctorOptions>(noun, run, {
    usage: 'doctor',
    summary: 'what this machine lacks, and how to mend it',
    examples: [
      'iotw doctor',
      'iotw doctor --config network/node.json',
      'iotw doctor --data .iotw/devnet/node --json',
    ],
    shared: ['data', 'api'],
    options: [
      {
        flags: '--config <file>',
        summary: "look at this node's directory and ports (default: the devnet's)",
      },
    ],
    run: doctor,
  });
};

async function doctor(context: CommandContext, options: DoctorOptions): Promise<Result<Answer>> {
  const wanted = await wantedOf(context, options);
  if (!wanted.ok) return wanted;
  const { data, ports, secrets } = wanted.value;
  const place = existingDirectory(data);
  const findings: Finding[] = [
    checkNodeVersion(process.versions.node),
    checkSize(),
    await checkOpenFiles(),
    await checkClock(place),
    ...(await checkModules(place)),
    await checkProtocol(context.api),
    await checkCometBft(wanted.value.cometbft !== undefined, findCometBft(wanted.value.cometbft?.file)),
    await checkSpace(place),
    await checkSync(place),
    await checkLock(join(data, 'ledger')),
  ];
  const { stateSync } = wanted.value.cometbft ?? {};
  if (stateSync !== undefined) findings.push(...(await checkStateSync(stateSync, Date.now())));
  for (const path of secrets) findings.push(await checkSecret(path));
  for (const { name, host, port } of ports) if (port !== 0) findings.push(await checkPort(name, host, port));
  const bad = findings.filter(({ state }) => state === 'bad');
  return ok({
    json: { healthy: bad.length === 0, findings },
    text: () => lines(findings, context),
    ...(bad.length === 0 ? {} : { failure: sick(bad) }),
  });
}

async function wantedOf(context: CommandContext, options: DoctorOptions): Promise<Result<Wanted>> {
  if (options.config === undefined) {
    const data = context.data ?? join('.iotw', 'devnet', 'node');
    const mqtt = Array.from({ length: 2 * DEVNET_TRUST_NODES }, (_, i) => ({
      name: `MQTT of trust node ${Math.floor(i / 2)}`,
      host: HOST,
      port: MQTT_PORT + i,
    }));
    return ok({ data, ports: [{ name: 'the API', host: HOST, port: API_PORT }, ...mqtt], secrets: [] });
  }
  const { nodeConfigSchema, readConfigFile } = await import('../node/node-config.js');
  const config = await readConfigFile(options.config, nodeConfigSchema);
  if (!config.ok) return config;
  const { api, mqtt, mesh = [], data, cometbft } = config.value;
  const ports = mqtt.flatMap((entrance) =>
    ('tcp' in entrance ? [entrance.tcp, entrance.ws] : []).flatMap((at) =>
      at === undefined ? [] : [{ name: `MQTT of trust node ${entrance.trustNode}`, ...at }],
    ),
  );
  const links = mesh.flatMap(({ self, listen }) =>
    listen === undefined ? [] : [{ name: `links of ${self}`, ...listen }],
  );
  const apiPort = api === undefined ? [] : [{ name: 'the API', ...api }];
  return ok({
    data: context.data ?? data,
    ports: [
      ...apiPort,
      ...ports,
      ...links,
      ...(cometbft === undefined ? [] : [{ name: 'CometBFT', ...cometbft.listen }]),
      ...(cometbft?.rpc === undefined ? [] : [{ name: "CometBFT's RPC", ...cometbft.rpc }]),
    ],
    secrets: [config.value.keys],
    ...(cometbft === undefined ? {} : { cometbft }),
  });
}

function lines(findings: readonly Finding[], context: CommandContext): string[] {
  const style = styleOf(context.io.color && context.io.outIsTerminal);
  const width = Math.max(...findings.map(({ name }) => name.length));
  const mark = { good: style.good('good   '), warning: style.bold('warning'), bad: style.bad('BAD    ') };
  return findings.flatMap(({ name, state, found, mend }) => [
    `${mark[state]}  ${name.padEnd(width)}  ${found}`,
    ...(mend === undefined ? [] : [`         ${' '.repeat(width)}  mend: ${mend}`]),
  ]);
}

function sick(bad: readonly Finding[]) {
  return {
    code: 'doctor-bad',
    message: `${bad.length} of the findings are bad: ${bad.map(({ name }) => name).join(', ')}. Each line says how to mend it.`,
  };
}
