import { getBlockPage } from '@iotw/sdk/client/chain';
import { getTransactionPage } from '@iotw/sdk/client/transactions';
import { Container, Group, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { SearchBox } from '../../app/search-box.tsx';
import { connection } from '../../data/connection.ts';
import { useResult } from '../../data/use-result.ts';
import { blockColumns, transactionColumns } from '../parts/columns.tsx';
import { To } from '../parts/links.tsx';
import { Rows } from '../parts/listing.tsx';
import { Answer } from '../parts/page.tsx';
import classes from './explore.module.css';

const LISTS = [
  ['transaction', '/txs'],
  ['block', '/blocks'],
  ['round', '/rounds'],
  ['lane', '/lanes'],
  ['epoch', '/epochs'],
  ['device', '/devices'],
  ['account', '/accounts'],
  ['maker', '/makers'],
  ['trust-node', '/trust-nodes'],
  ['ledger-server', '/ledger-servers'],
  ['parameters', '/parameters'],
  ['vote', '/votes'],
] as const;

const EVERY_MS = 3_000;
const NEWEST = 8;

/** Where the explorer begins: search, every list, what is new. */
export function ExplorePage() {
  const { t } = useTranslation('explorer');
  useEffect(() => {
    document.title = `${t('explore.title')} · IOTW`;
  }, [t]);
  const transactions = useResult(
    ['newest', 'transactions'],
    () => getTransactionPage(connection, { limit: NEWEST }),
    {
      every: EVERY_MS,
    },
  );
  const blocks = useResult(['newest', 'blocks'], () => getBlockPage(connection, { limit: NEWEST }), {
    every: EVERY_MS,
  });
  return (
    <Container size="lg" py="lg">
      <Title order={1}>{t('explore.title')}</Title>
      <Text c="dimmed" mb="md">
        {t('explore.about')}
      </Text>
      <div className={classes.search}>
        <SearchBox />
      </div>
      <SimpleGrid cols={{ base: 2, xs: 3, md: 4 }} spacing="sm" my="lg">
        {LISTS.map(([kind, to]) => (
          <Paper key={kind} component={Link} to={to} withBorder p="sm" className={classes.card!}>
            <Text fw={600}>{t(`list.${kind}`)}</Text>
            <Text fz="xs" c="dimmed">
              {t(`brief.${kind}`)}
            </Text>
          </Paper>
        ))}
      </SimpleGrid>
      <Stack gap="lg">
        <section>
          <Group justify="space-between" mb="xs">
            <Title order={2} size="h4">
              {t('explore.newestTransactions')}
            </Title>
            <To to="/txs">{t('list.everything')}</To>
          </Group>
          <Answer of={transactions}>
            {({ items }) => (
              <Rows
                items={items}
                columns={transactionColumns}
                keyOf={({ round, position }) => `${round}:${position}`}
              />
            )}
          </Answer>
        </section>
        <section>
          <Group justify="space-between" mb="xs">
            <Title order={2} size="h4">
              {t('explore.newestBlocks')}
            </Title>
            <To to="/blocks">{t('list.everything')}</To>
          </Group>
          <Answer of={blocks}>
            {({ items }) => <Rows items={items} columns={blockColumns} keyOf={({ hash }) => hash} />}
          </Answer>
        </section>
      </Stack>
    </Container>
  );
}
