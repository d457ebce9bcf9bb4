import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DurableNetwork, type StartOptions } from './durable-network.js';
import type { Finding } from './findings.js';
import { lastLife, STUCK_MS } from './last-life.js';
import { type NodeEnd, within } from './node-run.js';
import { PayingClient } from './paying-client.js';
import { StoreCheck } from './store-check.js';

/** A limit that load reaches in seconds, and one that it does not reach. */
const SMALL_STORE_BYTES = 4 * 1024 ** 2;
const LARGE_STORE_BYTES = 1024 ** 3;
/** The store leaves 64 MiB of every disk free; what is above it is for the ledger. */
const SMALL_DISK = '72m';
const LARGE_DISK = '512m';
const FILL_MS = 60_000;
const MOUNT = 'mount';
const UNMOUNT = 'umount';

/** How a place for a ledger is made too small, and then large enough. */
interface Shortage {
  readonly name: string;
  readonly small: StartOptions;
  /** Makes room; returns how the node is started then. */
  enlarge(network: DurableNetwork): StartOptions;
}

/**
 * A node is loaded until its store or its disk is full; it must refuse by `store-full` and end with a sentence, as
 * often as it is started, lose nothing, and go on once there is room. Returns the number of skipped parts.
 */
export async function runFullDisk(seed: number, say: (finding: Finding) => void): Promise<number> {
  await fill(await DurableNetwork.make('store full', seed), seed, say, {
    name: 'a store at its limit',
    small: { storeBytes: SMALL_STORE_BYTES },
    enlarge: () => ({ storeBytes: LARGE_STORE_BYTES }),
  });
  const network = await DurableNetwork.make('disk full', seed);
  const data = join(network.dir, 'node');
  mkdirSync(data);
  if (!mount(['-t', 'tmpfs', '-o', `size=${SMALL_DISK}`, 'tmpfs', data])) {
    console.log('       a full disk: skipped, this user may not mount a small one');
    await network.close();
    return 1;
  }
  try {
    await fill(network, seed, say, {
      name: 'a full disk',
      small: {},
      enlarge: () => {
        mount(['-o', `remount,size=${LARGE_DISK}`, data]);
        return {};
      },
    });
  } finally {
    spawnSync(UNMOUNT, ['-l', data]);
    await network.close();
  }
  return 0;
}

function mount(args: readonly string[]): boolean {
  return spawnSync(MOUNT, args, { stdio: 'ignore' }).status === 0;
}

async function fill(
  network: DurableNetwork,
  seed: number,
  say: (finding: Finding) => void,
  shortage: Shortage,
): Promise<void> {
  const client = new PayingClient(network, seed);
  const check = new StoreCheck(network);
  network.startFleet();
  client.start();
  for (const what of ['is reached', 'is met again']) {
    client.life += 1;
    client.refusals.clear();
    const node = await network.startNode(shortage.small);
    const end = await node.endWithin(FILL_MS);
    node.kill();
    await node.ended;
    const wrong = end === undefined ? [`the node went on for ${FILL_MS} ms`] : wrongEnd(end);
    if ((client.refusals.get('store-full') ?? 0) === 0) wrong.push('no client was told store-full');
    wrong.push(...(await check.check(client.acknowledged)), ...client.violations.splice(0));
    say({ name: `${shortage.name} ${what}: ${client.acknowledged.length} acknowledged`, wrong });
  }
  const before = client.acknowledged.length;
  client.life += 1;
  const room = shortage.enlarge(network);
  const node = await network.startNode(room);
  const served = await within(
    Promise.race([client.decisionAbove(check.progress.round).then(() => true), node.ended]),
    STUCK_MS,
  );
  const wrong = served === true ? [] : [`it does not serve: ${JSON.stringify(served ?? 'no decision')}`];
  node.kill();
  await node.ended;
  wrong.push(...(await check.check(client.acknowledged)), ...client.violations.splice(0));
  say({ name: `${shortage.name}, with room again: ${client.acknowledged.length - before} more`, wrong });
  await lastLife(network, client, check, say, room);
  await network.endFleet();
}

function wrongEnd(end: NodeEnd): string[] {
  const told = end.exitCode === 1 && end.error?.code === 'store-full' && end.error.message.includes('limit');
  return told
    ? []
    : [`it was to end with exit code 1, store-full and a sentence, but ${JSON.stringify(end)}`];
}
