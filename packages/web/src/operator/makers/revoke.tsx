import { fromHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { Operation } from '@iotw/protocol/operations';
import { getDevice } from '@iotw/sdk/client/devices';
import type { MakerInfo } from '@iotw/sdk/client/makers';
import { Paper, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { count } from '../../data/format.ts';
import { useResult } from '../../data/use-result.ts';
import { Act } from '../../wallet/act.tsx';
import { DeviceFacts } from '../../wallet/devices/device-facts.tsx';
import { carriedOut } from '../carry-out.ts';
import type { Acting } from '../roles.ts';
import { type Revocation, revocationOf, revocationOperation } from './revocation.ts';

type Kind = Revocation['kind'];

/** The maker's root takes a device or a whole batch out, for good: what that is stands here before anybody signs. */
export function Revoke({ maker, root }: { readonly maker: MakerInfo; readonly root: Acting }) {
  const { t } = useTranslation('operator');
  const [kind, setKind] = useState<Kind>('device');
  const [device, setDevice] = useState('');
  const [batch, setBatch] = useState<string | null>(null);
  const [isSure, setSure] = useState(false);
  const name = device.trim().toLowerCase();
  const isName = /^(0|[1-9][0-9]{0,9}|[0-9a-f]{64})$/.test(name);
  const found = useResult(
    ['device', name],
    () => getDevice(connection, name.length === 64 ? fromHex(name, 32)! : Number(name)),
    { enabled: kind === 'device' && isName },
  );
  const known = kind === 'device' ? (isName ? found.data : undefined) : undefined;
  const read: Result<Revocation> =
    kind === 'device' && name !== '' && !isName
      ? fail('revoke-name', '')
      : kind === 'device' && found.error !== null && isName
        ? fail('revoke-unknown', '')
        : revocationOf(kind, maker, known, batch === null ? undefined : Number(batch));
  const change = <T,>(set: (value: T) => void) => {
    return (value: T) => {
      set(value);
      setSure(false);
    };
  };
  const send = async (): Promise<Result<void>> => {
    if (!read.ok) return read;
    const operations: readonly Operation[] = [revocationOperation(maker.maker, read.value)];
    const what = read.value.kind === 'device' ? `#${read.value.device.device}` : `${maker.maker}/${batch}`;
    const done = await carriedOut({ by: root, act: 'revoke', what, operations });
    if (!done.ok) return done;
    setDevice('');
    setBatch(null);
    setSure(false);
    return ok(undefined);
  };
  return (
    <Paper withBorder p="md" data-revoke={maker.maker}>
      <Stack gap="sm">
        <Text fz="sm">{t('revoke.about')}</Text>
        <SegmentedControl
          data={(['device', 'batch'] as const).map((value) => ({ value, label: t(`fact.${value}`) }))}
          value={kind}
          onChange={(value) => change(setKind)(value as Kind)}
          aria-label={t('revoke.title', { maker: maker.name })}
          w="fit-content"
        />
        {kind === 'device' ? (
          <TextInput
            label={t('revoke.device')}
            name="revoke"
            value={device}
            onChange={({ currentTarget }) => change(setDevice)(currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            maw={560}
          />
        ) : (
          <Select
            label={t('fact.batch')}
            data={maker.batches
              .filter(({ revokedFrom }) => revokedFrom === 0)
              .map((one) => ({
                value: String(one.batch),
                label: t('revoke.batch', { batch: one.batch, used: count(one.used) }),
              }))}
            value={batch}
            onChange={change(setBatch)}
            maw={320}
          />
        )}
        {read.ok && (
          <div data-preview="revoke">
            {read.value.kind === 'device' && <DeviceFacts device={read.value.device} />}
            <Text fz="sm" mt="xs">
              {read.value.kind === 'device'
                ? t('revoke.deviceEffect')
                : t('revoke.batchEffect', { used: count(read.value.used) })}
            </Text>
          </div>
        )}
        {!read.ok && read.error.code !== 'revoke-nothing' && (
          <Text role="alert" size="sm" c="red" data-code={read.error.code}>
            {t(`revoke.fault.${read.error.code}`)}
          </Text>
        )}
        <Text component="label" fz="sm">
          <input
            type="checkbox"
            checked={isSure}
            onChange={({ currentTarget }) => setSure(currentTarget.checked)}
          />{' '}
          {t('revoke.sure')}
        </Text>
        <Act run={send} disabled={!read.ok || !isSure} color="red.9" w="fit-content">
          {t('revoke.go')}
        </Act>
      </Stack>
    </Paper>
  );
}
