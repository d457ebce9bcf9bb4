import { FAILPOINTS, type FailAction, type FailpointName } from '@iotw/adapters/failpoints/failpoint-names';

/** What a node is doing when a failpoint is to fire. */
export type Scene =
  /** It starts on a ledger that is there. */
  | 'start'
  /** It starts on an empty directory. */
  | 'fresh'
  /** It serves a client. */
  | 'load'
  /** It serves a client that reads old rounds, too. */
  | 'read'
  /** It serves a client, and a device sends it telemetry and transactions. */
  | 'device'
  /** It was asked to stop while it served. */
  | 'stop';

/** One run: this failpoint does this at its `pass`-th pass. */
export interface FailpointRun {
  readonly name: FailpointName;
  readonly action: FailAction;
  readonly scene: Scene;
  readonly pass: number;
}

interface Row {
  readonly scene: Scene;
  readonly pass: number;
}

/** Failpoints that one process with all roles does not pass: of links, and of trust nodes without a ledger. */
const SPLIT_ONLY = /^(mesh-|runtime-directory-)/;

/** Points of a server that joins others: packages/cli/src/node/state-sync.long.test.ts plays them. */
export const JOINING_ONLY = /^state-sync-/;

/** Points of a server with a horizon: packages/cli/src/node/prune.e2e.test.ts plays them. */
export const PRUNING_ONLY = /^runtime-prune/;

/** Where the default, the 40th pass under load, is no good: points that are passed seldom, or not under load. */
const ROWS: Readonly<Partial<Record<FailpointName, Row>>> = {
  'store-open-before-lock': { scene: 'start', pass: 1 },
  'store-open-after-lock': { scene: 'start', pass: 1 },
  'store-open-after-environment': { scene: 'start', pass: 1 },
  'store-open-table': { scene: 'start', pass: 4 },
  'store-open-done': { scene: 'start', pass: 1 },
  'store-table-create': { scene: 'fresh', pass: 3 },
  'store-get': { scene: 'start', pass: 6 },
  'store-range-open': { scene: 'start', pass: 2 },
  'store-range-next': { scene: 'start', pass: 5 },
  'store-close-before': { scene: 'stop', pass: 1 },
  'store-close-drained': { scene: 'stop', pass: 1 },
  'store-close-unlock': { scene: 'stop', pass: 1 },
  // Once a saved state.
  'store-rewritten-before-begin': { scene: 'load', pass: 2 },
  'store-rewritten-after-sync': { scene: 'load', pass: 2 },
  'store-rewritten-before-remove': { scene: 'load', pass: 2 },
  'mqtt-telemetry': { scene: 'device', pass: 3 },
  'mqtt-transaction': { scene: 'device', pass: 3 },
  // Devices come back one by one after pauses that grow: the last of them late.
  'mqtt-presence': { scene: 'load', pass: 15 },
  'runtime-restore-round': { scene: 'start', pass: 2 },
  'runtime-snapshot-write': { scene: 'load', pass: 1 },
  'runtime-snapshot-written': { scene: 'load', pass: 1 },
  // The index writes what it holds when the node stops.
  'api-index-write': { scene: 'stop', pass: 1 },
  'api-index-written': { scene: 'stop', pass: 1 },
  'runtime-stop': { scene: 'stop', pass: 1 },
};
const UNDER_LOAD: Row = { scene: 'load', pass: 40 };
/** A read that fails while the node serves; the row above fails in its start. */
const LATE_READ = { name: 'store-get', scene: 'read', pass: 100 } as const;
/** Starts first: they need the rounds above the snapshot that the life before them left. */
const ORDER: readonly Scene[] = ['fresh', 'start', 'read', 'load', 'device', 'stop'];

/**
 * The runs, by scene and in the order of the table. `each`: every failpoint once, by the action that tells most; `all`: every
 * action of every failpoint.
 */
export function failpointRuns(which: 'each' | 'all'): FailpointRun[] {
  const names = (Object.keys(FAILPOINTS) as FailpointName[]).filter(
    (name) => !SPLIT_ONLY.test(name) && !JOINING_ONLY.test(name) && !PRUNING_ONLY.test(name),
  );
  const runs: FailpointRun[] = names.flatMap((name, i) => {
    const actions: readonly FailAction[] = FAILPOINTS[name].actions;
    const row = ROWS[name] ?? UNDER_LOAD;
    return (which === 'all' ? actions : [telling(actions, i)]).map((action) => ({ name, action, ...row }));
  });
  runs.push({ ...LATE_READ, action: 'eio' });
  return ORDER.flatMap((scene) => runs.filter((run) => run.scene === scene));
}

/** A torn write before all; of the disk's errors one or the other by turns; a kill where nothing else is played. */
function telling(actions: readonly FailAction[], turn: number): FailAction {
  if (actions.includes('torn')) return 'torn';
  const errors = actions.filter((action) => action === 'eio' || action === 'enospc');
  return errors[turn % 2] ?? 'exit';
}

/** One run of a node split in two: a failpoint of one part kills it while the other lives. */
export interface LinkRun {
  readonly name: FailpointName;
  readonly part: 'ledger' | 'trust';
  readonly pass: number;
  /** `load`: it is passed under load. `peer-dies`: it is passed when the other part is killed. `keys`: when a trust node's keys
   * are replaced. */
  readonly scene: 'load' | 'peer-dies' | 'keys';
}

/** Passed by both parts, each of which must survive the other. */
const LINKS: readonly (readonly [name: FailpointName, pass: number, scene: LinkRun['scene']])[] = [
  ['mesh-send', 40, 'load'],
  ['mesh-frame', 40, 'load'],
  ['mesh-link-up', 2, 'load'],
  ['mesh-link-down', 1, 'peer-dies'],
  ['runtime-submitted', 20, 'load'],
  ['runtime-commit', 20, 'load'],
];
/** Of trust nodes alone: what they have signed must outlive them though the ledger goes on. */
const TRUST_ALONE: readonly FailpointName[] = [
  'runtime-block-persist',
  'runtime-block-persisted',
  'runtime-vote-persist',
  'runtime-vote-persisted',
];

/** While the keys of a trust node are replaced; the last leaves a trust node that has not noted them. */
const ROTATION: readonly LinkRun[] = [
  { name: 'mesh-update-allowed', pass: 1, scene: 'keys', part: 'ledger' },
  { name: 'mesh-rotate', pass: 1, scene: 'keys', part: 'trust' },
  { name: 'runtime-directory-save', pass: 1, scene: 'keys', part: 'trust' },
];

/** The runs of a split node. `each`: every failpoint that only it passes once, by turns in both parts; `all`: more. */
export function linkRuns(which: 'each' | 'all'): LinkRun[] {
  const both = LINKS.flatMap(([name, pass, scene]) => [
    { name, pass, scene, part: 'ledger' as const },
    { name, pass, scene, part: 'trust' as const },
  ]);
  // A trust node takes what is submitted from its ledger server as a message, not through an entrance.
  const passed = both.filter(({ name, part }) => name !== 'runtime-submitted' || part === 'ledger');
  if (which === 'each')
    return [
      ...passed.filter(({ name }, i) => SPLIT_ONLY.test(name) && (i + (i >> 1)) % 2 === 0),
      ...ROTATION,
    ];
  return [
    ...passed,
    ...TRUST_ALONE.map((name) => ({ name, pass: 5, scene: 'load' as const, part: 'trust' as const })),
    ...ROTATION,
  ];
}
