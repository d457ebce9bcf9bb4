import { toHex } from '@iotw/kernel/bytes';
import { sha256 } from '@iotw/kernel/sha256';
import type { Voter } from '@iotw/nodes/engine/engine';
import { validatorAddress } from '@iotw/protocol/engine-chain';
import { Misbehavior, MisbehaviorType } from 'cosmjs-types/tendermint/abci/types';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { actsOf, serverOf, updatesOf, validatorsOf } from './voters.js';

const key = (n: number): Uint8Array => sha256(Uint8Array.of(n));
/** Servers by index, each with one of a few keys that no other has. */
const electorate = fc
  .uniqueArray(fc.nat(9), { maxLength: 8 })
  .map((keys): Voter[] => keys.map((n, server) => ({ server, key: key(n) })));

/** As CometBFT does it: a key without power leaves and must have been there, any other comes or is set. */
function applied(
  before: ReadonlyMap<string, bigint>,
  updates: ReturnType<typeof updatesOf>,
): Map<string, bigint> {
  const set = new Map(before);
  const seen = new Set<string>();
  for (const { pubKey, power } of updates) {
    const name = toHex(pubKey!.ed25519!);
    expect(seen.has(name), 'named twice').toBe(false);
    seen.add(name);
    if (power > 0n) set.set(name, power);
    else expect(set.delete(name), 'left and was not there').toBe(true);
  }
  return set;
}

it('updates lead CometBFT from any electorate to any other, however it is listed', () => {
  fc.assert(
    fc.property(fc.array(electorate, { minLength: 2, maxLength: 6 }), (steps) => {
      let set = applied(new Map(), validatorsOf(steps[0]!));
      for (const [i, after] of steps.slice(1).entries()) {
        const updates = updatesOf(steps[i]!, after);
        set = applied(set, updates);
        expect([...set.keys()].sort()).toEqual(after.map((one) => toHex(one.key)).sort());
        expect([...set.values()].every((power) => power === 3n)).toBe(true);
        expect(updatesOf([...steps[i]!].reverse(), [...after].reverse())).toEqual(updates);
        expect(updatesOf(after, after)).toEqual([]);
      }
    }),
  );
});

it('finds the server of an address among those that vote', () => {
  const voters = [4, 7].map((server) => ({ server, key: key(server) }));
  expect(serverOf(voters, validatorAddress(key(7)))).toBe(7);
  expect(serverOf(voters, validatorAddress(key(1)))).toBe(undefined);
  expect(serverOf([], validatorAddress(key(7)))).toBe(undefined);
});

it('reads acts by any key that a server voted with, and leaves out those of strangers and those it does not know', () => {
  const votedWith = [1, 2].map((n) => ({ server: 5, key: key(n) }));
  const said = (n: number, type: MisbehaviorType) =>
    Misbehavior.fromPartial({
      type,
      validator: { address: validatorAddress(key(n)), power: 3n },
      height: 9n,
      time: { seconds: 7n, nanos: 2_999_999 },
    });
  const { DUPLICATE_VOTE, LIGHT_CLIENT_ATTACK, UNKNOWN } = MisbehaviorType;
  const all = [
    said(1, DUPLICATE_VOTE),
    said(2, LIGHT_CLIENT_ATTACK),
    said(3, DUPLICATE_VOTE),
    said(1, UNKNOWN),
  ];
  expect(actsOf(votedWith, all)).toEqual([
    { server: 5, kind: 0, height: 9, timeMs: 7_002 },
    { server: 5, kind: 1, height: 9, timeMs: 7_002 },
  ]);
});
