import { ok, type Result } from '@iotw/kernel/result';
import type { MakerInfo } from '@iotw/sdk/client/makers';
import { NumberInput, Paper, Select, SimpleGrid, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { count } from '../../data/format.ts';
import { Act } from '../../wallet/act.tsx';
import { useNetwork } from '../../wallet/use-account.ts';
import { carriedOut } from '../carry-out.ts';
import type { Acting } from '../roles.ts';

const MOST_BATCH = 0xffff_ffff;

/** The maker's root opens a batch whose key is another account of the wallet: that key vouches for devices, and can be revoked without the root. */
export function OpenBatch({
  maker,
  root,
  acting,
}: {
  readonly maker: MakerInfo;
  readonly root: Acting;
  readonly acting: readonly Acting[];
}) {
  const { t } = useTranslation('operator');
  const network = useNetwork();
  const next = Math.max(0, ...maker.batches.map(({ batch }) => batch)) + 1;
  const left = Math.max(0, maker.quota - maker.allotted);
  const least = Number(network.data?.parameters.minActivationEpochs ?? 0);
  const [form, setForm] = useState<{ batch?: number; quota?: number; delay?: number; key?: string }>({});
  const batch = form.batch ?? next;
  const quota = form.quota ?? Math.min(left, 1_000);
  const delay = Math.max(form.delay ?? least, least);
  const key =
    acting.find(({ address }) => address === form.key) ?? acting.find((other) => other !== root) ?? root;
  const open = async (): Promise<Result<void>> => {
    const done = await carriedOut({
      ...{ by: root, act: 'batch', what: `${maker.maker}/${batch}` },
      operations: [
        {
          type: 'makerBatch',
          ...{ maker: maker.maker, batch, quota, activationEpochs: delay },
          key: key.account.key,
          signature: new Uint8Array(64),
        },
      ],
    });
    if (!done.ok) return done;
    setForm({});
    return ok(undefined);
  };
  const number = (name: 'batch' | 'quota' | 'delay') => (value: string | number) =>
    setForm({ ...form, [name]: typeof value === 'number' ? value : undefined });
  const whole = { allowDecimal: false, allowNegative: false, clampBehavior: 'strict' as const };
  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <Text fz="sm">{t('batch.about', { left: count(left) })}</Text>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <NumberInput
            label={t('batch.number')}
            {...whole}
            min={0}
            max={MOST_BATCH}
            value={batch}
            onChange={number('batch')}
          />
          <NumberInput
            label={t('batch.quota')}
            {...whole}
            min={1}
            max={Math.max(1, left)}
            value={quota}
            onChange={number('quota')}
          />
          <NumberInput
            label={t('batch.delay')}
            {...whole}
            min={least}
            max={0xffff}
            value={delay}
            onChange={number('delay')}
          />
          <Select
            label={t('batch.key')}
            data={acting.map(({ account, address }) => ({ value: address, label: account.name }))}
            value={key.address}
            allowDeselect={false}
            onChange={(value) => value !== null && setForm({ ...form, key: value })}
          />
        </SimpleGrid>
        <Act run={open} disabled={quota < 1 || quota > left} w="fit-content">
          {t('batch.open')}
        </Act>
      </Stack>
    </Paper>
  );
}
