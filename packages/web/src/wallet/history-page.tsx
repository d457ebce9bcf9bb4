import { fromHex } from '@iotw/kernel/bytes';
import { ok, type Result } from '@iotw/kernel/result';
import { getPage, type Page } from '@iotw/sdk/client/pages';
import type { TransactionInfo } from '@iotw/sdk/client/transactions';
import { formatAmount } from '@iotw/sdk/transaction/amount';
import { Anchor, Badge, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { type InfiniteData, useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Loading } from '../app/layout.tsx';
import { Problem } from '../app/problem.tsx';
import { connection } from '../data/connection.ts';
import { FailureError } from '../data/use-result.ts';
import { type HistoryEntry, historyEntry } from './history-entry.ts';
import { useAccountInfo, useAddress, useCurrentAccount } from './use-account.ts';

const PAGE = 25;

/** Everything that the ledger holds of the account, newest first, each with the link to its proof. */
export function HistoryPage() {
  const { t } = useTranslation('wallet');
  const account = useCurrentAccount();
  const address = useAddress(account?.key);
  const info = useAccountInfo(address);
  const pages = useInfiniteQuery<
    Page<TransactionInfo>,
    Error,
    InfiniteData<Page<TransactionInfo>>,
    readonly string[],
    string | undefined
  >({
    queryKey: ['history', address],
    enabled: address !== '' && info.data !== undefined && info.data !== null,
    initialPageParam: undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: 5_000,
    queryFn: async ({ pageParam, signal }) => {
      const path = `/v1/accounts/${address}/transactions`;
      const options = { limit: PAGE, signal, ...(pageParam === undefined ? {} : { cursor: pageParam }) };
      const page = await getPage<TransactionInfo>(connection, path, options, readTransaction);
      if (!page.ok) throw new FailureError(page.error);
      return page.value;
    },
  });
  const entries = (pages.data?.pages ?? []).flatMap((page) =>
    page.items.map((item) => historyEntry(item, address, info.data?.number)),
  );
  return (
    <Stack>
      <Title order={1} size="h2">
        {t('history.title')}
      </Title>
      {pages.isLoading && <Loading />}
      {pages.error && <Problem error={pages.error} onAgain={() => void pages.refetch()} />}
      {(info.data === null || (pages.data !== undefined && entries.length === 0)) && (
        <Text c="dimmed">{t('history.none')}</Text>
      )}
      {entries.map((entry) => (
        <EntryRow key={entry.id} entry={entry} />
      ))}
      {pages.hasNextPage && (
        <Button
          variant="default"
          loading={pages.isFetchingNextPage}
          onClick={() => void pages.fetchNextPage()}
        >
          {t('history.more')}
        </Button>
      )}
    </Stack>
  );
}

function EntryRow({ entry }: { readonly entry: HistoryEntry }) {
  const { t, i18n } = useTranslation('wallet');
  const { change, other, memo, timeMs, operations, good, code, fee } = entry;
  const time = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'medium' }).format(
    timeMs,
  );
  const kind = operations.map((name) => t(`operation.${name}`, { defaultValue: name })).join(', ');
  return (
    <Paper withBorder p="sm">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Text fw={600}>{kind}</Text>
          {other !== undefined && (
            <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              {other}
            </Text>
          )}
          {memo !== '' && (
            <Text size="sm" style={{ overflowWrap: 'anywhere' }} data-memo>
              {memo}
            </Text>
          )}
          <Text size="xs" c="dimmed">
            {time}
            {fee > 0 && ` · ${t('history.fee', { fee: formatAmount(fee) })}`}
          </Text>
        </div>
        <Stack gap={2} align="flex-end">
          {change !== 0 && (
            <Text fw={700} style={{ whiteSpace: 'nowrap' }}>
              {change > 0 ? '+' : ''}
              {formatAmount(change)}
            </Text>
          )}
          {!good && (
            <Badge color="red" variant="light">
              {code}
            </Badge>
          )}
          <Anchor component={Link} to="/search" search={{ q: entry.id } as never} size="sm">
            {t('recent.receipt')}
          </Anchor>
        </Stack>
      </Group>
    </Paper>
  );
}

/** What the list needs of an entry; the server's word, which the transaction's page checks. */
function readTransaction(json: unknown): Result<TransactionInfo> {
  const info = json as TransactionInfo;
  return fromHex(String(info?.id), 32) === undefined
    ? { ok: false, error: { code: 'client-answer', message: "The server's list holds no transaction ids." } }
    : ok(info);
}
