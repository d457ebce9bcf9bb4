import { DurableNetwork } from './durable-network.js';
import { type FailpointRun, failpointRuns } from './failpoint-plan.js';
import type { Finding } from './findings.js';
import { FIRE_MS, lastLife, STUCK_MS } from './last-life.js';
import { type NodeEnd, type NodeRun, pause, within } from './node-run.js';
import { PayingClient } from './paying-client.js';
import { StoreCheck } from './store-check.js';
import { talk } from './talking-device.js';

/** What the failpoints of one run came to. */
export interface FailpointFigures {
  readonly names: number;
  readonly runs: number;
  readonly acknowledged: number;
  readonly lost: number;
  /** Acknowledged of a commit that a lying disk never made. */
  readonly excused: number;
}

/** Load before a stop is asked for. */
const SERVING_MS = 400;
const FIRST_LIFE_MS = 2_500;
const ROUNDS_TO_REPLAY = 5;
const MOST_LIVES = 5;

/**
 * Every failpoint of a node's path fires once under its scene; the node must die or end with a code, and what it
 * leaves must hold everything acknowledged. The next node starts on what the one before left.
 */
export async function runFailpoints(
  which: 'each' | 'all',
  only: string | undefined,
  seed: number,
  say: (finding: Finding) => void,
): Promise<FailpointFigures> {
  const runs = failpointRuns(which).filter(({ name }) => only === undefined || name.startsWith(only));
  for (const run of runs.filter(({ scene }) => scene === 'fresh')) say(await playFresh(run, seed));
  const network = await DurableNetwork.make('failpoints', seed);
  const client = new PayingClient(network, seed);
  const check = new StoreCheck(network);
  network.startFleet();
  client.start();
  say({ name: 'a ledger to fail on', wrong: await begin(network, client, check) });
  for (const run of runs.filter(({ scene }) => scene !== 'fresh')) {
    client.life += 1;
    const node = await network.startNode({ failpoints: armed(run) });
    let over = false;
    const beside = [
      run.scene === 'read' ? client.readOldRounds(() => over) : undefined,
      run.scene === 'device' ? talk(network, () => over) : undefined,
    ];
    if (run.scene === 'stop') {
      await within(Promise.race([client.decisionAbove(check.progress.round), node.ended]), STUCK_MS);
      await pause(SERVING_MS);
      node.terminate();
    }
    const wrong = await endOf(run, node);
    over = true;
    await Promise.all(beside);
    wrong.push(...(await check.check(client.acknowledged, run.action === 'lost')));
    wrong.push(...client.violations.splice(0));
    say({ name: `${armed(run)} (${run.scene})`, wrong });
  }
  await lastLife(network, client, check, say);
  await network.close();
  return {
    names: new Set(runs.map(({ name }) => name)).size,
    runs: runs.length,
    acknowledged: client.acknowledged.length,
    lost: check.lost,
    excused: check.excused,
  };
}

function armed({ name, action, pass }: FailpointRun): string {
  return `${name}=${action}@${pass}`;
}

/** Lives without a fault until there is a snapshot with rounds above it; each ends by kill -9. */
async function begin(network: DurableNetwork, client: PayingClient, check: StoreCheck): Promise<string[]> {
  for (let tries = 0; tries < MOST_LIVES; tries++) {
    client.life += 1;
    const node = await network.startNode();
    const served = await within(
      Promise.race([client.decisionAbove(check.progress.round).then(() => true), node.ended]),
      STUCK_MS,
    );
    await pause(FIRST_LIFE_MS);
    node.kill();
    await node.ended;
    if (served !== true) return [`it did not serve: ${JSON.stringify(served ?? 'no decision')}`];
    const wrong = await check.check(client.acknowledged);
    if (wrong.length > 0 || (check.progress.epoch > 0 && check.replayed >= ROUNDS_TO_REPLAY)) return wrong;
  }
  return [`${MOST_LIVES} lives left no snapshot with ${ROUNDS_TO_REPLAY} rounds above it`];
}

/** Waits until the failpoint has ended the node; tells what is wrong with the way it ended. */
async function endOf(run: FailpointRun, node: NodeRun): Promise<string[]> {
  const end = await node.endWithin(FIRE_MS);
  if (end === undefined) {
    node.kill();
    await node.ended;
    return [
      `the node went on for ${FIRE_MS} ms: the failpoint was not passed, or the node hangs on its fault`,
    ];
  }
  return wrongEnd(run, end);
}

function wrongEnd({ action }: FailpointRun, end: NodeEnd): string[] {
  if (action !== 'eio' && action !== 'enospc') {
    return end.signal === 'SIGKILL' ? [] : [`it was to die at once, but ${JSON.stringify(end)}`];
  }
  const told = end.exitCode === 1 && end.error?.code === 'store-io' && end.error.message.length > 20;
  return told ? [] : [`it was to end with exit code 1, store-io and a sentence, but ${JSON.stringify(end)}`];
}

/** A failpoint of the first start of all: on an empty directory, which the next start must take up. */
async function playFresh(run: FailpointRun, seed: number): Promise<Finding> {
  const network = await DurableNetwork.make(armed(run), seed);
  const wrong = await endOf(run, await network.startNode({ failpoints: armed(run) }));
  const check = new StoreCheck(network);
  wrong.push(...(await check.check([])));
  const node = await network.startNode();
  if ((await within(node.ready, STUCK_MS)) === undefined) wrong.push('the next start is not ready');
  node.terminate();
  const end = await node.endWithin(STUCK_MS);
  if (end?.exitCode !== 0) wrong.push(`the next start did not stop in order: ${JSON.stringify(end)}`);
  node.kill();
  wrong.push(...(await check.check([])));
  await network.close();
  return { name: `${armed(run)} (fresh)`, wrong };
}
