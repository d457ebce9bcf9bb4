import { getEpochPage } from '@iotw/sdk/client/epochs';
import { getStatus } from '@iotw/sdk/client/status';
import { getTrustNodes } from '@iotw/sdk/client/trust-nodes';
import { Anchor, Container, Group, Paper, SimpleGrid, Text, Title } from '@mantine/core';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Loading } from '../app/layout.tsx';
import { Problem } from '../app/problem.tsx';
import { connection } from '../data/connection.ts';
import { useResult } from '../data/use-result.ts';
import { Charts } from './charts.tsx';
import classes from './live.module.css';
import { NetworkPicture } from './network-picture.tsx';
import { useLive } from './use-live.ts';

const STATUS_MS = 2_000;
const EPOCHS_MS = 10_000;

/** The network as it is now. */
export function LivePage() {
  const { t, i18n } = useTranslation('live');
  const status = useResult(['status'], () => getStatus(connection), { every: STATUS_MS });
  const nodes = useResult(['trust-nodes'], () => getTrustNodes(connection), { every: EPOCHS_MS });
  const epochs = useResult(['live-epochs'], () => getEpochPage(connection, { limit: 20 }), {
    every: EPOCHS_MS,
  });
  const live = useLive(nodes.data?.length ?? 0);
  useEffect(() => {
    if (status.data !== undefined)
      live.picture.devices(status.dataUpdatedAt, Number(status.data.devicesConnected));
  }, [status.data, status.dataUpdatedAt, live.picture]);
  if (status.isPending) return <Loading />;
  if (status.data === undefined)
    return <Container>{status.error && <Problem error={status.error} onAgain={status.refetch} />}</Container>;
  const { round, epoch, transactionsPerSecond, devicesConnected, accounts, index } = status.data;
  const { lagRounds } = index as { readonly lagRounds: number };
  const figures = {
    round,
    epoch,
    rate: transactionsPerSecond,
    devices: devicesConnected,
    accounts,
    lag: lagRounds,
  };
  const running = epochs.data?.items[0];
  return (
    <Container size="lg" py="md" className={classes.live}>
      <Title order={1} mb="sm">
        {t('title')}
      </Title>
      {nodes.data !== undefined && running !== undefined && (
        <NetworkPicture
          live={live}
          trustNodes={nodes.data}
          epoch={running.epoch}
          poolRoot={running.poolRoot}
        />
      )}
      <SimpleGrid cols={{ base: 2, sm: 3, md: 6 }} my="lg">
        {Object.entries(figures).map(([name, value]) => (
          <Paper key={name} withBorder p="sm">
            <Text size="sm" c="dimmed">
              {t(`figures.${name}`)}
            </Text>
            <Text fz="xl" fw={600} data-figure={name}>
              {new Intl.NumberFormat(i18n.language).format(Number(value))}
            </Text>
          </Paper>
        ))}
      </SimpleGrid>
      <Charts picture={live.picture} epochs={epochs.data?.items ?? []} />
      <Group component="nav" aria-label={t('links')}>
        <Anchor href="/docs">{t('docs')}</Anchor>
        <Anchor href="/metrics">{t('metrics')}</Anchor>
      </Group>
    </Container>
  );
}
