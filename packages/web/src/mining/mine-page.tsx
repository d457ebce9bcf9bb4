import { ok } from '@iotw/kernel/result';
import { type DeviceInfo, getDevice } from '@iotw/sdk/client/devices';
import { formatAmount } from '@iotw/sdk/transaction/amount';
import {
  Anchor,
  Badge,
  Container,
  Group,
  Paper,
  Select,
  SimpleGrid,
  Stack,
  Text,
  Title,
} from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Loading } from '../app/layout.tsx';
import { Problem } from '../app/problem.tsx';
import { connection } from '../data/connection.ts';
import { queries } from '../data/queries.ts';
import { FailureError, useResult } from '../data/use-result.ts';
import { Act } from '../wallet/act.tsx';
import { newReference } from '../wallet/reference.ts';
import { ports, restartWallet, useWallet } from '../wallet/session.ts';
import { useCurrentAccount, useNetwork } from '../wallet/use-account.ts';
import { tabDeviceKeys } from './device-key.ts';
import { joinNetwork } from './join.ts';
import { startMining, stopMining, useMiner } from './miner.ts';

const LOOK_MS = 3_000;

/** "Mine with this tab": joins the network as a person's device, and shows what it does and earns. */
export function MinePage() {
  const { t } = useTranslation('mining');
  const { state, failure } = useWallet();
  return (
    <Container size="md" py="md">
      <Stack>
        <Title order={1} size="h2">
          {t('title')}
        </Title>
        <Text>{t('intro')}</Text>
        {failure !== undefined && <Problem error={new FailureError(failure)} onAgain={restartWallet} />}
        {failure === undefined && state === undefined && <Loading />}
        {state?.vault === 'none' && (
          <Anchor component={Link} to="/wallet">
            {t('wallet')}
          </Anchor>
        )}
        {state !== undefined && state.vault !== 'none' && <TabDevice />}
      </Stack>
    </Container>
  );
}

function TabDevice() {
  const device = useResult<{ readonly keys: Keys; readonly info: DeviceInfo | undefined }>(
    ['tab-device'],
    async () => {
      const keys = await tabDeviceKeys();
      if (!keys.ok) return keys;
      const info = await getDevice(connection, keys.value.publicKey);
      if (info.ok) return ok({ keys: keys.value, info: info.value });
      return info.error.code === 'device-unknown' ? ok({ keys: keys.value, info: undefined }) : info;
    },
    { every: LOOK_MS },
  );
  if (device.error) return <Problem error={device.error} onAgain={() => void device.refetch()} />;
  if (device.data === undefined) return <Loading />;
  const { keys, info } = device.data;
  return info === undefined ? <Join keys={keys} /> : <Mining keys={keys} info={info} />;
}

type Keys = Parameters<typeof startMining>[0];

function Join({ keys }: { readonly keys: Keys }) {
  const { t } = useTranslation('mining');
  const account = useCurrentAccount();
  const network = useNetwork();
  const { services } = useWallet();
  const [region, setRegion] = useState('0');
  const [reference, setReference] = useState(newReference);
  if (services?.guests === null) return <Text>{t('closed')}</Text>;
  const join = async () => {
    if (account === undefined) return ok(undefined);
    const joined = await joinNetwork(ports, account, keys, Number(region), reference);
    // What was asked for has its end: another press is another transaction.
    setReference(newReference());
    if (!joined.ok) return joined;
    const started = await startMining(keys);
    await queries.invalidateQueries({ queryKey: ['tab-device'] });
    return started;
  };
  return (
    <Paper withBorder p="lg">
      <Stack align="flex-start">
        <Select
          label={t('region')}
          description={t('regionWhy')}
          data={(network.data?.regions ?? []).map((label, value) => ({ value: String(value), label }))}
          value={region}
          allowDeselect={false}
          onChange={(value) => setRegion(value ?? '0')}
        />
        <Act run={join}>{t('join')}</Act>
        <Text size="sm" c="dimmed">
          {t('joinWhy')}
        </Text>
      </Stack>
    </Paper>
  );
}

interface MiningProps {
  readonly keys: Keys;
  readonly info: {
    readonly device: number;
    readonly earned: number;
    readonly status: string;
    readonly key: string;
  };
}

function Mining({ keys, info }: MiningProps) {
  const { t } = useTranslation('mining');
  const miner = useMiner();
  const figures = {
    device: String(info.device),
    answers: String(miner.answers),
    earned: `${formatAmount(info.earned)} IOTW`,
    status: t(`standing.${info.status}`, { defaultValue: info.status }),
  };
  return (
    <Paper withBorder p="lg">
      <Stack>
        <Group justify="space-between">
          <Badge
            size="lg"
            variant="light"
            color={miner.state === 'online' ? 'tide' : 'gray'}
            data-miner={miner.state}
          >
            {t(`state.${miner.state}`)}
          </Badge>
          {miner.state === 'off' ? (
            <Act run={() => startMining(keys)}>{t('start')}</Act>
          ) : (
            <Act variant="default" run={async () => ok(await stopMining())}>
              {t('stop')}
            </Act>
          )}
        </Group>
        <SimpleGrid cols={{ base: 2, sm: 4 }}>
          {Object.entries(figures).map(([name, value]) => (
            <div key={name}>
              <Text size="sm" c="dimmed">
                {t(`figure.${name}`)}
              </Text>
              <Text fw={600} data-figure={name}>
                {value}
              </Text>
            </div>
          ))}
        </SimpleGrid>
        <Text size="sm" c="dimmed">
          {t('patience')}
        </Text>
        <Anchor component={Link} to="/search" search={{ q: info.key } as never}>
          {t('details')}
        </Anchor>
      </Stack>
    </Paper>
  );
}
