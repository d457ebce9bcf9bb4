import { equalBytes, fromHex } from '@iotw/kernel/bytes';
import { ok, type Result } from '@iotw/kernel/result';
import { decodeAddress } from '@iotw/protocol/address';
import { encodeDeviceCode } from '@iotw/protocol/device-code';
import { type DeviceInfo, getDevice } from '@iotw/sdk/client/devices';
import { deviceRelease } from '@iotw/sdk/transaction/device-operations';
import { Alert, Anchor, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Loading } from '../../app/layout.tsx';
import { Problem } from '../../app/problem.tsx';
import { connection } from '../../data/connection.ts';
import { queries } from '../../data/queries.ts';
import { useResult } from '../../data/use-result.ts';
import type { SignerAccount } from '../../signer/messages.ts';
import { Act } from '../act.tsx';
import { CopyText } from '../copy-text.tsx';
import type { Payment } from '../payment.ts';
import { QrPicture } from '../qr-picture.tsx';
import { newReference } from '../reference.ts';
import { ports, useWallet } from '../session.ts';
import { transact } from '../transact.ts';
import { useNetwork } from '../use-account.ts';
import { Consent } from './consent.tsx';
import { DeviceFacts } from './device-facts.tsx';
import { Earnings } from './earnings.tsx';
import { Reputation } from './reputation.tsx';
import { Section } from './section.tsx';

const LOOK_MS = 5_000;

/** One device of the wallet: how it does and why, and what its owner may do with it. */
export function DevicePage() {
  const { t } = useTranslation('wallet');
  const { key } = useParams({ strict: false }) as { key: string };
  const { state } = useWallet();
  const network = useNetwork();
  const device = useResult(['device', key], () => getDevice(connection, key), { every: LOOK_MS });
  if (device.error) return <Problem error={device.error} onAgain={() => void device.refetch()} />;
  if (device.data === undefined || network.data === undefined) return <Loading />;
  const { data } = device;
  const owner = data.owner === null ? undefined : decodeAddress(data.owner, network.data.addressPrefix);
  const account = owner?.ok
    ? state?.accounts.find((known) => equalBytes(known.key, owner.value.payload))
    : undefined;
  return (
    <Stack maw={720}>
      <Title order={1} size="h2">
        {t('device.number', { number: data.device })}
      </Title>
      <Paper withBorder p="md">
        <DeviceFacts device={data} />
        <Text size="sm" mt="xs" style={{ overflowWrap: 'anywhere' }} data-owner={data.owner ?? ''}>
          {account === undefined
            ? t(data.owner === null ? 'device.nobody' : 'device.other', { owner: data.owner })
            : t('device.yours', { account: account.name })}
        </Text>
        <Anchor component={Link} to={`/device/${data.device}`} size="sm">
          {t('device.explore')}
        </Anchor>
      </Paper>
      <Earnings device={data} />
      <Reputation device={data} />
      {account !== undefined && <Consent device={data} account={account} />}
      {account !== undefined && <HandOver device={data} network={network.data.network} />}
      {account !== undefined && <Release device={data} account={account} />}
      <Anchor component={Link} to="/wallet/devices">
        {t('places.devices')}
      </Anchor>
    </Stack>
  );
}

/** The code that the new owner reads first, and where his answer is read. */
function HandOver({ device, network }: { readonly device: DeviceInfo; readonly network: string }) {
  const { t } = useTranslation('wallet');
  const [shown, setShown] = useState(false);
  const id = fromHex(network, 32);
  const key = fromHex(device.key, 32);
  if (id === undefined || key === undefined) return null;
  const code = encodeDeviceCode(id, { kind: 'device', device: key });
  return (
    <Section title={t('device.handover')}>
      <Text size="sm">{t('device.handoverHow')}</Text>
      {shown ? (
        <>
          <QrPicture text={code.toUpperCase()} label={t('device.code')} />
          <CopyText text={code} name="device-code" />
        </>
      ) : (
        <Group>
          <Act variant="default" run={async () => ok(setShown(true))}>
            {t('device.handoverShow')}
          </Act>
        </Group>
      )}
      <Anchor component={Link} to="/wallet/code" size="sm">
        {t('device.handoverRead')}
      </Anchor>
    </Section>
  );
}

function Release({ device, account }: { readonly device: DeviceInfo; readonly account: SignerAccount }) {
  const { t } = useTranslation('wallet');
  const [reference, setReference] = useState(newReference);
  const [failed, setFailed] = useState<Payment>();
  const release = async (): Promise<Result<unknown>> => {
    const operations = [deviceRelease(fromHex(device.key, 32)!)];
    const purpose = { kind: 'device', act: 'release', device: device.key } as const;
    const done = await transact(ports, { reference, account, operations, purpose });
    if (!done.ok) return done;
    setReference(newReference());
    setFailed(done.value.status === 'final' ? undefined : done.value);
    await queries.invalidateQueries({ queryKey: ['device', device.key] });
    return ok(undefined);
  };
  return (
    <Section title={t('device.releaseTitle')}>
      <Text size="sm">{t('device.releaseWhat')}</Text>
      <Group>
        <Act variant="default" run={release}>
          {t('device.release')}
        </Act>
      </Group>
      {failed !== undefined && (
        <Alert color="red" role="status" title={t(`status.${failed.status}`)} data-outcome={failed.status}>
          {t(`status.${failed.status}Hint`, { code: failed.code ?? '' })}
        </Alert>
      )}
    </Section>
  );
}
