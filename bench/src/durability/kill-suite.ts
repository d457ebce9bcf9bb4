import { Prng } from '@iotw/kernel/prng';
import { DurableNetwork } from './durable-network.js';
import type { Finding } from './findings.js';
import { lastLife, STUCK_MS } from './last-life.js';
import { pause, within } from './node-run.js';
import { PayingClient } from './paying-client.js';
import { StoreCheck } from './store-check.js';

/** What the kills of one run came to. */
export interface KillFigures {
  readonly kills: number;
  /** Of them at a random moment of the node's start. */
  readonly whileStarting: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly rounds: number;
  readonly epochs: number;
  /** From the start of a process to its line that says it is ready, ms. */
  readonly readyMs: readonly number[];
  /** From the start of a process to the first decision a client is told of, ms. */
  readonly servingMs: readonly number[];
}

/** One in this many kills comes within the start of the node. */
const STARTING_IN = 4;
const STARTING_MS = 1_200;
/** The others come up to this long after the first decision of the node's life. */
const RUNNING_MS = 1_500;

/**
 * A node under load is killed `kills` times at random moments and started again on the same directory; after each
 * death its disk is held against everything that was acknowledged.
 */
export async function runKills(
  kills: number,
  seed: number,
  say: (finding: Finding) => void,
): Promise<KillFigures> {
  const prng = new Prng(`kills ${seed}`);
  const network = await DurableNetwork.make('kills', seed);
  const client = new PayingClient(network, seed);
  const check = new StoreCheck(network);
  const readyMs: number[] = [];
  const servingMs: number[] = [];
  let whileStarting = 0;
  network.startFleet();
  client.start();
  for (let kill = 1; kill <= kills; kill++) {
    client.life = kill;
    const starting = kill > 1 && prng.chance(1, STARTING_IN);
    const afterMs = prng.below(starting ? STARTING_MS : RUNNING_MS);
    const wrong: string[] = [];
    const began = performance.now();
    const node = await network.startNode();
    if (starting) whileStarting += 1;
    else {
      const served = client.decisionAbove(check.progress.round).then(() => performance.now() - began);
      const ms = await within(Promise.race([served, node.ended]), STUCK_MS);
      if (typeof ms === 'number') {
        servingMs.push(ms);
        readyMs.push((await node.ready) ?? Number.NaN);
      } else wrong.push(`it did not serve: ${JSON.stringify(ms ?? `no decision in ${STUCK_MS} ms`)}`);
    }
    await pause(afterMs);
    node.kill();
    const end = await node.ended;
    if (end.signal !== 'SIGKILL') wrong.push(`it ended before it was killed: ${JSON.stringify(end)}`);
    wrong.push(...(await check.check(client.acknowledged)), ...client.violations.splice(0));
    say({
      name: `kill ${kill} of ${kills}, ${afterMs} ms into its ${starting ? 'start' : 'service'}`,
      wrong,
    });
  }
  await lastLife(network, client, check, say);
  await network.close();
  const { round, epoch } = check.progress;
  return {
    kills,
    whileStarting,
    acknowledged: client.acknowledged.length,
    lost: check.lost,
    rounds: round,
    epochs: epoch,
    readyMs,
    servingMs,
  };
}
