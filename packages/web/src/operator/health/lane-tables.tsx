import type { WitnessCountsInfo } from '@iotw/sdk/client/chain';
import type { LaneHealth } from '@iotw/sdk/client/health';
import { Badge, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { count, iotw, percent } from '../../data/format.ts';
import { NumberLink, To } from '../../explorer/parts/links.tsx';
import { Rows } from '../../explorer/parts/listing.tsx';

/** Lanes: whether they move, and what waits in them. */
export function LaneTable({
  lanes,
  stallRounds,
}: {
  readonly lanes: readonly LaneHealth[];
  readonly stallRounds: number;
}) {
  const { t } = useTranslation('operator');
  const live = (lane: LaneHealth, of: 'pending' | 'blocksInFlight' | 'devicesConnected') =>
    lane.live === null ? '–' : count(lane.live[of]);
  return (
    <Rows
      area="operator"
      items={lanes}
      keyOf={({ lane }) => String(lane)}
      columns={[
        { name: 'lane', cell: ({ lane }) => <NumberLink of="lane" n={lane} /> },
        { name: 'operator', cell: ({ operator }) => operator },
        { name: 'state', cell: (lane) => <Suspended of={lane} /> },
        { name: 'height', cell: ({ height }) => count(height), end: true },
        {
          name: 'quiet',
          cell: ({ quietRounds }) => t('of', { some: count(quietRounds), all: count(stallRounds) }),
          end: true,
        },
        { name: 'inFlight', cell: (lane) => live(lane, 'blocksInFlight'), end: true },
        { name: 'waiting', cell: (lane) => live(lane, 'pending'), end: true },
        { name: 'unmined', cell: ({ epochUnmined }) => count(epochUnmined), end: true },
        { name: 'resets', cell: ({ incarnation }) => count(incarnation), end: true },
        { name: 'credit', cell: ({ credit }) => iotw(credit), end: true },
      ]}
    />
  );
}

/** Trust nodes as hosts and as lanes: who passes over whom, and whose devices do not answer. */
export function HostTable({ lanes }: { readonly lanes: readonly LaneHealth[] }) {
  return (
    <Rows
      area="operator"
      items={lanes}
      keyOf={({ lane }) => String(lane)}
      columns={[
        { name: 'host', cell: ({ lane }) => <To to={`/trust-node/${lane}`}>{lane}</To> },
        { name: 'region', cell: ({ region }) => region },
        {
          name: 'devices',
          cell: ({ live }) => (live === null ? '–' : count(live.devicesConnected)),
          end: true,
        },
        { name: 'skipRate', cell: (lane) => <Rate of={lane} rate={skipRate} />, end: true },
        { name: 'missRate', cell: (lane) => <Rate of={lane} rate={missRate} />, end: true },
        { name: 'leftOut', cell: ({ witnessing }) => count(witnessing.last.leftOut), end: true },
        { name: 'selfAssigned', cell: ({ witnessing }) => count(witnessing.last.selfAssigned), end: true },
      ]}
    />
  );
}

function Suspended({ of: { suspended } }: { readonly of: LaneHealth }) {
  const { t } = useTranslation('operator');
  if (suspended.length === 0) return <Badge variant="light">{t('lane.running')}</Badge>;
  return (
    <Group gap={4} component="span" justify="flex-end">
      {suspended.map((why) => (
        <Badge key={why} variant="light" color="red" tt="none">
          {t(`lane.suspended.${why}`, { defaultValue: why })}
        </Badge>
      ))}
    </Group>
  );
}

/** The ended epoch's rate, the running one's beside it. */
function Rate({
  of: { witnessing },
  rate,
}: {
  readonly of: LaneHealth;
  readonly rate: (counts: WitnessCountsInfo) => number | undefined;
}) {
  const shown = (counts: WitnessCountsInfo) => {
    const share = rate(counts);
    return share === undefined ? '–' : percent(share);
  };
  return (
    <span>
      {shown(witnessing.last)}{' '}
      <Text component="span" fz="sm" c="dimmed">
        ({shown(witnessing.running)})
      </Text>
    </span>
  );
}

/** Of the ranks that a lane drew: passed over. Undefined: it drew none. */
function skipRate({ seats, passedOver }: WitnessCountsInfo): number | undefined {
  return seats + passedOver === 0 ? undefined : passedOver / (seats + passedOver);
}

/** Of what a host's devices were asked: not answered. Undefined: nothing was asked. */
function missRate({ answers, misses, softMisses, silences }: WitnessCountsInfo): number | undefined {
  const missed = misses + softMisses + silences;
  return answers + missed === 0 ? undefined : missed / (answers + missed);
}
