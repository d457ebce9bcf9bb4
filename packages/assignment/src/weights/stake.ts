/** One unit of weight: a hundredth of an IOTW, base units. */
const STAKE_UNIT = 10_000;
const MAX_WEIGHT = 0xffff_ffff;

/**
 * Mode `stake`: the owner's least balance over the epoch that ended when the pool froze, in hundredths of
 * an IOTW, divided among the owner's devices of the pool. A device without stake keeps the least chance.
 */
export function stakeWeight(candidate: { readonly leastBalance: number }, ownerDevices: number): number {
  const share = Math.floor(candidate.leastBalance / (STAKE_UNIT * ownerDevices));
  return Math.max(1, Math.min(share, MAX_WEIGHT));
}
