import { DurableNetwork, type NodePart } from './durable-network.js';
import { type LinkRun, linkRuns } from './failpoint-plan.js';
import type { Finding } from './findings.js';
import { FIRE_MS, STUCK_MS } from './last-life.js';
import { type NodeRun, within } from './node-run.js';
import { PayingClient } from './paying-client.js';
import { StoreCheck } from './store-check.js';

/** What the failpoints of a split node came to. */
export interface LinkFigures {
  readonly runs: number;
  readonly acknowledged: number;
  readonly lost: number;
}

/**
 * A node split into ledger server and trust nodes, each a process with a store of its own: one part dies at a
 * failpoint while the other lives, comes back, and both go on together; then both are killed and the ledger is
 * checked.
 */
export async function runLinks(
  which: 'each' | 'all',
  only: string | undefined,
  seed: number,
  say: (finding: Finding) => void,
): Promise<LinkFigures> {
  const runs = linkRuns(which).filter(({ name }) => only === undefined || name.startsWith(only));
  const network = await DurableNetwork.make('links', seed);
  const client = new PayingClient(network, seed);
  const check = new StoreCheck(network);
  network.startFleet();
  client.start();
  for (const run of runs) {
    client.life += 1;
    const wrong = await play(run, network, client, check);
    wrong.push(...(await check.check(client.acknowledged)), ...client.violations.splice(0));
    say({ name: `${run.name}=exit@${run.pass} (${run.part} alone, ${run.scene})`, wrong });
  }
  await client.stop();
  say({ name: 'every signature and outcome of the split node', wrong: await check.audit() });
  await network.close();
  return { runs: runs.length, acknowledged: client.acknowledged.length, lost: check.lost };
}

/** Both parts end killed. */
async function play(
  run: LinkRun,
  network: DurableNetwork,
  client: PayingClient,
  check: StoreCheck,
): Promise<string[]> {
  const wrong: string[] = [];
  const before = check.progress.round;
  const failpoints = `${run.name}=exit@${run.pass}`;
  const otherPart: NodePart = run.part === 'ledger' ? 'trust' : 'ledger';
  const armed = await network.startNode({ failpoints }, run.part);
  let other = await network.startNode({}, otherPart);
  if (run.scene === 'peer-dies') {
    await serves([armed, other], client, before, wrong);
    other.kill();
  }
  if (run.scene === 'keys') {
    await serves([armed, other], client, before, wrong);
    await replaceKeys(run, network, armed, wrong);
  }
  const end = await armed.endWithin(FIRE_MS);
  if (end === undefined) wrong.push(`the failpoint was not passed within ${FIRE_MS} ms`);
  else if (end.signal !== 'SIGKILL') wrong.push(`it was to die at once, but ${JSON.stringify(end)}`);
  armed.kill();
  await armed.ended;
  if (run.scene === 'keys') {
    // Whoever died, the ledger lists the new keys: the trust nodes take them with their next start.
    if (run.name !== 'mesh-rotate') await network.takeKeys();
    other.kill();
    await other.ended;
  }
  if (run.scene !== 'load') other = await network.startNode({}, otherPart);
  const again = await network.startNode({}, run.part);
  await serves([again, other], client, client.lastRound, wrong);
  for (const node of [again, other]) {
    node.kill();
    await node.ended;
  }
  return wrong;
}

/** New keys of a trust node come on the ledger; for `mesh-rotate` it is told to take them. */
async function replaceKeys(
  { name }: LinkRun,
  network: DurableNetwork,
  armed: NodeRun,
  wrong: string[],
): Promise<void> {
  const code = await network.rotate();
  if (code !== undefined && code !== 'ok') wrong.push(`the new keys were refused: ${code}`);
  if (name !== 'mesh-rotate') return;
  await network.takeKeys();
  armed.reload();
}

/** Waits for a decision of a round above `above` that a client is told of. */
async function serves(
  parts: readonly NodeRun[],
  client: PayingClient,
  above: number,
  wrong: string[],
): Promise<void> {
  const ended = parts.map((part) => part.ended);
  const served = await within(
    Promise.race([client.decisionAbove(above).then(() => true), ...ended]),
    STUCK_MS,
  );
  if (served !== true) wrong.push(`the parts do not serve: ${JSON.stringify(served ?? 'no decision')}`);
}
