import { toHex } from '@iotw/kernel/bytes';
import { type Failure, ok, type Result } from '@iotw/kernel/result';
import type { Standing } from '@iotw/nodes/trust-node/ledger-word';
import { CommanderError } from 'commander';
import type { Answer } from '../output/print.js';
import { type AddCommands, type CommandContext, defineNoun } from './command.js';
import { addBackup } from './node-backup.js';
import { addRotate } from './node-rotate.js';

interface NodeOptions {
  readonly config?: string;
  readonly stdinLifeline?: boolean;
}

/** `iotw node --config FILE`: runs until it is stopped. */
export const addCommands: AddCommands = (noun, run) => {
  defineNoun<NodeOptions>(noun, run, {
    usage: 'node',
    summary: 'one process of a network: trust nodes, ledger server, API server',
    examples: ['iotw node --config network/node.json', 'iotw node --config network/node.json --json'],
    options: [
      {
        flags: '--config <file>',
        summary: 'configuration of the node (iotw genesis create makes one)',
      },
      {
        flags: '--stdin-lifeline',
        summary: 'stop in order when the standard input ends, as that of a child does',
      },
    ],
    notes: [
      'A trust node that the committee has yet to admit waits until it is: one line tells of each change.',
      'A ledger server on CometBFT that it has yet to admit fetches rounds until one admits it, and signs nothing.',
      'It tells of links to other nodes and of faults of its CometBFT, at most 20 lines of a kind a minute.',
      'SIGHUP reads the key file again; iotw node rotate replaces its keys.',
      'SIGINT and SIGTERM stop it in order. With --json it prints one line {"kind":"ready",...} when it is ready.',
    ],
    run: node,
  });
  noun.enablePositionalOptions();
  addRotate(noun, run);
  addBackup(noun, run);
};

/** Not a mandatory option: commander would ask for it beside that of the verb. */
const NO_CONFIG = "error: required option '--config <file>' not specified";

/** What an operator is told of a trust node's standing. */
const STANDING: Readonly<Record<Standing, { readonly code?: string; readonly message: string }>> = {
  waiting: { message: "it waits for a ledger server's word" },
  admitted: { message: 'its lane takes blocks once its first epoch has come and it has funds' },
  serving: { message: 'its lane takes blocks' },
  suspended: {
    code: 'node-suspended',
    message: 'by vote or for equivocation: its blocks, its votes and its devices are refused',
  },
};

async function node(context: CommandContext, options: NodeOptions): Promise<Result<Answer | undefined>> {
  const { io, json } = context;
  const { nodeConfigSchema, readConfigFile } = await import('../node/node-config.js');
  if (options.config === undefined)
    throw new CommanderError(1, 'commander.missingMandatoryOptionValue', NO_CONFIG);
  const config = await readConfigFile(options.config, nodeConfigSchema);
  if (!config.ok) return config;
  const { runNode } = await import('../node/run-node.js');
  const { boundedLog } = await import('../node/bounded-log.js');
  const stop = io.stopRequested();
  let halted: Failure | undefined;
  let announceHalt: () => void = () => {};
  const halt = new Promise<void>((resolve) => {
    announceHalt = resolve;
  });
  const standing = (trustNode: number, state: Standing): void => {
    if (json) io.out(`${JSON.stringify({ kind: state, trustNode, ...STANDING[state] })}\n`);
    else io.err(`trust node ${trustNode}: ${state}, ${STANDING[state].message}\n`);
  };
  const onHalt = (fault: Failure): void => {
    halted = fault;
    announceHalt();
  };
  const log = boundedLog((line, data) => {
    if (json) io.out(`${JSON.stringify({ kind: 'log', message: line, ...data })}\n`);
    else io.err(`${line}${Object.keys(data).length === 0 ? '' : ` ${JSON.stringify(data)}`}\n`);
  });
  const alone = new Promise<void>((resolve) => {
    if (options.stdinLifeline === true)
      process.stdin
        .on('end', resolve)
        .on('error', () => resolve())
        .resume();
  });
  const stopping = new AbortController();
  const asked = Promise.race([stop, alone]).then(() => stopping.abort());
  const running = await runNode(config.value, onHalt, standing, log, stopping.signal);
  if (!running.ok) return running.error.code === 'node-stopping' ? ok(undefined) : running;
  const { network, apiUrl, mqtt } = running.value;
  if (json) {
    io.out(`${JSON.stringify({ kind: 'ready', network: toHex(network), apiUrl: apiUrl ?? null, mqtt })}\n`);
  } else {
    io.err(`network ${toHex(network)}\n`);
    for (const { trustNode, host, tcpPort, wsPort, tlsPort, pin } of mqtt) {
      const ws = wsPort === 0 ? '' : `, ws://${host}:${wsPort}`;
      const tls = pin === undefined ? '' : `, mqtts://${host}:${tlsPort} with the key ${pin}`;
      io.err(`trust node ${trustNode}: mqtt://${host}:${tcpPort}${ws}${tls}\n`);
    }
    if (apiUrl !== undefined) io.err(`API ${apiUrl}, docs ${apiUrl}/docs\n`);
    io.err('running; Ctrl-C stops it in order\n');
  }
  const reload = (): void =>
    void running.value.reload().then((reloaded) => {
      if (json) io.out(`${JSON.stringify({ kind: 'reloaded', ...reloaded })}\n`);
      else
        io.err(
          reloaded.ok
            ? `keys read again: ${reloaded.value.join(', ') || 'no change'}\n`
            : `${reloaded.error.message}\n`,
        );
    });
  process.on('SIGHUP', reload);
  await Promise.race([asked, halt]);
  process.off('SIGHUP', reload);
  // A halted node ends at once: what is durable is on disk, the rest was never acknowledged.
  if (halted !== undefined) return { ok: false, error: halted };
  await running.value.stop();
  return ok(undefined);
}
