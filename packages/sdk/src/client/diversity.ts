/** Distinct values among the paid devices of a block. */
export interface Diversity {
  readonly seats: number;
  readonly owners: number;
  readonly makers: number;
  readonly regions: number;
  readonly hosts: number;
  readonly clouds: number;
}
