import { Anchor, Group, Paper, SimpleGrid, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { count, date, iotw } from '../../data/format.ts';
import { AccountLink, NumberLink, To, TransactionLink } from './links.tsx';
import classes from './parts.module.css';

/** What a transaction does, in words: what was bought, from whom, when it comes and how long it is warranted. */

export type OperationJson = Readonly<Record<string, unknown>> & { readonly type: string };
type TransactionJson = Readonly<Record<string, unknown>> | null;

export function operationsOf(transaction: TransactionJson): readonly OperationJson[] {
  const list = transaction?.operations;
  return Array.isArray(list) ? (list as OperationJson[]) : [];
}

export function senderOf(transaction: TransactionJson): string | undefined {
  return typeof transaction?.sender === 'string' ? transaction.sender : undefined;
}

/** What a transaction moves in all, base units; refunds and trades count like payments. */
export function amountOf(transaction: TransactionJson): number {
  return operationsOf(transaction).reduce(
    (sum, { amount }) => sum + (typeof amount === 'number' ? amount : 0),
    0,
  );
}

/** Kinds of a transaction's operations with how many of each. */
export function OperationNames({ of }: { readonly of: TransactionJson }) {
  const { t } = useTranslation('explorer');
  const counts = new Map<string, number>();
  for (const { type } of operationsOf(of)) counts.set(type, (counts.get(type) ?? 0) + 1);
  return (
    <span className={classes.together}>
      {[...counts].map(([type, n]) => (
        <span key={type} className={classes.kind}>
          {t(`operation.${type}`, { defaultValue: type })}
          {n > 1 ? ` × ${n}` : ''}
        </span>
      ))}
    </span>
  );
}

const SHOWN_AT_FIRST = 8;

/** Every operation as a card. */
export function Operations({ of }: { readonly of: TransactionJson }) {
  const { t } = useTranslation('explorer');
  const [all, setAll] = useState(false);
  const list = operationsOf(of);
  const shown = all ? list : list.slice(0, SHOWN_AT_FIRST);
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="sm">
        {shown.map((operation, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: operations have no other name and never move
          <OperationCard key={i} operation={operation} />
        ))}
      </SimpleGrid>
      {shown.length < list.length && (
        <Anchor component="button" type="button" onClick={() => setAll(true)}>
          {t('list.all', { count: list.length })}
        </Anchor>
      )}
    </Stack>
  );
}

function OperationCard({ operation }: { readonly operation: OperationJson }) {
  const { t } = useTranslation('explorer');
  const { type, amount } = operation;
  return (
    <Paper withBorder p="sm" data-operation={type}>
      <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
        <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
          {textOf(operation.item) || t(`operation.${type}`, { defaultValue: type })}
        </Text>
        {typeof amount === 'number' && (
          <Text fw={600} style={{ whiteSpace: 'nowrap' }} data-amount={amount}>
            {iotw(amount)} IOTW
          </Text>
        )}
      </Group>
      <Text fz="sm" component="div" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        <Stack gap={2}>{details(operation, t)}</Stack>
      </Text>
    </Paper>
  );
}

type Translate = ReturnType<typeof useTranslation<'explorer'>>['t'];

/** Lines under the operation's name; what this version has no words for is shown by its fields' names. */
function details(operation: OperationJson, t: Translate): ReactNode[] {
  const line = (name: string, value: ReactNode) => (
    <div key={name}>
      {t(`fact.${name}`)}: {value}
    </div>
  );
  if (operation.type === 'trade') {
    const { side, counterparty, quantity, deliveryMs, warrantyDays, terms, data } = operation;
    return [
      line(side === 'seller' ? 'buyer' : 'seller', <AccountLink address={textOf(counterparty)} />),
      line('quantity', count(Number(quantity))),
      Number(deliveryMs) > 0 ? line('delivery', date(Number(deliveryMs))) : undefined,
      line('warranty', t('days', { count: Number(warrantyDays) })),
      /[^0]/.test(textOf(terms))
        ? line('terms', <span className={classes.mono}>{textOf(terms)}</span>)
        : undefined,
      textOf(data) === '' ? undefined : line('data', textOf(data)),
    ].filter((node) => node !== undefined);
  }
  return Object.entries(operation)
    .filter(([name]) => name !== 'type' && name !== 'amount')
    .map(([name, value]) => (
      <div key={name}>
        {t(`fact.${name}`, { defaultValue: name })}: {shownValue(operation.type, name, value)}
      </div>
    ));
}

function shownValue(type: string, name: string, value: unknown): ReactNode {
  if (typeof value === 'string' && /^t?iotw1/.test(value)) return <AccountLink address={value} />;
  if (name === 'transaction' && typeof value === 'string') return <TransactionLink id={value} />;
  if (name === 'to' && typeof value === 'number') return <AccountLink address={String(value)} />;
  if (name === 'device' && (typeof value === 'number' || typeof value === 'string'))
    return <To to={`/device/${value}`}>{typeof value === 'number' ? value : `${value.slice(0, 16)}…`}</To>;
  if (name === 'maker' && typeof value === 'number') return <NumberLink of="maker" n={value} />;
  if (name === 'epoch' && typeof value === 'number') return <NumberLink of="epoch" n={value} />;
  if (name === 'proposal' && typeof value === 'number' && type === 'vote')
    return <NumberLink of="vote" n={value} />;
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return <span className={classes.mono}>{text.length > 200 ? `${text.slice(0, 200)}…` : text}</span>;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
