import { toHex } from '@iotw/kernel/bytes';
import { formatAmount } from '@iotw/sdk/transaction/amount';
import { Anchor, Badge, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { isOver, type Payment, type PaymentStatus } from './payment.ts';
import { useCurrentAccount } from './use-account.ts';
import { usePayments } from './use-payments.ts';

const SHOWN = 5;
const COLORS: Readonly<Record<PaymentStatus, string>> = {
  drafted: 'gray',
  sent: 'blue',
  final: 'tide',
  failed: 'red',
  expired: 'orange',
  refused: 'red',
};

/** What this browser sent last, with what became of it. */
export function RecentPayments() {
  const { t } = useTranslation('wallet');
  const account = useCurrentAccount();
  const payments = usePayments(account === undefined ? undefined : toHex(account.key));
  const shown = (payments.data ?? []).slice(0, SHOWN);
  if (shown.length === 0) return null;
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {t('recent.title')}
      </Title>
      {shown.map((payment) => (
        <PaymentRow key={payment.reference} payment={payment} />
      ))}
      <Anchor component={Link} to="/wallet/history">
        {t('recent.all')}
      </Anchor>
    </Stack>
  );
}

function PaymentRow({ payment }: { readonly payment: Payment }) {
  const { t } = useTranslation(['wallet', 'operator']);
  const { purpose, status, id } = payment;
  return (
    <Paper withBorder p="sm" data-payment={status}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Text fw={600}>
            {purpose.kind === 'send'
              ? t('recent.sent', { amount: formatAmount(purpose.amount) })
              : purpose.kind === 'operate'
                ? t(`act.${purpose.act}`, { ns: 'operator' })
                : t(`device.act.${purpose.act}`)}
          </Text>
          <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {purpose.kind === 'send'
              ? purpose.to
              : purpose.kind === 'operate'
                ? purpose.what
                : purpose.device}
          </Text>
          {purpose.kind === 'send' && purpose.memo !== '' && (
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              {purpose.memo}
            </Text>
          )}
          {isOver(payment) && status !== 'final' && (
            <Text size="sm">{t(`status.${status}Hint`, { code: payment.code ?? '' })}</Text>
          )}
        </div>
        <Stack gap={4} align="flex-end" style={{ flexShrink: 0 }}>
          <Badge color={COLORS[status]} variant="light">
            {t(`status.${status}`)}
          </Badge>
          {id !== undefined && isOver(payment) && (
            <Anchor component={Link} to="/search" search={{ q: id } as never} size="sm">
              {t('recent.receipt')}
            </Anchor>
          )}
        </Stack>
      </Group>
    </Paper>
  );
}
