import { getLedgerServers } from '@iotw/sdk/client/chain';
import { getNetwork } from '@iotw/sdk/client/network';
import type { TrustNodeInfo } from '@iotw/sdk/client/trust-nodes';
import { Button, Group, List, Paper, Text, Title } from '@mantine/core';
import { useReducedMotion } from '@mantine/hooks';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { connection } from '../data/connection.ts';
import { count } from '../data/format.ts';
import { useResult } from '../data/use-result.ts';
import classes from './live.module.css';
import { MOST_DEVICES, sceneOf } from './scene.ts';
import type { Live } from './use-live.ts';
import { usePoolDevices } from './use-pool-devices.ts';

const NetworkCanvas = lazy(() => import('./network-canvas.tsx'));

/** The layers as a picture, what its signs mean, and the same in words. */
export function NetworkPicture({
  live,
  trustNodes,
  epoch,
  poolRoot,
}: {
  readonly live: Live;
  readonly trustNodes: readonly TrustNodeInfo[];
  readonly epoch: number;
  readonly poolRoot: string;
}) {
  const { t } = useTranslation('live');
  const network = useResult(['network'], () => getNetwork(connection));
  const ledgerServers = useResult(['ledger-servers'], () => getLedgerServers(connection));
  const devices = usePoolDevices(epoch, poolRoot);
  const reduced = useReducedMotion();
  const [paused, setPaused] = useState(false);
  const placed = JSON.stringify(trustNodes.map(({ index, region }) => ({ index, region })));
  const scene = useMemo(
    () =>
      network.data &&
      sceneOf({
        regions: network.data.regions,
        trustNodes: JSON.parse(placed) as { index: number; region: string }[],
        ledgerServers: ledgerServers.data ?? [],
        devices,
      }),
    [network.data, placed, ledgerServers.data, devices],
  );
  if (scene === undefined) return null;
  const { lit } = live.picture;
  const regionOf = (region: number) => scene.regions[region]?.name ?? String(region);
  return (
    <Paper withBorder p="sm" component="section" aria-label={t('picture')}>
      <div className={classes.holder}>
        <Suspense fallback={null}>
          <NetworkCanvas
            picture={live.picture}
            onNews={live.onNews}
            scene={scene}
            still={paused || reduced}
            label={t('pictureOf', { trustNodes: trustNodes.length, devices: count(devices.length) })}
          />
        </Suspense>
      </div>
      <Group justify="space-between" align="start" mt="xs">
        <ul className={classes.legend}>
          {(['trust', 'device', 'flow', 'miner', 'witness'] as const).map((of) => (
            <li key={of}>
              <span className={classes.mark} data-of={of} />
              {t(`legend.${of}`)}
            </li>
          ))}
        </ul>
        {!reduced && (
          <Button variant="default" size="compact-sm" onClick={() => setPaused(!paused)}>
            {t(paused ? 'go' : 'pause')}
          </Button>
        )}
      </Group>
      <Text fz="sm" c="dimmed" mt="xs">
        {t('how')} {devices.length === 0 && t('noPool')}
        {devices.length >= MOST_DEVICES && t('most', { count: MOST_DEVICES })}
      </Text>
      <details className={classes.words}>
        <summary>{t('words')}</summary>
        <Title order={2} fz="sm" mt="xs">
          {t('trustNodes')}
        </Title>
        <List size="sm">
          {trustNodes.map(({ index, region, live: seen }) => (
            <List.Item key={index}>
              {t('trustNode', { index, region, height: live.picture.height(index) ?? '–' })}
              {seen !== null && ` ${t('logged', { devices: count(seen.devicesConnected) })}`}
            </List.Item>
          ))}
        </List>
        {lit !== undefined && (
          <Text fz="sm" mt="xs" data-committee={`${lit.lane}/${lit.height}`}>
            {t('committee', {
              lane: lit.lane,
              height: lit.height,
              members: lit.members
                .map(({ device, region, role }) => t(`member.${role}`, { device, region: regionOf(region) }))
                .join(t('between')),
            })}
          </Text>
        )}
      </details>
    </Paper>
  );
}
