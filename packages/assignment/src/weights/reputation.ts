/**
 * Mode `reputation`: the chance is in proportion to the reputation, ppm (reputation.ts). A device without
 * any keeps the least chance, so that it can earn one.
 */
export function reputationWeight(candidate: { readonly reputation: number }): number {
  return Math.max(1, Math.min(candidate.reputation, 1_000_000));
}
