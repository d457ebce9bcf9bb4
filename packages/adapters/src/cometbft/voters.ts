import { compareBytes, equalBytes } from '@iotw/kernel/bytes';
import type { Voter } from '@iotw/nodes/engine/engine';
import { VALIDATOR_POWER, validatorAddress } from '@iotw/protocol/engine-chain';
import { MISBEHAVIOUR_KIND, type Misbehaviour } from '@iotw/protocol/round';
import { type Misbehavior, MisbehaviorType, ValidatorUpdate } from 'cosmjs-types/tendermint/abci/types';
import { timeMsOf } from './round-codec.js';

/** All who vote, as CometBFT is told at its beginning. */
export function validatorsOf(voters: readonly Voter[]): ValidatorUpdate[] {
  return updatesOf([], voters);
}

/**
 * What CometBFT has to change so that those vote who vote `after` a round, where those voted that did `before`: keys that
 * left with no power, new ones with the power of all. CometBFT refuses, and ends, where a key that leaves was not there.
 * In the order of the keys: the list is part of what every server answers.
 */
export function updatesOf(before: readonly Voter[], after: readonly Voter[]): ValidatorUpdate[] {
  const lacks = (voters: readonly Voter[], key: Uint8Array): boolean =>
    !voters.some((other) => equalBytes(other.key, key));
  const left = before.filter(({ key }) => lacks(after, key)).map(({ key }) => ({ key, power: 0 }));
  const came = after
    .filter(({ key }) => lacks(before, key))
    .map(({ key }) => ({ key, power: VALIDATOR_POWER }));
  return [...left, ...came]
    .sort((a, b) => compareBytes(a.key, b.key))
    .map(({ key, power }) => ValidatorUpdate.fromPartial({ pubKey: { ed25519: key }, power: BigInt(power) }));
}

/**
 * What CometBFT says of validators in a block, by ledger server: `votedWith` holds every key that one ever voted with. What it
 * says of others, or what is no act that the ledger knows, is left out.
 */
export function actsOf(votedWith: readonly Voter[], said: readonly Misbehavior[]): Misbehaviour[] {
  return said.flatMap(({ type, validator, height, time }) => {
    const server = serverOf(votedWith, validator.address);
    const kind = KINDS.get(type);
    if (server === undefined || kind === undefined) return [];
    return [{ server, kind, height: Number(height), timeMs: timeMsOf(time) }];
  });
}

const KINDS: ReadonlyMap<MisbehaviorType, number> = new Map([
  [MisbehaviorType.DUPLICATE_VOTE, MISBEHAVIOUR_KIND.doubleVote],
  [MisbehaviorType.LIGHT_CLIENT_ATTACK, MISBEHAVIOUR_KIND.lightClientAttack],
]);

/** The server that CometBFT means by an address; undefined: none that votes by now. */
export function serverOf(voters: readonly Voter[], address: Uint8Array): number | undefined {
  return voters.find(({ key }) => equalBytes(validatorAddress(key), address))?.server;
}
