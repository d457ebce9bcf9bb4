import { blockDraw } from '@iotw/assignment/block-draw';
import { answersByRank } from '@iotw/assignment/election-answers';
import type { Certificate } from '@iotw/protocol/certificate';
import type { BlockHeader } from '@iotw/protocol/header';
import type { EpochSnapshot } from '@iotw/protocol/pool';
import type { CheckList } from '@iotw/sdk/verify/checks';
import type { ShownElection, ShownRank } from './report.ts';
import { differenceOf } from './shown.ts';

/** A block whose certificate and pool were found good: its committee can be drawn again. */
export interface ProvenElection {
  readonly network: Uint8Array;
  readonly snapshot: EpochSnapshot;
  readonly header: Pick<BlockHeader, 'lane' | 'height'>;
  readonly certificate: Certificate;
}

/** An election of the API holds as many ranks, the lowest. */
const SHOWN_RANKS = 256;
/** What only the ledger can tell of a rank that the certificate does not name; it moves nobody's money. */
const UNTOLD: ReadonlySet<string> = new Set(['removed', 'no-seat']);

/** `shown-committee`: everybody whom the page shows as elected, with host, maker, region, owner and answer, is who was drawn. */
export function checkElection(
  list: CheckList,
  shown: ShownElection | undefined,
  proven: ProvenElection | undefined,
): void {
  const name = 'shown-committee';
  if (shown === undefined) {
    list.unchecked(name, 'The page shows no committee: the server did not say who was elected.');
    return;
  }
  if (proven === undefined) {
    list.unchecked(
      name,
      'The committee could not be drawn again, so what the page shows of it is the server’s word.',
    );
    return;
  }
  const difference = electionDifference(shown, proven);
  list.test(
    name,
    difference === undefined,
    'The committee on the page is the one that was drawn.',
    `The page shows another committee than was drawn: ${difference}.`,
  );
}

function electionDifference(
  shown: ShownElection,
  { network, snapshot, header, certificate }: ProvenElection,
): string | undefined {
  const draw = blockDraw(snapshot, network, header);
  const answers = answersByRank(certificate, snapshot.parameters);
  const paid: ShownRank[] = [];
  const proven: ShownRank[] = [];
  const told = new Map(shown.ranks.map((row) => [row.rank, row.answer]));
  const untold = [...told].flatMap(([rank, answer]) =>
    UNTOLD.has(answer) && !answers.has(rank) ? [[rank, answer] as const] : [],
  );
  for (const [rank, answer] of [...answers, ...untold].sort(([a], [b]) => a - b)) {
    const drawn = draw.at(rank);
    if (drawn === undefined || rank >= SHOWN_RANKS) continue;
    const { device, host, maker, region, owner } = drawn;
    const row = { rank, device, host, maker, region, owner, answer };
    proven.push(row);
    if (answer === 'miner' || answer === 'witness') paid.push(row);
  }
  const distinct = (of: (row: ShownRank) => number) => new Set(paid.map(of)).size;
  const diversity = {
    seats: paid.length,
    owners: distinct(({ owner }) => owner),
    makers: distinct(({ maker }) => maker),
    regions: distinct(({ region }) => region),
    hosts: distinct(({ host }) => host),
  };
  const { seats, owners, makers, regions, hosts } = shown.diversity;
  const rows = shown.ranks.map(({ rank, device, host, maker, region, owner, answer }) => ({
    ...{ rank, device, host, maker, region, owner, answer },
  }));
  return differenceOf(
    { ranks: proven, diversity, eligible: draw.eligible },
    { ranks: rows, diversity: { seats, owners, makers, regions, hosts }, eligible: shown.eligible },
    '',
  );
}
