import type { EpochInfo } from '@iotw/sdk/client/epochs';
import { Paper, SimpleGrid, Text, Title } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { count, iotw } from '../data/format.ts';
import classes from './live.module.css';
import type { LivePicture } from './picture.ts';
import type { Series } from './series.ts';

const Chart = lazy(() => import('./chart.tsx'));

const UNITS_PER_IOTW = 1_000_000;

/** Small charts; one that has no figures yet says so. */
export function Charts({
  picture,
  epochs,
}: {
  readonly picture: LivePicture;
  readonly epochs: readonly EpochInfo[];
}) {
  const { t } = useTranslation('live');
  const paid = perEpoch(epochs, ({ paid }) => paid);
  const owners = perEpoch(epochs, ({ owners, committees }) => share(owners, committees));
  const regions = perEpoch(epochs, ({ regions, committees }) => share(regions, committees));
  const charts: readonly (readonly [name: string, series: Series, text: (value: number) => string])[] = [
    ['throughput', picture.throughputAt(performance.now()), count],
    ['finality', picture.finalitySeries, (ms) => t('charts.ms', { ms: count(ms) })],
    ['devices', picture.deviceSeries, count],
    [
      'rewards',
      scaled(paid, 1 / UNITS_PER_IOTW),
      (value) => `${iotw(Math.round(value * UNITS_PER_IOTW))} IOTW`,
    ],
    ['owners', owners, (value) => count(Math.round(value * 100) / 100)],
    ['regions', regions, (value) => count(Math.round(value * 100) / 100)],
  ];
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} my="lg">
      {charts.map(([name, series, text]) => (
        <Paper key={name} withBorder p="sm" component="section" data-chart={name}>
          <Title order={2} fz="sm" fw={600}>
            {t(`charts.${name}.title`)}
          </Title>
          <Text fz="lg" fw={600}>
            {series.values.length === 0 ? t('charts.none') : text(series.values.at(-1)!)}
          </Text>
          {series.values.length > 1 ? (
            <Suspense fallback={<div className={classes.chart} />}>
              <Chart series={series} name={t(`charts.${name}.title`)} />
            </Suspense>
          ) : (
            <div className={classes.chart} />
          )}
          <Text fz="xs" c="dimmed">
            {t(`charts.${name}.means`)}
          </Text>
        </Paper>
      ))}
    </SimpleGrid>
  );
}

interface Settled {
  readonly paid: number;
  readonly committees: number;
  readonly owners: number;
  readonly regions: number;
}

const share = (part: number, whole: number) => (whole > 0 ? part / whole : undefined);

/** One value per ended epoch, oldest first; epochs that say nothing of it are left out. */
function perEpoch(epochs: readonly EpochInfo[], read: (settled: Settled) => number | undefined): Series {
  const at: number[] = [];
  const values: number[] = [];
  for (const { epoch, settlement } of [...epochs].reverse()) {
    if (settlement === null || typeof settlement !== 'object') continue;
    const value = read({ ...(settlement.witnessing as object), ...settlement } as unknown as Settled);
    if (typeof value !== 'number' || !Number.isFinite(value)) continue;
    at.push(epoch);
    values.push(value);
  }
  return { at, values };
}

const scaled = ({ at, values }: Series, by: number): Series => ({ at, values: values.map((v) => v * by) });
