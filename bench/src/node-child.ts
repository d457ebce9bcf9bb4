import { Session } from 'node:inspector/promises';
import { createInterface } from 'node:readline';
import { nodeConfigSchema, readConfigFile } from '@iotw/cli/node/node-config';
import { runNode } from '@iotw/cli/node/run-node';
import { electionShare, stageShares } from './support/stages.js';

/** The node of a bench: the product's `runNode`, with figures on request over stdin. */
const [configPath = ''] = process.argv.slice(2);
const say = (line: Record<string, unknown>) => process.stdout.write(`${JSON.stringify(line)}\n`);
const fail = (error: { readonly code: string; readonly message: string }) => {
  say({ kind: 'failed', code: error.code, message: error.message });
  process.exit(1);
};

const began = performance.now();
const config = await readConfigFile(configPath, nodeConfigSchema);
if (!config.ok) fail(config.error);
else {
  const started = await runNode(config.value, fail);
  if (!started.ok) fail(started.error);
  else {
    const node = started.value;
    const counted = { transactions: 0, blocks: 0 };
    node.process.onRound(({ input }) => {
      counted.blocks += input.blocks.length;
      for (const block of input.blocks) counted.transactions += block.header.count;
    });
    say({
      kind: 'ready',
      pid: process.pid,
      apiUrl: node.apiUrl,
      mqtt: node.mqtt,
      startMs: performance.now() - began,
      round: node.process.ledger.round,
    });
    let session: Session | undefined;
    createInterface({ input: process.stdin }).on('line', async (command) => {
      if (command === 'figures') {
        const { ledger, commits } = node.process;
        const pool = ledger.snapshotOf(ledger.epoch)?.devices.length ?? 0;
        say({
          kind: 'figures',
          ...counted,
          round: ledger.round,
          epoch: ledger.epoch,
          pool,
          ...commits.stats,
        });
      } else if (command === 'accounts') {
        const { ledger } = node.process;
        say({ kind: 'accounts', round: ledger.round, accounts: ledger.accounts.rows });
      } else if (command === 'collect') {
        globalThis.gc?.();
        say({ kind: 'collected' });
      } else if (command === 'hosts') {
        const { trustNodes } = node.process.status();
        const sum = (field: 'answered' | 'missed') =>
          trustNodes.reduce((total, host) => total + host[field], 0);
        say({ kind: 'hosts', answered: sum('answered'), missed: sum('missed') });
      } else if (command === 'profile') {
        session = new Session();
        session.connect();
        await session.post('Profiler.enable');
        await session.post('Profiler.setSamplingInterval', { interval: 500 });
        await session.post('Profiler.start');
        say({ kind: 'profiling' });
      } else if (command === 'profiled' && session !== undefined) {
        const { profile } = await session.post('Profiler.stop');
        say({ kind: 'profile', shares: stageShares(profile), electionShare: electionShare(profile) });
      }
    });
    const stop = async () => {
      await node.stop();
      process.exit(0);
    };
    process.on('SIGTERM', stop);
    // The bench holds stdin open: when it is gone, so is its node (a lifeline).
    process.stdin.on('end', stop);
  }
}
