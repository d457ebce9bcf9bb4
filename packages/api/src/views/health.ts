import type { ApiContext } from '../context.js';
import { findingsOf } from './health-findings.js';
import type { HealthFacts, HealthView, LaneHealth } from './health-forms.js';
import { nameText } from './nodes.js';
import { statusView } from './status.js';
import { witnessingView } from './witnessing.js';

/** How the node and the network are, for whoever runs them, with what calls for a look. */
export function healthView(context: ApiContext): HealthView {
  const { backend, activity } = context;
  const { ledger } = backend;
  const status = statusView(context);
  const { commits } = backend.status();
  const facts: HealthFacts = {
    ready: status.ready,
    round: status.round,
    roundAgeSeconds: activity.secondsSince(ledger.timeMs),
    epoch: ledger.epoch,
    epochOverdueSeconds: activity.secondsSince(status.epochEndsMs),
    uptimeSeconds: status.uptimeSeconds,
    memoryBytes: process.memoryUsage.rss(),
    verifying: status.verifying,
    pending: status.pending,
    commits: {
      count: commits.commits,
      meanMs: commits.commits === 0 ? 0 : commits.waitedMs / commits.commits,
    },
    index: { state: status.index.state, lagRounds: status.index.lagRounds },
    links: status.peers,
    engineHeight: backend.engineCommits?.height ?? null,
    servers: { serving: ledger.ledgerServers.serving().length, all: ledger.ledgerServers.rows },
    stallRounds: ledger.parameters.stallRounds,
    devices: {
      all: ledger.devices.rows,
      blacklisted: blacklisted(context),
      connected: status.devicesConnected,
    },
    lanes: laneHealths(context),
  };
  return { ...facts, findings: findingsOf(context, facts) };
}

function laneHealths(context: ApiContext): LaneHealth[] {
  const { ledger, genesis } = context.backend;
  const live = new Map(context.backend.status().trustNodes.map((node) => [node.index, node]));
  return Array.from({ length: ledger.lanes.rows }, (_, lane) => {
    const record = ledger.lanes.read(lane)!;
    const node = ledger.trustNodes.read(lane)!;
    const seen = live.get(lane);
    return {
      lane,
      operator: nameText(genesis.trustNodes[lane]?.operator),
      region: nameText(genesis.regions[node.region]),
      suspended: [...ledger.trustNodes.suspensions(lane)],
      height: record.height,
      incarnation: record.incarnation,
      quietRounds: Math.max(0, ledger.round - record.progressRound),
      epochBlocks: record.blocks,
      epochUnmined: record.unmined,
      credit: node.credit,
      bond: node.bond,
      live:
        seen === undefined
          ? null
          : {
              devicesConnected: seen.devicesConnected,
              blocksInFlight: seen.blocksInFlight,
              pending: seen.pending,
            },
      witnessing: witnessingView(context, lane),
    };
  });
}

/** One look at one column: a million devices take about a millisecond. */
function blacklisted({ backend: { ledger } }: ApiContext): number {
  const { blacklistedUntil } = ledger.devices.col;
  let count = 0;
  for (let device = 0; device < ledger.devices.rows; device++) if (blacklistedUntil[device] !== 0) count++;
  return count;
}
