import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CometProcess } from './comet-process.js';
import { pidFile } from './left-behind.js';

const WAIT = { timeout: 30_000, interval: 20 };

let home: string;
/** In the place of CometBFT: one that hangs when it should end, and writes its id into its home. */
let file: string;
let faults: string[];
let comet: CometProcess;
const others: ChildProcess[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'iotw-comet-process-'));
  file = join(home, 'hangs');
  writeFileSync(
    file,
    `#!${process.execPath}
process.on('SIGTERM', () => {});
console.log(JSON.stringify({ _msg: 'one line', module: 'p2p' }));
console.error('last words');
if (process.argv[2] === 'start' && require('node:fs').existsSync(process.argv[4]))
  require('node:fs').appendFileSync(process.argv[4] + '/runs', process.pid + '\\n');
process.on('SIGUSR2', () => console.log(JSON.stringify({ _msg: 'CONSENSUS FAILURE!!!', err: 'no space left' })));
setInterval(() => {}, 1000);
`,
    { mode: 0o700 },
  );
  faults = [];
  comet = new CometProcess({
    file,
    home,
    graceMs: 50,
    onFault: ({ code, message }) => faults.push(`${code} ${message}`),
  });
});
afterEach(async () => {
  await comet.stop();
  for (const other of others.splice(0)) other.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

/** Ids of all that ran on this home so far, once there are so many. */
async function runs(count: number): Promise<number[]> {
  return vi.waitFor(() => {
    const lines = existsSync(join(home, 'runs'))
      ? readFileSync(join(home, 'runs'), 'utf8').trim().split('\n')
      : [];
    expect(lines.length).toBe(count);
    return lines.map(Number);
  }, WAIT);
}

/** One that a process which is gone has started. */
function leaveBehind(...args: string[]): ChildProcess {
  const child = spawn(file, args, { stdio: 'ignore' });
  others.push(child);
  writeFileSync(pidFile(home), `${child.pid}\n`);
  return child;
}

describe('CometBFT as a child', () => {
  it('is not kept from its home by one that a killed process left behind', async () => {
    const old = leaveBehind('start', '--home', home);
    await runs(1);
    const ended = new Promise((resolve) => old.once('exit', (_, signal) => resolve(signal)));
    await comet.start();
    expect(await ended).toBe('SIGKILL');
    const [, started] = await runs(2);
    expect(Number(readFileSync(pidFile(home), 'utf8'))).toBe(started);
    expect(faults).toEqual(['cometbft-log one line (p2p)']);
  });

  it.each([
    ['of another home', ['start', '--home', '/elsewhere']],
    ['of another kind', ['show', '--home', '/elsewhere']],
  ])('leaves a program %s alone that has the id by now', async (_, args) => {
    const other = leaveBehind(...args);
    await comet.start();
    await runs(1);
    expect([other.exitCode, other.signalCode]).toEqual([null, null]);
  });

  it.each([['no number'], ['0'], ['1'], ['-1'], ['']])('starts with the id %j in its home', async (id) => {
    writeFileSync(pidFile(home), id);
    await comet.start();
    await runs(1);
  });

  it('that hangs without its connections is killed and started again', async () => {
    await comet.start();
    const closed = comet.connected();
    const [first] = await runs(1);
    closed();
    const [, second] = await runs(2);
    expect(faults.filter((line) => line.startsWith('cometbft-ended'))).toEqual([
      'cometbft-ended CometBFT ended (SIGKILL) and is started again in 250 ms: last words',
    ]);
    // The other connections of the one that is gone say nothing about the next.
    closed();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(second).not.toBe(first);
    await runs(2);
  });

  it('that says that its consensus has failed is killed and started again', async () => {
    await comet.start();
    const [first] = await runs(1);
    process.kill(first!, 'SIGUSR2');
    await runs(2);
    expect(faults.filter((line) => !line.startsWith('cometbft-log one line'))).toEqual([
      'cometbft-log CONSENSUS FAILURE!!!: no space left',
      'cometbft-ended CometBFT ended (SIGKILL) and is started again in 250 ms: last words',
    ]);
  });

  it('that hangs when it is stopped is killed', async () => {
    await comet.start();
    const [pid] = await runs(1);
    await comet.stop();
    expect(() => process.kill(pid!, 0)).toThrow('ESRCH');
    expect(faults).toEqual(['cometbft-log one line (p2p)']);
  });

  it('is killed at once where that is asked for, and has a clean home before each start', async () => {
    let cleaned = 0;
    const beforeStart = () => {
      // What the run before wrote is still there.
      expect(existsSync(join(home, 'runs'))).toBe(cleaned > 0);
      cleaned += 1;
    };
    const patient = new CometProcess({ file, home, graceMs: 3_600_000, onFault: () => {}, beforeStart });
    await patient.start();
    const [first] = await runs(1);
    process.kill(first!, 'SIGKILL');
    const [, second] = await runs(2);
    expect(cleaned).toBe(2);
    await patient.stop(true);
    expect(() => process.kill(second!, 0)).toThrow('ESRCH');
  });

  it('is restarted in order, without a fault: what is done in between, nothing runs', async () => {
    await comet.start();
    const [first] = await runs(1);
    let between = 0;
    await comet.restart(async () => {
      expect(() => process.kill(first!, 0)).toThrow('ESRCH');
      between += 1;
    });
    const [, second] = await runs(2);
    expect([between, second === first]).toEqual([1, false]);
    expect(faults.filter((fault) => fault.startsWith('cometbft-ended'))).toEqual([]);
    // It watches over the new one as over the first.
    process.kill(second!, 'SIGKILL');
    await runs(3);
    expect(faults.filter((fault) => fault.startsWith('cometbft-ended'))).toHaveLength(1);
  });
});
