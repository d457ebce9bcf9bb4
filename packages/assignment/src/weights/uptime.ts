/** What every device starts with, epochs: an hour of one-minute epochs. */
const BASE_EPOCHS = 60;
/** Presence beyond this adds nothing: a day of one-minute epochs. */
const CAP_EPOCHS = 1_440;

/**
 * Mode `uptime`, the whitepaper's "historic time connected": 60 + epochs present, counted up to 1,440 and
 * never beyond the device's age. The oldest device has 25 times the chance of a newcomer, no more, so
 * nobody is shut out and nobody can own the draw by having come first.
 */
export function uptimeWeight(candidate: {
  readonly uptimeEpochs: number;
  readonly registeredEpochs: number;
}): number {
  return BASE_EPOCHS + Math.min(candidate.uptimeEpochs, candidate.registeredEpochs, CAP_EPOCHS);
}
