/**
 * The fleet process: `node packages/micro-miner/dist/fleet/main.js --config FILE`, or `--json TEXT`,
 * or the JSON in the environment variable IOTW_FLEET. Format: fleet/config.ts.
 * Writes JSON lines to stdout: {"kind":"started",...}, {"kind":"ready",...} once when all devices are
 * logged in, {"kind":"report",...} every reportMs, {"kind":"stopped",...} last; an expected failure
 * is {"kind":"failed","code","message"} and exit code 1. SIGTERM and SIGINT log every device out;
 * so does the end of a parent that holds stdin open (`--stdin-lifeline`).
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { fail, type Result } from '@iotw/kernel/result';
import { type FleetConfig, parseFleetConfig } from './config.js';
import { Fleet } from './fleet.js';

function line(kind: string, fields: object): void {
  process.stdout.write(`${JSON.stringify({ kind, atMs: Date.now(), ...fields })}\n`);
}

function failed(error: { readonly code: string; readonly message: string }): void {
  line('failed', { code: error.code, message: error.message });
  process.exitCode = 1;
}

async function configured(values: {
  config?: string | undefined;
  json?: string | undefined;
}): Promise<Result<FleetConfig>> {
  if (values.json !== undefined) return parseFleetConfig(values.json);
  if (values.config !== undefined) {
    const text = await readFile(values.config, 'utf8').catch(() => undefined);
    if (text !== undefined) return parseFleetConfig(text);
    return fail('fleet-config-invalid', `The configuration ${values.config} can't be read.`);
  }
  return parseFleetConfig(process.env.IOTW_FLEET ?? '');
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      config: { type: 'string' },
      json: { type: 'string' },
      'stdin-lifeline': { type: 'boolean' },
    },
  });
  const config = await configured(values);
  if (!config.ok) return failed(config.error);
  const fleet = new Fleet(config.value);
  const started = await fleet.start();
  if (!started.ok) return failed(started.error);
  line('started', { pid: process.pid, devices: config.value.count, boot: started.value });

  let ready = false;
  const report = () => {
    const figures = fleet.report();
    const { user, system } = process.cpuUsage();
    const own = { rssBytes: process.memoryUsage.rss(), cpuMs: Math.round((user + system) / 1000) };
    if (!ready && figures.connected === figures.devices) {
      ready = true;
      line('ready', { connected: figures.connected, ...own });
    }
    line('report', { ...figures, ...own });
  };
  const timer = setInterval(report, config.value.reportMs);
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    clearInterval(timer);
    await fleet.stop();
    line('stopped', fleet.report());
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (values['stdin-lifeline']) process.stdin.on('end', stop).on('error', stop).resume();
}

await main();
