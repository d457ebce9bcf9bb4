import { getTransaction, type TransactionInfo } from '@iotw/sdk/client/transactions';
import { Anchor, Group, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { count, iotw, time } from '../../data/format.ts';
import { useResult } from '../../data/use-result.ts';
import { Committee, shownElection, useElection } from '../parts/committee.tsx';
import { Facts, Hex } from '../parts/facts.tsx';
import { AccountLink, BlockLink, NumberLink } from '../parts/links.tsx';
import { amountOf, Operations, operationsOf, senderOf } from '../parts/operations.tsx';
import { Answer, Page, Section, State } from '../parts/page.tsx';
import { Verified } from '../parts/verified.tsx';
import type { ShownTransaction } from '../verify/report.ts';

/** A transaction: what it says, what became of it, who witnessed it, and the proof of all that. */
export function TransactionPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const transaction = useResult(['transaction', id], () => getTransaction(connection, id));
  return <Answer of={transaction}>{(found) => <Details asked={id} found={found} />}</Answer>;
}

function Details({ asked, found }: { readonly asked: string; readonly found: TransactionInfo }) {
  const { t } = useTranslation('explorer');
  const { id, code, fee, status, round, timeMs, block, transaction } = found;
  const election = useElection(block.lane, block.height);
  const waiting = election.isPending;
  const shown = useMemo((): ShownTransaction | undefined => {
    const place = { code, status, fee, round, timeMs, block };
    return waiting ? undefined : { id, ...place, transaction, election: shownElection(election.data) };
  }, [id, code, status, fee, round, timeMs, block, transaction, election.data, waiting]);
  const sender = senderOf(transaction);
  const memo = transaction?.memo;
  return (
    <Page
      kind="transaction"
      name={id}
      badge={<State of={status === 'final' ? 'final' : 'failed'} />}
      data={found}
    >
      <Verified subject={{ kind: 'transaction', id: asked.toLowerCase() }} shown={shown} />
      <Facts
        facts={[
          ['result', code === 'ok' ? t('result.ok') : t('result.failed', { code })],
          ['amount', <strong key="amount">{iotw(amountOf(transaction))} IOTW</strong>],
          ['fee', `${iotw(fee)} IOTW`],
          ['sender', sender === undefined ? undefined : <AccountLink key="sender" address={sender} whole />],
          ['time', time(timeMs)],
          ['block', <BlockLink key="block" {...block} />],
          ['round', <NumberLink key="round" of="round" n={round} />],
          ['lane', <NumberLink key="lane" of="lane" n={block.lane} />],
          ['memo', typeof memo === 'string' && memo !== '' ? memo : undefined],
          ['sequence', transaction === null ? undefined : count(Number(transaction.sequence))],
        ]}
      />
      <Section title={t('section.operations', { count: operationsOf(transaction).length })}>
        {transaction === null ? <Text>{t('unreadable')}</Text> : <Operations of={transaction} />}
      </Section>
      <Section title={t('section.committee')}>
        {election.data === undefined ? (
          <Text c="dimmed">{election.error?.message ?? '…'}</Text>
        ) : (
          <Committee election={election.data} />
        )}
      </Section>
      <Section title={t('section.receipt')}>
        <Text fz="sm" c="dimmed" mb="xs">
          {t('receipt.about')}
        </Text>
        <Group>
          <Anchor href={`/v1/transactions/${id}/receipt`} download={`receipt-${id.slice(0, 16)}.json`}>
            {t('receipt.json')}
          </Anchor>
          <Hex>{`iotw verify receipt ${id.slice(0, 8)}…`}</Hex>
        </Group>
      </Section>
    </Page>
  );
}
