import { getLane, getLanes, getLedgerServers, type WitnessCountsInfo } from '@iotw/sdk/client/chain';
import { getDevicePage } from '@iotw/sdk/client/devices';
import { getTrustNode, getTrustNodes } from '@iotw/sdk/client/trust-nodes';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { count, iotw, percent } from '../../data/format.ts';
import { useResult } from '../../data/use-result.ts';
import { deviceColumns } from '../parts/columns.tsx';
import { Facts, Hex } from '../parts/facts.tsx';
import { AccountLink, BlockLink, NumberLink, To } from '../parts/links.tsx';
import { Listing, Rows } from '../parts/listing.tsx';
import { Answer, Page, Section, State } from '../parts/page.tsx';

/** Trust nodes, their lanes, and ledger servers. */

/** Share of the ranks that a lane asked and passed over, and of the assignments that a host did not answer. */
const skipRate = ({ passedOver, seats }: WitnessCountsInfo) =>
  seats + passedOver === 0 ? 0 : passedOver / (seats + passedOver);
const missRate = ({ answers, misses, softMisses, silences }: WitnessCountsInfo) => {
  const missed = misses + softMisses + silences;
  return answers + missed === 0 ? 0 : missed / (answers + missed);
};

export function TrustNodesPage() {
  const { t } = useTranslation('explorer');
  const nodes = useResult(['trust-nodes'], () => getTrustNodes(connection), { every: 10_000 });
  return (
    <Page kind="trust-node" about={t('about.trustNode')} data={nodes.data}>
      <Answer of={nodes}>
        {(items) => (
          <Rows
            items={items}
            keyOf={({ index }) => String(index)}
            columns={[
              { name: 'trustNode', cell: ({ index }) => <NumberLink of="trustNode" n={index} /> },
              { name: 'operator', cell: ({ operator }) => operator },
              { name: 'region', cell: ({ region }) => region },
              { name: 'cloud', cell: ({ cloud }) => cloud },
              { name: 'state', cell: ({ suspended }) => <State of={suspended ? 'suspended' : 'active'} /> },
              { name: 'skipRate', cell: ({ witnessing }) => percent(skipRate(witnessing.last)), end: true },
              { name: 'missRate', cell: ({ witnessing }) => percent(missRate(witnessing.last)), end: true },
              { name: 'earned', cell: ({ earned }) => iotw(earned), end: true },
            ]}
          />
        )}
      </Answer>
    </Page>
  );
}

export function TrustNodePage() {
  const { t } = useTranslation('explorer');
  const { n } = useParams({ strict: false }) as { n: string };
  const node = useResult(['trust-node', n], () => getTrustNode(connection, Number(n)), { every: 10_000 });
  return (
    <Answer of={node}>
      {(found) => (
        <Page
          kind="trust-node"
          name={found.operator || `#${found.index}`}
          badge={<State of={found.suspended ? 'suspended' : 'active'} />}
          data={found}
          about={t('about.trustNode')}
        >
          <Facts
            facts={[
              ['number', count(found.index)],
              ['lane', <NumberLink key="lane" of="lane" n={found.index} />],
              ['region', found.region],
              ['cloud', found.cloud],
              ['devicesConnected', found.live === null ? undefined : count(found.live.devicesConnected)],
              ['earned', `${iotw(found.earned)} IOTW`],
              ['credit', `${iotw(found.credit)} IOTW`],
              ['bond', `${iotw(found.bond)} IOTW`],
              ['votes', count(found.epochVotes)],
              [
                'account',
                found.account === null ? undefined : (
                  <AccountLink key="account" address={found.account} whole />
                ),
              ],
              ['address', found.address ?? undefined],
              ['key', <Hex key="key">{found.key}</Hex>],
            ]}
          />
          <Witnessing counts={found.witnessing} />
          <Section title={t('section.hosted')}>
            <Listing
              name={`trust-node-${found.index}-devices`}
              queryKey={[found.index]}
              load={(cursor, signal) =>
                getDevicePage(
                  connection,
                  { host: found.index },
                  { limit: 20, signal, ...(cursor === undefined ? {} : { cursor }) },
                )
              }
              columns={deviceColumns}
              keyOf={({ key }) => key}
            />
          </Section>
        </Page>
      )}
    </Answer>
  );
}

const COUNTED = [
  ...(['committees', 'seats', 'passedOver', 'passedOverSoftly', 'unheard', 'failedAttempts'] as const),
  ...(['leftOut', 'answers', 'misses', 'softMisses', 'silences', 'answersLeftOut', 'selfAssigned'] as const),
];

