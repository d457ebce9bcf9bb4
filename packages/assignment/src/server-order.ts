/** A node as the order of ledger servers sees it. */
export interface PlacedNode {
  readonly region: number;
  /** Neither voted out nor proven to equivocate. */
  readonly standing: boolean;
}

/**
 * Numbers of the ledger servers in the order in which trust node `index` turns to them (spec: clause 14.10), a function
 * of its arguments alone: those of its region first, then the others; within each group in a circle from the
 * place that is its own rank among the trust nodes that begin there, so that none has more first turns than another by
 * more than one. Servers that don't stand are left out. A trust node that is not listed yet has no region and rank 0.
 */
export function serverOrder(
  index: number,
  trustNodes: readonly PlacedNode[],
  servers: readonly PlacedNode[],
): number[] {
  const region = trustNodes[index]?.region;
  const near: number[] = [];
  const far: number[] = [];
  for (const [number, server] of servers.entries())
    if (server.standing) (server.region === region ? near : far).push(number);
  const regions = new Set(servers.filter(({ standing }) => standing).map((server) => server.region));
  const beginsNear = near.length > 0;
  let rank = 0;
  for (const other of trustNodes.slice(0, index))
    if (other.standing && (beginsNear ? other.region === region : !regions.has(other.region))) rank += 1;
  return [...inCircle(near, rank), ...inCircle(far, rank)];
}

function inCircle(numbers: readonly number[], rank: number): number[] {
  const from = numbers.length === 0 ? 0 : rank % numbers.length;
  return [...numbers.slice(from), ...numbers.slice(0, from)];
}
