import type { Profiler } from 'node:inspector';

/** A stage of the node's main thread, and how its functions are known: the first rule that fits, from leaf to root. */
const STAGES: readonly (readonly [stage: string, match: RegExp])[] = [
  ['attestationChecks', /checkCertificate|signature-checker|onAnswer|onVote|onMiss/],
  ['entrance', /packages\/api\/|fastify|light-my-request|find-my-way|node:_?http|undici/],
  ['deviceMessaging', /adapters\/dist\/mqtt|aedes|mqtt-packet|micro-miner|node:net|trust-node\/host/],
  ['commit', /lmdb|commit-queue|adapters\/dist\/store|round-record|record-of/],
  ['ledgerApply', /packages\/ledger\//],
  ['handOver', /adapters\/dist\/verify|nodes\/dist\/intake|postMessage|node:internal\/worker/],
  ['blockForming', /nodes\/dist\/trust-node|packages\/assignment|packages\/protocol/],
  ['rounds', /nodes\/dist\/ledger-server/],
  ['runtime', /packages\/runtime/],
];

/** The bench's own: starting and stopping the profiler. */
const BENCH = /node:inspector/;

/** Share of each stage in the sampled main thread, idle time and the bench's left out; `gc` and `other` beside them. */
export function stageShares(profile: Profiler.Profile): Record<string, number> {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map<number, number>();
  for (const node of profile.nodes) for (const child of node.children ?? []) parents.set(child, node.id);
  const known = new Map<number, string>();
  const stageOf = (id: number): string => {
    const cached = known.get(id);
    if (cached !== undefined) return cached;
    const { functionName, url } = nodes.get(id)!.callFrame;
    let stage: string | undefined;
    if (functionName === '(idle)' || BENCH.test(url)) stage = 'idle';
    else if (functionName === '(garbage collector)') stage = 'gc';
    else stage = STAGES.find(([, match]) => match.test(`${functionName} ${url}`))?.[0];
    const parent = parents.get(id);
    const result = stage ?? (parent === undefined ? 'other' : stageOf(parent));
    known.set(id, result);
    return result;
  };
  const time: Record<string, number> = {};
  let total = 0;
  profile.samples?.forEach((id, i) => {
    const stage = stageOf(id);
    if (stage === 'idle') return;
    const delta = profile.timeDeltas?.[i] ?? 0;
    time[stage] = (time[stage] ?? 0) + delta;
    total += delta;
  });
  return Object.fromEntries(Object.entries(time).map(([stage, us]) => [stage, us / total]));
}

/**
 * Functions of elections, presence tickets and certificate checks, wherever they are called from: draws and
 * weights, answers, votes and misses with their signatures, tickets, seeds, pools frozen at an epoch's edge.
 */
const ELECTION =
  /packages\/assignment\/|packages\/ledger\/dist\/(epoch-edge|seed-rule|certificate-effects|operations\/presence)|checkCertificate|onAnswer|onVote|onMiss|onAttestation/;

/** Share of the sampled main thread, idle time left out, that is spent below any of those functions. */
export function electionShare(profile: Profiler.Profile): number {
  const below = new Set<number>();
  const visit = (profileNode: Profiler.ProfileNode, inside: boolean): void => {
    const { functionName, url } = profileNode.callFrame;
    const counted = inside || ELECTION.test(`${functionName} ${url}`);
    if (counted) below.add(profileNode.id);
    for (const child of profileNode.children ?? []) visit(nodes.get(child)!, counted);
  };
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const root = profile.nodes[0];
  if (root !== undefined) visit(root, false);
  let total = 0;
  let election = 0;
  profile.samples?.forEach((id, i) => {
    if (nodes.get(id)?.callFrame.functionName === '(idle)') return;
    const delta = profile.timeDeltas?.[i] ?? 0;
    total += delta;
    if (below.has(id)) election += delta;
  });
  return total === 0 ? 0 : election / total;
}
