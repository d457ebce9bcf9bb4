import { SignatureChecker } from '@iotw/kernel/signature-checker';
import { keys, type TestNetwork } from '@iotw/ledger/test-network';
import { HeldKeys } from '../held-keys.js';
import { viewOf } from '../ledger-server/chain-state.js';
import type { TrustNodeOptions } from './options.js';
import { TrustNode } from './trust-node.js';

/** Trust node 0 of a test network, its disk empty, with the checker it uses. */
export function firstTrustNode(
  { network, ledger }: TestNetwork,
  options: Partial<TrustNodeOptions> = {},
): { readonly node: TrustNode; readonly checker: SignatureChecker } {
  const checker = new SignatureChecker(256);
  const node = new TrustNode({
    network,
    index: 0,
    keys: new HeldKeys(keys('trust0')),
    accountKeys: keys('operator0'),
    checker,
    view: viewOf(ledger),
    blocks: [],
    votes: [],
    ...options,
  });
  return { node, checker };
}
