import { type DeviceInfo, getDevicePage } from '@iotw/sdk/client/devices';
import { formatAmount } from '@iotw/sdk/transaction/amount';
import { Anchor, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Loading } from '../../app/layout.tsx';
import { Problem } from '../../app/problem.tsx';
import { connection } from '../../data/connection.ts';
import { useResult } from '../../data/use-result.ts';
import { useAccountInfo, useAddress, useCurrentAccount } from '../use-account.ts';
import { DeviceFacts } from './device-facts.tsx';

const PAGE = 50;
const LOOK_MS = 5_000;

/** The devices that the account owns: what each earned and how it stands. */
export function DevicesPage() {
  const { t } = useTranslation('wallet');
  const account = useCurrentAccount();
  const address = useAddress(account?.key);
  const info = useAccountInfo(address);
  // Where each page after the first begins.
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const cursor = cursors.at(-1);
  const devices = useResult(
    ['devices', address, cursor],
    (signal) =>
      getDevicePage(
        connection,
        { owner: address },
        { limit: PAGE, signal, ...(cursor === undefined ? {} : { cursor }) },
      ),
    { every: LOOK_MS, enabled: info.data !== undefined && info.data !== null, keep: true },
  );
  const next = devices.data?.next ?? null;
  const none =
    info.data === null || (cursor === undefined && devices.data?.items.length === 0 && next === null);
  return (
    <Stack>
      <Title order={1} size="h2">
        {t('places.devices')}
      </Title>
      <Group>
        <Button component={Link} to="/wallet/code">
          {t('device.add')}
        </Button>
        <Anchor component={Link} to="/mine">
          {t('device.mine')}
        </Anchor>
      </Group>
      {devices.error && <Problem error={devices.error} onAgain={() => void devices.refetch()} />}
      {devices.isLoading && <Loading />}
      {none && <Text c="dimmed">{t('device.none')}</Text>}
      {(devices.data?.items ?? []).map((device) => (
        <DeviceRow key={device.key} device={device} />
      ))}
      <Group>
        {cursors.length > 0 && (
          <Button variant="default" size="xs" onClick={() => setCursors(cursors.slice(0, -1))}>
            {t('device.before')}
          </Button>
        )}
        {next !== null && (
          <Button variant="default" size="xs" onClick={() => setCursors([...cursors, next])}>
            {t('device.after')}
          </Button>
        )}
      </Group>
    </Stack>
  );
}

function DeviceRow({ device }: { readonly device: DeviceInfo }) {
  const { t } = useTranslation('wallet');
  return (
    <Paper withBorder p="sm" data-device={device.device}>
      <Group justify="space-between" align="flex-start">
        <DeviceFacts device={device} />
        <Stack gap={4} align="flex-end">
          <Text size="sm">{t('device.earned', { amount: formatAmount(device.earned) })}</Text>
          <Anchor component={Link} to={`/wallet/device/${device.key}`} size="sm">
            {t('device.open')}
          </Anchor>
        </Stack>
      </Group>
    </Paper>
  );
}
