import { utf8 } from '@iotw/kernel/bytes';
import { MAX_MEMO_BYTES } from '@iotw/protocol/limits';
import { parseAmount } from '@iotw/sdk/transaction/amount';
import { Select, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Loading } from '../app/layout.tsx';
import { CopyText } from './copy-text.tsx';
import { QrPicture } from './qr-picture.tsx';
import { requestLink } from './request-link.ts';
import { useAddress, useCurrentAccount, useNetwork } from './use-account.ts';

const HOUR_MS = 3_600_000;
const HOURS = { never: 0, hour: 1, day: 24, week: 168 } as const;

/** The account's address as text and QR, and links that ask for a payment. */
export function ReceivePage() {
  const { t } = useTranslation('wallet');
  const account = useCurrentAccount();
  const address = useAddress(account?.key);
  const network = useNetwork();
  const [amount, setAmount] = useState('');
  const [memo, setMemo] = useState('');
  const [valid, setValid] = useState<keyof typeof HOURS>('never');
  if (address === '') return <Loading />;
  const asked = amount === '' ? undefined : parseAmount(amount.trim());
  const tooLong = utf8(memo).length > MAX_MEMO_BYTES;
  const hours = HOURS[valid];
  const link =
    asked?.ok === false || tooLong
      ? undefined
      : requestLink(window.location.origin, {
          to: address,
          amount: asked?.value,
          memo,
          // By the network's time, rounded so that the code stands still while it is looked at.
          untilMs: hours === 0 ? undefined : expiry(network.data?.timeMs ?? 0, hours),
        });
  const isPlain = amount === '' && memo === '' && hours === 0;
  return (
    <Stack>
      <Title order={1} size="h2">
        {t('receive.title')}
      </Title>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Stack>
          <QrPicture text={isPlain ? address : (link ?? address)} label={t('receive.qr')} />
          <Text size="sm" fw={600}>
            {t('receive.address')}
          </Text>
          <CopyText text={address} name="address" />
        </Stack>
        <Stack>
          <Title order={2} size="h4">
            {t('receive.request')}
          </Title>
          <TextInput
            label={t('send.amount')}
            name="amount"
            inputMode="decimal"
            value={amount}
            onChange={({ currentTarget }) => setAmount(currentTarget.value)}
            error={asked?.ok === false ? t('failure.amount-format') : undefined}
          />
          <TextInput
            label={t('send.memo')}
            name="memo"
            value={memo}
            onChange={({ currentTarget }) => setMemo(currentTarget.value)}
            error={tooLong ? t('failure.memo-long') : undefined}
          />
          <Select
            label={t('receive.valid')}
            data={Object.keys(HOURS).map((value) => ({ value, label: t(`receive.for.${value}`) }))}
            value={valid}
            allowDeselect={false}
            onChange={(value) => setValid((value ?? 'never') as keyof typeof HOURS)}
          />
          {link !== undefined && !isPlain && <CopyText text={link} name="link" />}
        </Stack>
      </SimpleGrid>
    </Stack>
  );
}

function expiry(agreedMs: number, hours: number): number {
  return Math.ceil(agreedMs / HOUR_MS) * HOUR_MS + hours * HOUR_MS;
}
