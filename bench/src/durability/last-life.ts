import type { DurableNetwork, StartOptions } from './durable-network.js';
import type { Finding } from './findings.js';
import { pause, within } from './node-run.js';
import type { PayingClient } from './paying-client.js';
import type { Progress, StoreCheck } from './store-check.js';

/** No decision of a started node, or no end of one that was told to stop, for this long: it is stuck. */
export const STUCK_MS = 30_000;
/** A failpoint that was not passed for this long lies on no path of the scene. */
export const FIRE_MS = 15_000;
const EPOCHS_AFTER = 2;
const UNDISTURBED_MS = 6_500;

/**
 * The end of a suite: one life without a fault, in which every lane and the epochs must go on, a stop in order,
 * and the audit of everything on disk.
 */
export async function lastLife(
  network: DurableNetwork,
  client: PayingClient,
  check: StoreCheck,
  say: (finding: Finding) => void,
  options: StartOptions = {},
): Promise<void> {
  const before = check.progress;
  client.life += 1;
  const node = await network.startNode(options);
  const wrong: string[] = [];
  const served = await within(
    Promise.race([client.decisionAbove(check.progress.round).then(() => true), node.ended]),
    STUCK_MS,
  );
  if (served === true) await pause(UNDISTURBED_MS);
  else wrong.push(`the node does not serve any more: ${JSON.stringify(served ?? 'no decision')}`);
  await client.stop();
  node.terminate();
  const end = await node.endWithin(STUCK_MS);
  if (end?.exitCode !== 0) wrong.push(`it did not stop in order: ${JSON.stringify(end)}`);
  node.kill();
  await node.ended;
  wrong.push(...(await check.check(client.acknowledged)), ...client.violations.splice(0));
  wrong.push(...standing(before, check.progress));
  say({ name: 'every lane and the epochs go on in a last life', wrong });
  say({ name: 'every signature, outcome and state hash from the genesis on', wrong: await check.audit() });
}

/** What did not move. */
function standing(before: Progress, after: Progress): string[] {
  const wrong: string[] = [];
  if (after.epoch < before.epoch + EPOCHS_AFTER) wrong.push(`epoch ${after.epoch} after ${before.epoch}`);
  for (const [lane, { height, incarnation }] of after.lanes.entries()) {
    const was = before.lanes[lane]!;
    if (incarnation === was.incarnation && height <= was.height)
      wrong.push(`lane ${lane} stands at height ${height}`);
  }
  return wrong;
}
