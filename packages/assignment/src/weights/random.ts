/** Mode `random`: every present device has the same chance. */
export function randomWeight(): number {
  return 1;
}
