import { TestNetwork } from '@iotw/assignment/test-network';
import { keyPairFromSeed, verify } from '@iotw/kernel/ed25519';
import { epochVoteDigest } from '@iotw/protocol/round';
import { expect, it } from 'vitest';
import { ledgerPeer } from '../messages.js';
import type { TrustNodeContext, TrustNodeEffect } from './context.js';
import { EpochConfirmation } from './epoch-confirmation.js';

const { network, context } = new TestNetwork({ devices: 8 });
const { snapshot } = context;
const keys = keyPairFromSeed(new Uint8Array(32).fill(5));
const servers = [ledgerPeer(0), ledgerPeer(2)];

/** What is sent when the node is told that `shown` is the running epoch's pool, asked so many times. */
function confirmed(shown: typeof snapshot | undefined, times = 1): TrustNodeEffect[] {
  const view = { epoch: snapshot.epoch, snapshot: () => shown, ledgerServers: servers };
  const confirmation = new EpochConfirmation({
    ...{ network, index: 1, keys, view },
  } as unknown as TrustNodeContext);
  const effects: TrustNodeEffect[] = [];
  for (let i = 0; i < times; i++) confirmation.confirm(effects);
  return effects;
}

it('a pool whose root it found right is confirmed to each ledger server, once', () => {
  const sent = confirmed(snapshot, 3).map((effect) => (effect.kind === 'send' ? effect : undefined));
  expect(sent.map((effect) => effect?.to)).toEqual(servers);
  const { message } = sent[0]!;
  if (message.kind !== 'epoch-vote') throw new Error(message.kind);
  const { signature, ...content } = message.vote;
  expect(content).toEqual({
    epoch: snapshot.epoch,
    poolRoot: snapshot.root,
    seed: snapshot.seed,
    witness: 1,
  });
  expect(verify(signature, epochVoteDigest(network, content), keys.publicKey)).toBe(true);
});

it('a pool with another root than its own, or none, is not', () => {
  expect(confirmed({ ...snapshot, root: new Uint8Array(32) })).toEqual([]);
  expect(confirmed({ ...snapshot, devices: snapshot.devices.slice(1) })).toEqual([]);
  expect(confirmed(undefined)).toEqual([]);
});
