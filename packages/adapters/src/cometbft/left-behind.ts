import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { processArguments } from './process-arguments.js';

/** How long its end is waited for, ms, and how often it is looked at. */
const END_MS = 5_000;
const LOOK_MS = 20;

/** Where the id of the CometBFT that runs on this home is written. */
export function pidFile(home: string): string {
  return join(home, 'cometbft.pid');
}

/**
 * Ends the CometBFT that a ledger server left behind when it was killed. As a rule that one ends by itself with its
 * connections; but a call that it makes while they close is waited for without end (abci/client/socket_client.go: what is
 * queued after flushQueue), and then it holds its databases, so that no other can start on this home. It has lost its
 * ledger in any case: it is killed, as by a power cut. Does nothing where the id is of another program by now.
 */
export async function endLeftBehind(home: string): Promise<void> {
  const pid = Number(await readFile(pidFile(home), 'utf8').catch(() => ''));
  if (!Number.isSafeInteger(pid) || pid <= 1 || !(await runsOn(pid, home))) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    return;
  }
  for (let waited = 0; waited < END_MS && (await runsOn(pid, home)); waited += LOOK_MS) await pause(LOOK_MS);
}

/** Whether the process was started on this home; its last argument says so. */
async function runsOn(pid: number, home: string): Promise<boolean> {
  return (await processArguments(pid)).endsWith(` start --home ${home}`);
}
