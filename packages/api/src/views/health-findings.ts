import type { WitnessCounts } from '@iotw/ledger/tables/witnessing';
import type { ApiContext } from '../context.js';
import type { FindingName, HealthFacts, HealthView } from './health-forms.js';

type Finding = HealthView['findings'][number];

const EPOCH_OVERDUE_SECONDS = 60;
const QUIET_SECONDS = 60;
const INDEX_LAG_ROUNDS = 100;
const COMMIT_MS = 100;
/** A host whose devices leave more than this share unanswered, of so many at least. */
const SILENT_SHARE = 0.2;
const SILENT_ASKED = 20;
/** Floor fees that a lane's credit should cover. */
const CREDIT_FEES = 1_000;

/** Findings of one look, the urgent ones first. */
export function findingsOf(context: ApiContext, facts: HealthFacts): Finding[] {
  const { ledger } = context.backend;
  const found: Finding[] = [];
  const page = (what: FindingName, value: number, of: number | null = null) =>
    found.push({ what, severity: 'page', of, value });
  const ticket = (what: FindingName, value: number, of: number | null = null) =>
    found.push({ what, severity: 'ticket', of, value });

  if (!facts.ready) page('not-ready', 0);
  if (facts.epochOverdueSeconds > EPOCH_OVERDUE_SECONDS) page('epoch-overdue', facts.epochOverdueSeconds);
  if (facts.pending > 0 && facts.roundAgeSeconds > QUIET_SECONDS) page('nothing-applied', facts.pending);
  const { pending } = ledger.upgrades;
  if (pending !== undefined && !ledger.knownVersions.includes(pending.version))
    page('upgrade-needed', pending.version);
  for (const { lane, live, quietRounds } of facts.lanes) {
    // Half-way to where ledger servers may reset it: an idle lane has nothing in flight.
    if ((live?.blocksInFlight ?? 0) > 0 && 2 * quietRounds > facts.stallRounds)
      page('lane-stalled', quietRounds, lane);
  }

  if (facts.index.state === 'failed') ticket('index-failed', 0);
  else if (facts.index.lagRounds > INDEX_LAG_ROUNDS) ticket('index-behind', facts.index.lagRounds);
  const down = facts.links.filter(({ up }) => !up).length;
  if (down > 0) ticket('link-down', down);
  if (facts.commits.meanMs > COMMIT_MS) ticket('commits-slow', facts.commits.meanMs);
  for (const { lane, suspended, credit, witnessing } of facts.lanes) {
    if (suspended.length > 0) ticket('lane-suspended', suspended.length, lane);
    else if (credit < CREDIT_FEES * ledger.parameters.feeFloor) ticket('lane-credit-low', credit, lane);
    const { share, asked } = missShare(witnessing.last);
    if (asked >= SILENT_ASKED && share > SILENT_SHARE) ticket('host-silent', share, lane);
  }
  for (let server = 0; server < ledger.ledgerServers.rows; server++) {
    const why = ledger.ledgerServers.read(server)!.suspended;
    if (why === 'vote' || why === 'act') ticket('server-suspended', 1, server);
  }
  return found;
}

/** Assignments that a host's devices did not answer, of those that were asked. */
function missShare({ answers, misses, softMisses, silences }: WitnessCounts): {
  readonly share: number;
  readonly asked: number;
} {
  const missed = misses + softMisses + silences;
  const asked = answers + missed;
  return { share: asked === 0 ? 0 : missed / asked, asked };
}
