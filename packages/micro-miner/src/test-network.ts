/** Test support: the trust node's end of a device's wire. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeviceGateway, type GatewayOptions } from '@iotw/adapters/mqtt/device-gateway';
import { type KeyPair, keyPairFromSeed, sign } from '@iotw/kernel/ed25519';
import { merkleRoot } from '@iotw/kernel/merkle';
import { ok } from '@iotw/kernel/result';
import { encodeAssignment } from '@iotw/protocol/assignment';
import { blockHash } from '@iotw/protocol/header';

export const NETWORK = new Uint8Array(32).fill(7);
export const LANE = keyPairFromSeed(new Uint8Array(32).fill(1));

/** An assignment of lane 0 at `height` to device `device`, signed by LANE. */
export function testAssignment(height: number, device = 3, lane: KeyPair = LANE): Uint8Array {
  const ids = new Uint8Array(96).fill(height & 0xff);
  const header = {
    lane: 0,
    incarnation: 0,
    height,
    previous: new Uint8Array(32),
    root: merkleRoot(ids, 3, 1024),
    count: 3,
    timeMs: 1_700_000_000_000,
    epoch: 5,
    refRound: 1,
  };
  const signature = sign(blockHash(NETWORK, header), lane.secretKey);
  return encodeAssignment({ header, signature, attempt: 0, rank: 1, device, ids });
}

export interface TestTrustNode {
  readonly gateway: DeviceGateway;
  readonly tcpPort: number;
  readonly wsPort: number;
  readonly results: Uint8Array[];
  readonly statuses: Uint8Array[];
}

/** A started trust node broker that records what devices say. */
export async function openTrustNode(
  options: { trustNode?: number; epoch?: () => number; tcpPort?: number; epochMs?: number } & Pick<
    GatewayOptions,
    'hosts' | 'moveOf' | 'numberOf'
  > = {},
): Promise<TestTrustNode> {
  const gateway = new DeviceGateway({
    network: NETWORK,
    trustNode: options.trustNode ?? 0,
    epoch: options.epoch ?? (() => 5),
    epochMs: () => options.epochMs ?? 100,
    authorize: () => ok(true),
    laneKeys: () => [LANE.publicKey],
    ...(options.hosts === undefined ? {} : { hosts: options.hosts }),
    ...(options.moveOf === undefined ? {} : { moveOf: options.moveOf }),
    ...(options.numberOf === undefined ? {} : { numberOf: options.numberOf }),
    listen: {
      tcp: { host: '127.0.0.1', port: options.tcpPort ?? 0 },
      ws: { host: '127.0.0.1', port: 0 },
    },
  });
  const results: Uint8Array[] = [];
  const statuses: Uint8Array[] = [];
  gateway.onResult((_device, bytes) => results.push(bytes));
  gateway.onStatus((_device, bytes) => statuses.push(bytes));
  const opened = await gateway.start();
  if (!opened.ok) throw new Error(opened.error.message);
  return { gateway, tcpPort: opened.value.tcpPort!, wsPort: opened.value.wsPort!, results, statuses };
}

/** Waits for `holds`, for at most 20 seconds. */
export async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error('what was waited for did not come');
    await new Promise((done) => setTimeout(done, 5));
  }
}

/** A fresh directory and its removal. */
export function scratch(): { readonly path: (name: string) => string; readonly remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), 'iotw-miner-'));
  return {
    path: (name) => join(directory, name),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
