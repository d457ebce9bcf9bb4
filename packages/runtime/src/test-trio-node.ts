/** A node process with three trust nodes and the only ledger server of a network, on a store of the test's, without devices. */
import { inlineVerifier } from '@iotw/adapters/verify/inline-verifier';
import { utf8 } from '@iotw/kernel/bytes';
import type { Store } from '@iotw/kernel/ports/store';
import { sha256 } from '@iotw/kernel/sha256';
import { vrfKeyPairFromSeed } from '@iotw/kernel/vrf';
import { keys, type TestNetwork } from '@iotw/ledger/test-network';
import { assert } from 'vitest';
import { NodeProcess } from './node-process.js';

/** Opens and starts it; what would halt it fails the test. `keepMs`: how long rounds are kept, ms (undefined: an archive). */
export async function startTrioNode(
  network: TestNetwork,
  store: Store,
  nowMs: () => number,
  keepMs?: number,
): Promise<NodeProcess> {
  const opened = await NodeProcess.open({
    genesis: network.genesis,
    store,
    verifier: inlineVerifier(network.network),
    clock: { nowMs },
    trust: [0, 1, 2].map((index) => ({
      index,
      keys: keys(`trust${index}`),
      accountKeys: keys(`operator${index}`),
    })),
    ledger: { index: 0, keys: keys('ledger0'), vrfKeys: vrfKeyPairFromSeed(sha256(utf8('vrf0'))) },
    ...(keepMs === undefined ? {} : { keepMs }),
    onHalt: ({ code, message }) => {
      throw new Error(`${code}: ${message}`);
    },
  });
  assert(opened.ok);
  await opened.value.start();
  return opened.value;
}
