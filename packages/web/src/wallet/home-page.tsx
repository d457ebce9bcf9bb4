import { ok } from '@iotw/kernel/result';
import { faucet } from '@iotw/sdk/client/faucet';
import { formatAmount } from '@iotw/sdk/transaction/amount';
import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '../app/problem.tsx';
import { connection } from '../data/connection.ts';
import { queries } from '../data/queries.ts';
import { Act } from './act.tsx';
import { RecentPayments } from './recent-payments.tsx';
import { useWallet } from './session.ts';
import { useAccountInfo, useAddress, useCurrentAccount } from './use-account.ts';

/** The account at a glance: what it holds, and what is done most. */
export function HomePage() {
  const { t } = useTranslation('wallet');
  const account = useCurrentAccount();
  const address = useAddress(account?.key);
  const info = useAccountInfo(address);
  return (
    <Stack>
      <Title order={1} size="h2">
        {account?.name}
      </Title>
      {info.error && <Problem error={info.error} onAgain={info.refetch} />}
      <Paper withBorder p="lg">
        <Text size="sm" c="dimmed">
          {t('home.balance')}
        </Text>
        <Text fz="2rem" fw={700} data-balance={info.data?.balance ?? 0} aria-live="polite">
          {formatAmount(info.data?.balance ?? 0)} IOTW
        </Text>
        <Group mt="md">
          <Button component={Link} to="/wallet/send">
            {t('home.send')}
          </Button>
          <Button component={Link} to="/wallet/receive" variant="default">
            {t('home.receive')}
          </Button>
          <Button component={Link} to="/wallet/code" variant="default">
            {t('home.add')}
          </Button>
          <FaucetButton address={address} />
        </Group>
      </Paper>
      <RecentPayments />
    </Stack>
  );
}

/** Test money, on networks that give it away. */
function FaucetButton({ address }: { readonly address: string }) {
  const { t } = useTranslation('wallet');
  const { services } = useWallet();
  const [given, setGiven] = useState(false);
  const amount = services?.faucetAmount;
  // Without the network's name for it there is no address yet that money could go to.
  if (amount === undefined || amount === null || address === '') return null;
  const ask = async () => {
    const done = await faucet(connection, address);
    if (!done.ok) return done;
    setGiven(true);
    await queries.invalidateQueries({ queryKey: ['account', address] });
    return ok(undefined);
  };
  return (
    <Stack gap={4}>
      <Act variant="light" run={ask}>
        {t('home.faucet', { amount: formatAmount(amount) })}
      </Act>
      {given && (
        <Text size="sm" role="status">
          {t('home.faucetGiven', { amount: formatAmount(amount) })}
        </Text>
      )}
    </Stack>
  );
}
