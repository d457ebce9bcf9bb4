import { getHealth, type HealthInfo } from '@iotw/sdk/client/health';
import { Badge, Button, Group, Paper, SimpleGrid, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { count } from '../../data/format.ts';
import { useResult } from '../../data/use-result.ts';
import { download } from '../../explorer/parts/export.ts';
import { Answer, Section } from '../../explorer/parts/page.tsx';
import { Heading } from '../parts/heading.tsx';
import { OpenVotes } from '../proposals/open-votes.tsx';
import { Findings } from './findings.tsx';
import { HostTable, LaneTable } from './lane-tables.tsx';

const LOOK_MS = 5_000;

/** How the node behind this page and its network are. Open to all: nothing in it is secret. */
export function HealthPage() {
  const { t } = useTranslation('operator');
  const health = useResult(['health'], () => getHealth(connection), { every: LOOK_MS });
  return (
    <>
      <Group justify="space-between" align="flex-start">
        <Heading title={t('places.health')} about={t('health.about')} />
        <Badge variant="default">{t('open')}</Badge>
      </Group>
      <OpenVotes />
      <Answer of={health}>
        {(found) => (
          <>
            <Findings of={found} />
            <Figures of={found} />
            <Section title={t('health.lanes')}>
              <LaneTable lanes={found.lanes} stallRounds={found.stallRounds} />
              <Text fz="sm" c="dimmed" mt="xs">
                {t('health.elsewhere')}
              </Text>
            </Section>
            <Section title={t('health.hosts')}>
              <HostTable lanes={found.lanes} />
              <Text fz="sm" c="dimmed" mt="xs">
                {t('health.rates')}
              </Text>
            </Section>
            <Group>
              <Button
                size="xs"
                variant="default"
                onClick={() =>
                  download('health.json', 'application/json', `${JSON.stringify(found, null, 2)}\n`)
                }
              >
                {t('export.json')}
              </Button>
            </Group>
          </>
        )}
      </Answer>
    </>
  );
}

/** The node's own figures: time, queues, lag, links, disk, memory. */
function Figures({ of: health }: { readonly of: HealthInfo }) {
  const { t } = useTranslation('operator');
  const { commits, index, links, servers, devices } = health;
  const up = links.filter((link) => link.up).length;
  const figures: readonly (readonly [name: string, value: string])[] = [
    ['node', t(health.ready ? 'health.ready' : 'health.notReady')],
    ['round', t('health.ago', { number: count(health.round), seconds: seconds(health.roundAgeSeconds) })],
    ['epoch', count(health.epoch)],
    ['verifying', count(health.verifying)],
    ['pending', count(health.pending)],
    ['index', t('health.lag', { count: index.lagRounds, state: t(`health.indexState.${index.state}`) })],
    ['commits', t('health.ms', { value: count(Math.round(10 * commits.meanMs) / 10) })],
    ['links', links.length === 0 ? t('health.oneProcess') : t('of', { some: up, all: links.length })],
    ['servers', t('of', { some: servers.serving, all: servers.all })],
    ['connected', t('of', { some: count(devices.connected), all: count(devices.all) })],
    ['blacklisted', count(devices.blacklisted)],
    ['memory', t('health.megabytes', { value: count(Math.round(health.memoryBytes / 1_000_000)) })],
  ];
  return (
    <SimpleGrid cols={{ base: 2, xs: 3, md: 4 }} spacing="sm">
      {figures.map(([name, value]) => (
        <Paper key={name} withBorder p="sm" data-figure={name}>
          <Text fz="sm" c="dimmed">
            {t(`health.figure.${name}`)}
          </Text>
          <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
            {value}
          </Text>
        </Paper>
      ))}
    </SimpleGrid>
  );
}

function seconds(value: number): string {
  return count(value < 10 ? Math.round(10 * value) / 10 : Math.round(value));
}
