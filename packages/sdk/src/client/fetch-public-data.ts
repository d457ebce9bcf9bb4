import { BLS_SIGNATURE_BYTES } from '@iotw/kernel/bls';
import { ok, type Result } from '@iotw/kernel/result';
import type { PublicBlock, PublicData, PublicEpoch, PublicRound } from '@iotw/protocol/public-data';
import type { Connection } from './connection.js';
import { networkOf } from './network.js';
import { getPublicBlock, getPublicEpoch, getPublicRound, getSeeds } from './public-data.js';
import { fetchSignerChanges, joinPublicData } from './signer-changes.js';

/** Bytes of a VRF proof (RFC 9381). */
const VRF_PROOF_BYTES = 80;

/**
 * All that shows one epoch to be what it is: the seed chain from the trusted epoch (0 unless given), the
 * epoch, the round that opened it, and every change of who signs. It proves nothing before `verifyPublicData`. Codes: as the parts'.
 */
export async function fetchEpochData(
  connection: Connection,
  epoch: number,
  trustedEpoch = 0,
): Promise<Result<PublicData>> {
  return gather(connection, [epoch], undefined, trustedEpoch);
}

/**
 * All that shows one block to be what it is: the seed chain, the epochs of block and round, the round, the
 * block, and every change of who signs. It proves nothing before `verifyPublicData`. Codes: as the parts'.
 */
export async function fetchBlockData(
  connection: Connection,
  lane: number,
  height: number,
  trustedEpoch = 0,
): Promise<Result<PublicData>> {
  const block = await getPublicBlock(connection, lane, height);
  if (!block.ok) return block;
  const round = await getPublicRound(connection, block.value.round);
  if (!round.ok) return round;
  const epochs = [block.value.block.header.epoch, round.value.header.epoch];
  return gather(connection, epochs, { block: block.value, round: round.value }, trustedEpoch);
}

async function gather(
  connection: Connection,
  wanted: readonly number[],
  found: { readonly block: PublicBlock; readonly round: PublicRound } | undefined,
  trustedEpoch: number,
): Promise<Result<PublicData>> {
  const network = await networkOf(connection);
  if (!network.ok) return network;
  const numbers = [...new Set(wanted)].sort((a, b) => a - b);
  const seeds = await getSeeds(connection, trustedEpoch + 1, numbers[0]! - 1);
  if (!seeds.ok) return seeds;
  const epochs: PublicEpoch[] = [];
  const rounds = new Map<number, PublicRound>();
  // A shared key's seed stands on no other: the chain begins anew at the last one. The rounds name the keys.
  const start = seeds.value.findLastIndex(({ proof }) => proof.length === BLS_SIGNATURE_BYTES);
  for (const { opened, proof } of seeds.value.slice(Math.max(0, start))) {
    if (proof.length === VRF_PROOF_BYTES) continue;
    const round = await getPublicRound(connection, opened);
    if (!round.ok) return round;
    rounds.set(opened, round.value);
  }
  if (found !== undefined) rounds.set(found.round.header.number, found.round);
  for (let number = numbers[0]!; number <= numbers.at(-1)!; number++) {
    const epoch = await getPublicEpoch(connection, number);
    if (!epoch.ok) return epoch;
    epochs.push(epoch.value);
    const { opened } = epoch.value;
    if (opened === 0 || rounds.has(opened)) continue;
    const round = await getPublicRound(connection, opened);
    if (!round.ok) return round;
    rounds.set(opened, round.value);
  }
  const changes = await fetchSignerChanges(connection);
  if (!changes.ok) return changes;
  const asked: PublicData = {
    network: network.value,
    seeds: seeds.value,
    epochs,
    rounds: [...rounds.values()],
    blocks: found === undefined ? [] : [found.block],
  };
  return ok(joinPublicData(asked, changes.value));
}
