import type { Result } from '@iotw/kernel/result';
import { getBlockPage } from '@iotw/sdk/client/chain';
import type { Page } from '@iotw/sdk/client/pages';
import { getTransactionPage } from '@iotw/sdk/client/transactions';
import { Container, Group, Stack, Text, Title } from '@mantine/core';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { AppLink } from '../../app/link.tsx';
import { SearchBox } from '../../app/search-box.tsx';
import { connection } from '../../data/connection.ts';
import { askAhead, useResult } from '../../data/use-result.ts';
import { blockColumns, transactionColumns } from '../parts/columns.tsx';
import { To } from '../parts/links.tsx';
import { type Column, Rows } from '../parts/listing.tsx';
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
/** Answers that come within this time are in the page's first picture, ms. */
const AHEAD_MS = 300;

const newest = {
  transactions: () => getTransactionPage(connection, { limit: NEWEST }),
  blocks: () => getBlockPage(connection, { limit: NEWEST }),
};

/** Asks for what the page begins with, before it is drawn. */
export async function askForNewest(): Promise<void> {
  await Promise.all([
    askAhead(['newest', 'transactions'], newest.transactions, AHEAD_MS),
    askAhead(['newest', 'blocks'], newest.blocks, AHEAD_MS),
  ]);
}

/** Where the explorer begins: search, every list, what is new. */
export function ExplorePage() {
  const { t } = useTranslation('explorer');
  useEffect(() => {
    document.title = `${t('explore.title')} · IOTW`;
  }, [t]);
  return (
    <Container size="lg" py="lg">
      <Title order={1}>{t('explore.title')}</Title>
      <Text c="dimmed" mb="md">
        {t('explore.about')}
      </Text>
      <div className={classes.search}>
        <SearchBox />
      </div>
      <div className={classes.lists}>
        {LISTS.map(([kind, to]) => (
          <AppLink key={kind} to={to} className={classes.card}>
            <strong>{t(`list.${kind}`)}</strong>
            <span>{t(`brief.${kind}`)}</span>
          </AppLink>
        ))}
      </div>
      <Stack gap="lg">
        <Newest
          kind="transactions"
          to="/txs"
          load={newest.transactions}
          columns={transactionColumns}
          keyOf={({ round, position }) => `${round}:${position}`}
        />
        <Newest
          kind="blocks"
          to="/blocks"
          load={newest.blocks}
          columns={blockColumns}
          keyOf={({ hash }) => hash}
        />
      </Stack>
    </Container>
  );
}

interface NewestProps<T> {
  readonly kind: 'transactions' | 'blocks';
  /** The list of all. */
  readonly to: string;
  readonly load: () => Promise<Result<Page<T>>>;
  readonly columns: readonly Column<T>[];
  readonly keyOf: (item: T) => string;
}

/** The newest of a list, as they come. */
function Newest<T>({ kind, to, load, columns, keyOf }: NewestProps<T>) {
  const { t } = useTranslation('explorer');
  const shown = useResult(['newest', kind], load, { every: EVERY_MS });
  return (
    <section>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4">
          {t(`explore.newest.${kind}`)}
        </Title>
        <To to={to}>{t('list.everything')}</To>
      </Group>
      <Answer of={shown}>{({ items }) => <Rows items={items} columns={columns} keyOf={keyOf} />}</Answer>
    </section>
  );
}
