import { type DeviceInfo, type Earning, earnedPerDay, getEarningPage } from '@iotw/sdk/client/devices';
import type { Page } from '@iotw/sdk/client/pages';
import { Button, Group, Table, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Problem } from '../../app/problem.tsx';
import { connection } from '../../data/connection.ts';
import { count, iotw } from '../../data/format.ts';
import { FailureError } from '../../data/use-result.ts';
import { download, toCsv } from '../../explorer/parts/export.ts';
import { Section } from './section.tsx';

const PAGE = 500;
const LOOK_MS = 20_000;

/** What a device earned, day by day, as far back as was asked for. */
export function Earnings({ device }: { readonly device: DeviceInfo }) {
  const { t } = useTranslation('wallet');
  const pages = useInfiniteQuery<Page<Earning>, FailureError>({
    queryKey: ['earnings', device.key],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const cursor = pageParam === undefined ? {} : { cursor: pageParam as string };
      const page = await getEarningPage(connection, device.key, { limit: PAGE, signal, ...cursor });
      if (!page.ok) throw new FailureError(page.error);
      return page.value;
    },
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: LOOK_MS,
  });
  const days = earnedPerDay((pages.data?.pages ?? []).flatMap(({ items }) => items));
  const dayText = (dayMs: number | null) =>
    dayMs === null ? t('earnings.unknown') : new Date(dayMs).toISOString().slice(0, 10);
  const save = () => {
    const rows = days.map(({ dayMs, minerAmount, witnessAmount, epochs }) => ({
      ...{ day: dayText(dayMs), miner: iotw(minerAmount), witness: iotw(witnessAmount), epochs },
    }));
    download(`earnings-${device.device}.csv`, 'text/csv', toCsv(rows));
  };
  return (
    <Section title={t('earnings.title')}>
      {pages.error && <Problem error={pages.error} onAgain={() => void pages.refetch()} />}
      {pages.data !== undefined && days.length === 0 && <Text size="sm">{t('earnings.none')}</Text>}
      {days.length > 0 && (
        <>
          <Table.ScrollContainer minWidth={260} type="native">
            <Table verticalSpacing="xs">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th scope="col">{t('earnings.day')}</Table.Th>
                  <Table.Th scope="col">{t('earnings.amount')}</Table.Th>
                  <Table.Th scope="col" visibleFrom="sm">
                    {t('earnings.miner')}
                  </Table.Th>
                  <Table.Th scope="col" visibleFrom="sm">
                    {t('earnings.witness')}
                  </Table.Th>
                  <Table.Th scope="col">{t('earnings.epochs')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {days.map((day) => (
                  <Table.Tr key={day.dayMs} data-day={dayText(day.dayMs)}>
                    <Table.Td>{dayText(day.dayMs)}</Table.Td>
                    <Table.Td data-earned={day.minerAmount + day.witnessAmount}>
                      {iotw(day.minerAmount + day.witnessAmount)}
                    </Table.Td>
                    <Table.Td visibleFrom="sm">{iotw(day.minerAmount)}</Table.Td>
                    <Table.Td visibleFrom="sm">{iotw(day.witnessAmount)}</Table.Td>
                    <Table.Td>{count(day.epochs)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
          <Text size="sm" c="dimmed">
            {t('earnings.from')}
          </Text>
        </>
      )}
      <Group>
        {pages.hasNextPage && (
          <Button
            variant="default"
            size="xs"
            loading={pages.isFetchingNextPage}
            onClick={() => void pages.fetchNextPage()}
          >
            {t('earnings.older')}
          </Button>
        )}
        {days.length > 0 && (
          <Button variant="subtle" size="xs" onClick={save}>
            {t('earnings.csv')}
          </Button>
        )}
      </Group>
    </Section>
  );
}