/** Skip rates: what a trust node did as a lane with other hosts' devices, and as a host with its own. */
function Witnessing({
  counts: { running, last },
}: {
  readonly counts: { readonly running: WitnessCountsInfo; readonly last: WitnessCountsInfo };
}) {
  const { t } = useTranslation('explorer');
  const rows = [
    { name: 'skipRate', running: percent(skipRate(running)), last: percent(skipRate(last)) },
    { name: 'missRate', running: percent(missRate(running)), last: percent(missRate(last)) },
    ...COUNTED.map((name) => ({ name, running: count(running[name]), last: count(last[name]) })),
  ];
  return (
    <Section title={t('section.witnessing')}>
      <Rows
        items={rows}
        keyOf={({ name }) => name}
        columns={[
          { name: 'what', cell: ({ name }) => t(`fact.${name}`) },
          { name: 'thisEpoch', cell: (row) => row.running, end: true },
          { name: 'lastEpoch', cell: (row) => row.last, end: true },
        ]}
      />
    </Section>
  );
}

export function LanesPage() {
  const { t } = useTranslation('explorer');
  const lanes = useResult(['lanes'], () => getLanes(connection), { every: 10_000 });
  return (
    <Page kind="lane" about={t('about.lane')} data={lanes.data}>
      <Answer of={lanes}>
        {(items) => (
          <Rows
            items={items}
            keyOf={({ lane }) => String(lane)}
            columns={[
              { name: 'lane', cell: ({ lane }) => <NumberLink of="lane" n={lane} /> },
              { name: 'state', cell: ({ suspended }) => <State of={suspended ? 'suspended' : 'active'} /> },
              { name: 'height', cell: ({ height }) => count(height), end: true },
              { name: 'epochBlocks', cell: ({ epochBlocks }) => count(epochBlocks), end: true },
              { name: 'skipRate', cell: ({ witnessing }) => percent(skipRate(witnessing.last)), end: true },
              { name: 'credit', cell: ({ credit }) => iotw(credit), end: true },
            ]}
          />
        )}
      </Answer>
    </Page>
  );
}

export function LanePage() {
  const { t } = useTranslation('explorer');
  const { n } = useParams({ strict: false }) as { n: string };
  const lane = useResult(['lane', n], () => getLane(connection, Number(n)), { every: 10_000 });
  return (
    <Answer of={lane}>
      {(found) => (
        <Page
          kind="lane"
          name={String(found.lane)}
          badge={<State of={found.suspended ? 'suspended' : 'active'} />}
          data={found}
          about={t('about.lane')}
        >
          <Facts
            facts={[
              ['trustNode', <NumberLink key="node" of="trustNode" n={found.lane} />],
              ['height', count(found.height)],
              [
                'lastBlock',
                found.height > 0 ? (
                  <BlockLink key="last" lane={found.lane} height={found.height} />
                ) : undefined,
              ],
              ['incarnation', count(found.incarnation)],
              [
                'progressRound',
                found.progressRound > 0 ? (
                  <NumberLink key="round" of="round" n={found.progressRound} />
                ) : undefined,
              ],
              ['epochBlocks', count(found.epochBlocks)],
              ['epochUnmined', count(found.epochUnmined)],
              ['credit', `${iotw(found.credit)} IOTW`],
              ['bond', `${iotw(found.bond)} IOTW`],
              ['hash', <Hex key="hash">{found.hash}</Hex>],
            ]}
          />
          <Witnessing counts={found.witnessing} />
        </Page>
      )}
    </Answer>
  );
}

export function LedgerServersPage() {
  const { t } = useTranslation('explorer');
  const servers = useResult(['ledger-servers'], () => getLedgerServers(connection), { every: 10_000 });
  return (
    <Page kind="ledger-server" about={t('about.ledgerServer')} data={servers.data}>
      <Answer of={servers}>
        {(items) => (
          <Rows
            items={items}
            keyOf={({ index }) => String(index)}
            columns={[
              { name: 'number', cell: ({ index }) => count(index), end: true },
              { name: 'operator', cell: ({ operator }) => operator },
              { name: 'region', cell: ({ region }) => region },
              { name: 'cloud', cell: ({ cloud }) => cloud },
              { name: 'state', cell: ({ suspended }) => <State of={suspended ?? 'active'} /> },
              { name: 'misbehaviours', cell: ({ misbehaviours }) => count(misbehaviours.length), end: true },
              { name: 'key', cell: ({ key }) => <Hex>{key}</Hex> },
            ]}
          />
        )}
      </Answer>
      <To to="/trust-nodes">{t('list.trust-node')}</To>
    </Page>
  );
}
