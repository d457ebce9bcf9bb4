/** Pages of the console, with the key of their names. */
export const PLACES = [
  ['/operate', 'health'],
  ['/operate/proposals', 'proposals'],
  ['/operate/makers', 'makers'],
  ['/operate/funds', 'funds'],
  ['/operate/removed', 'removed'],
] as const;
