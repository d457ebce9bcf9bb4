import { type ElectionInfo, getElection } from '@iotw/sdk/client/elections';
import { getNetwork } from '@iotw/sdk/client/network';
import { getTrustNodes } from '@iotw/sdk/client/trust-nodes';
import { Badge, Paper, Text } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { count } from '../../data/format.ts';
import { useResult } from '../../data/use-result.ts';
import type { ShownElection } from '../verify/report.ts';
import { AccountLink, NumberLink, To } from './links.tsx';
import { Rows } from './listing.tsx';

const CommitteeMap = lazy(() =>
  import('../../map/committee-map.tsx').then(({ CommitteeMap }) => ({ default: CommitteeMap })),
);

/** The election of a block, kept as long as its page; its failure leaves the page without a committee. */
export function useElection(lane: number | undefined, height: number | undefined) {
  return useResult(['election', lane, height], () => getElection(connection, lane!, height!), {
    enabled: lane !== undefined && height !== undefined,
  });
}

/** Who is shown: ranks that nobody asked are not. */
const heardRanks = ({ ranks }: ElectionInfo) => ranks.filter(({ answer }) => answer !== 'not-asked');

/** What is shown of an election, for its verification; undefined where there is none. */
export function shownElection(election: ElectionInfo | undefined): ShownElection | undefined {
  if (election === undefined) return undefined;
  const { eligible, diversity } = election;
  return { eligible, diversity, ranks: heardRanks(election) };
}

/** Who was elected for a block, who answered, and where they are. */
export function Committee({ election }: { readonly election: ElectionInfo }) {
  const { t } = useTranslation('explorer');
  const network = useResult(['network'], () => getNetwork(connection));
  const nodes = useResult(['trust-nodes'], () => getTrustNodes(connection));
  const regions = network.data?.regions ?? [];
  const paid = election.ranks.filter(({ answer }) => answer === 'miner' || answer === 'witness');
  const node = nodes.data?.find(({ index }) => index === election.lane);
  const { diversity } = election;
  const heard = heardRanks(election);
  return (
    <>
      <Paper withBorder p="xs" mb="sm">
        <Suspense fallback={<Text c="dimmed">…</Text>}>
          <CommitteeMap
            regions={regions}
            members={paid.map(({ device, region, answer }) => ({ device, region, role: answer }))}
            lane={node === undefined ? undefined : regions.indexOf(node.region)}
          />
        </Suspense>
        <Text fz="sm" c="dimmed" px="xs">
          {t('committee.diversity', { ...diversity, eligible: count(election.eligible) })}
        </Text>
      </Paper>
      <Rows
        items={heard}
        keyOf={({ rank }) => String(rank)}
        columns={[
          { name: 'rank', cell: ({ rank }) => rank, end: true },
          {
            name: 'answer',
            cell: ({ answer }) => (
              <Badge variant="light" color={ANSWER_COLOUR[answer] ?? 'gray'} data-answer={answer}>
                {t(`answer.${answer}`, { defaultValue: answer })}
              </Badge>
            ),
          },
          { name: 'device', cell: ({ device }) => <To to={`/device/${device}`}>#{device}</To> },
          { name: 'region', cell: ({ region }) => regions[region] ?? region },
          { name: 'maker', cell: ({ maker }) => <NumberLink of="maker" n={maker} /> },
          { name: 'host', cell: ({ host }) => <NumberLink of="trustNode" n={host} /> },
          { name: 'owner', cell: ({ owner }) => <AccountLink address={String(owner)} /> },
        ]}
      />
    </>
  );
}

const ANSWER_COLOUR: Readonly<Record<string, string>> = {
  miner: 'blue',
  witness: 'tide',
  incoherent: 'red',
  missed: 'red',
  late: 'yellow',
};
