import { ok, type Result } from '@iotw/kernel/result';
import type { LightBlock } from '@iotw/protocol/light-block';
import type { Backend } from './backend.js';

/** The commit that proves a round, as a receipt carries it; empty: there is none yet, or the servers' signatures are the proof. */
export type ProvingCommits = readonly LightBlock[];

/**
 * Whether anybody can check the round without this server (spec: clause 9.10): where one server orders, its signature is there
 * from the beginning; else the height after the round's must be committed.
 */
export function isProvable({ engineCommits: commits }: Backend, round: number): boolean {
  if (commits === undefined) return true;
  const height = commits.heightOf(round);
  return height === 0 || (height !== undefined && commits.height > height);
}

/** The commit that proves a round that is final here. Errors: `cometbft-rpc`. */
export async function provingCommits(
  { engineCommits: commits }: Backend,
  round: number,
): Promise<Result<LightBlock[]>> {
  const height = commits?.heightOf(round);
  if (commits === undefined || !height || commits.height <= height) return ok([]);
  const found = await commits.lightBlock(height + 1);
  if (found.ok) return ok([found.value]);
  // Pruned: what was final stays so, and is proven by nobody's word but the server's.
  return found.error.code === 'commit-not-found' ? ok([]) : found;
}

/** Waits until a round that is final here is provable, or until `deadlineMs` (Date.now()); whether it is. */
export async function untilProvable(backend: Backend, round: number, deadlineMs: number): Promise<boolean> {
  const { engineCommits: commits } = backend;
  if (isProvable(backend, round) || commits?.heightOf(round) === undefined) return isProvable(backend, round);
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    const timer = setTimeout(end, Math.max(0, deadlineMs - Date.now()));
    const stop = commits.onHeight(() => {
      if (isProvable(backend, round)) end();
    });
  });
  return isProvable(backend, round);
}
