import { utf8 } from '@iotw/kernel/bytes';
import type { Result } from '@iotw/kernel/result';
import { fail, ok } from '@iotw/kernel/result';
import { type AddressPrefix, decodeAddress } from '@iotw/protocol/address';
import { MAX_MEMO_BYTES } from '@iotw/protocol/limits';
import type { Operation } from '@iotw/protocol/operations';
import { formatAmount, parseAmount } from '@iotw/sdk/transaction/amount';
import { transfer } from '@iotw/sdk/transaction/money-operations';
import { Alert, Anchor, Autocomplete, Group, Stack, Text, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { queries } from '../data/queries.ts';
import { useResult } from '../data/use-result.ts';
import { Act } from './act.tsx';
import { CodeReader } from './code-reader.tsx';
import { contactStore } from './database.ts';
import { useFailureText } from './failure-text.ts';
import type { Payment } from './payment.ts';
import { newReference } from './reference.ts';
import { readRequest } from './request-link.ts';
import { ports } from './session.ts';
import { checkBalance, transact } from './transact.ts';
import { useAccountInfo, useAddress, useCurrentAccount, useNetwork } from './use-account.ts';

interface SendFormProps {
  readonly to?: string;
  /** Base units that a request asks for. */
  readonly amount?: number;
  readonly memo?: string;
}

interface Checked {
  readonly to: string;
  readonly amount: number;
  readonly operations: readonly Operation[];
}

/** Who, how much, what for; what it costs before anybody signs; what became of it after. */
export function SendForm({ to = '', amount, memo = '' }: SendFormProps) {
  const { t } = useTranslation('wallet');
  const text = useFailureText();
  const account = useCurrentAccount();
  const own = useAddress(account?.key);
  const info = useAccountInfo(own);
  const network = useNetwork();
  const contacts = useResult(['contacts'], contactStore.list);
  const [form, setForm] = useState({ to, amount: amount === undefined ? '' : formatAmount(amount), memo });
  const [reference, setReference] = useState(newReference);
  const [done, setDone] = useState<Payment>();
  const prefix: AddressPrefix = network.data?.addressPrefix ?? 'tiotw';
  const receiver = addressOf(form.to, contacts.data ?? []);
  const checked = check(receiver, form.amount, form.memo, prefix);
  const fee =
    checked.ok && info.data && network.data
      ? checkBalance(info.data.balance, checked.value.operations, network.data.parameters)
      : undefined;

  const send = async (): Promise<Result<unknown>> => {
    if (!checked.ok) return checked;
    if (account === undefined) return fail('signer-none', t('failure.signer-none'));
    const paid = await transact(ports, {
      reference,
      account,
      operations: checked.value.operations,
      memo: form.memo,
      purpose: { kind: 'send', to: checked.value.to, amount: checked.value.amount, memo: form.memo },
    });
    if (!paid.ok) return paid;
    // What was wanted is done, or known to have failed: the next press is a new payment.
    setReference(newReference());
    setDone(paid.value);
    if (paid.value.status === 'final') setForm({ to: '', amount: '', memo: '' });
    await queries.invalidateQueries({ queryKey: ['account'] });
    return ok(undefined);
  };

  /** What a QR asks for, into the form: a request link or an address. */
  const scanned = async (code: string): Promise<Result<unknown>> => {
    const agreed = network.data ?? (await network.refetch()).data;
    if (agreed === undefined) return fail('client-unreachable', t('failure.client-unreachable'));
    const asked = readRequest(code, agreed.addressPrefix, agreed.timeMs);
    if (!asked.ok) return asked;
    const { amount: units, ...request } = asked.value;
    setForm({
      ...{ to: request.to, memo: request.memo },
      amount: units === undefined ? '' : formatAmount(units),
    });
    return asked;
  };

  return (
    <Stack maw={520}>
      {to === '' && <CodeReader found={scanned} qrOnly />}
      <Autocomplete
        label={t('send.to')}
        description={t('send.toHint')}
        data={(contacts.data ?? []).map(({ name }) => name)}
        value={form.to}
        onChange={(value) => setForm({ ...form, to: value })}
        error={
          form.to !== '' && !receiverOk(receiver, prefix)
            ? text(receiverFailure(receiver, prefix))
            : undefined
        }
        autoComplete="off"
        spellCheck={false}
        name="to"
      />
      <TextInput
        label={t('send.amount')}
        inputMode="decimal"
        value={form.amount}
        onChange={({ currentTarget }) => setForm({ ...form, amount: currentTarget.value })}
        error={
          form.amount !== '' && !parseAmount(form.amount.trim()).ok ? t('failure.amount-format') : undefined
        }
        rightSection={<Text size="sm">IOTW</Text>}
        rightSectionWidth={60}
        autoComplete="off"
        name="amount"
      />
      <TextInput
        label={t('send.memo')}
        description={t('send.memoHint')}
        value={form.memo}
        onChange={({ currentTarget }) => setForm({ ...form, memo: currentTarget.value })}
        error={utf8(form.memo).length > MAX_MEMO_BYTES ? t('failure.memo-long') : undefined}
        autoComplete="off"
        name="memo"
      />
      {fee !== undefined && (
        <Text size="sm" c={fee.ok ? 'dimmed' : 'red'} role="status" data-fee={fee.ok}>
          {fee.ok ? t('send.fee', { fee: formatAmount(fee.value.fee) }) : text(fee.error)}
        </Text>
      )}
      <Group>
        <Act run={send}>{t('send.go')}</Act>
      </Group>
      {done !== undefined && <Outcome payment={done} />}
    </Stack>
  );
}

function Outcome({ payment }: { readonly payment: Payment }) {
  const { t } = useTranslation('wallet');
  const good = payment.status === 'final';
  return (
    <Alert
      color={good ? 'green' : 'red'}
      role="status"
      title={t(`status.${payment.status}`)}
      data-outcome={payment.status}
    >
      <Text size="sm">
        {good ? t('send.done') : t(`status.${payment.status}Hint`, { code: payment.code ?? '' })}
      </Text>
      {payment.id !== undefined && (
        <Anchor component={Link} to="/search" search={{ q: payment.id } as never} size="sm">
          {t('recent.receipt')}
        </Anchor>
      )}
    </Alert>
  );
}

/** The address that a text means: a contact's by its name, else the text. */
function addressOf(text: string, contacts: readonly { name: string; address: string }[]): string {
  const trimmed = text.trim();
  return contacts.find(({ name }) => name === trimmed)?.address ?? trimmed;
}

function receiverOk(address: string, prefix: AddressPrefix): boolean {
  return decodeAddress(address, prefix).ok;
}

function receiverFailure(address: string, prefix: AddressPrefix) {
  const decoded = decodeAddress(address, prefix);
  return decoded.ok ? { code: '', message: '' } : decoded.error;
}

function check(to: string, amountText: string, memo: string, prefix: AddressPrefix): Result<Checked> {
  const address = decodeAddress(to, prefix);
  if (!address.ok) return address;
  const amount = parseAmount(amountText.trim());
  if (!amount.ok) return amount;
  if (utf8(memo).length > MAX_MEMO_BYTES)
    return fail('memo-long', `A memo has at most ${MAX_MEMO_BYTES} bytes.`);
  const operation = transfer(to, amount.value, prefix);
  return operation.ok ? ok({ to, amount: amount.value, operations: [operation.value] }) : operation;
}
