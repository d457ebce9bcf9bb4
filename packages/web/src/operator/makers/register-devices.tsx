import { fromHex } from '@iotw/kernel/bytes';
import { ok, type Result } from '@iotw/kernel/result';
import { Alert, Button, FileButton, Group, List, Progress, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { count } from '../../data/format.ts';
import { Act } from '../../wallet/act.tsx';
import { useNetwork } from '../../wallet/use-account.ts';
import { AccountChoice } from '../account-choice.tsx';
import { carryOut } from '../carry-out.ts';
import type { Acting } from '../roles.ts';
import { type Batch, checkDelivery, DEVICES_PER_TRANSACTION, registration } from './delivery.ts';
import { type DeliveryRow, type RowFault, readDelivery } from './delivery-csv.ts';
import { Labels } from './labels.tsx';

const SHOWN_FAULTS = 50;
const HEADER = 'key,region,class,signature,label';

interface Checked {
  readonly rows: readonly DeliveryRow[];
  readonly done: readonly DeliveryRow[];
  readonly faults: readonly RowFault[];
}

/** A list of devices into a batch: checked line by line, registered by transactions of a readable size, then labelled. */
export function RegisterDevices({
  into,
  by,
  acting,
}: {
  readonly into: Batch;
  /** Whose key the batch's is. */
  readonly by: Acting;
  readonly acting: readonly Acting[];
}) {
  const { t } = useTranslation('operator');
  const network = useNetwork();
  const [text, setText] = useState('');
  const [choice, setChoice] = useState<string>();
  // A batch's key need not have money: the maker's account pays, unless told otherwise.
  const payer =
    acting.find(({ address }) => address === choice) ??
    acting.find(({ roles }) => roles.makers.length > 0) ??
    by;
  const [checked, setChecked] = useState<Checked>();
  const [progress, setProgress] = useState<{ readonly done: number; readonly all: number }>();
  const id = fromHex(network.data?.network ?? '', 32);

  const typed = (value: string) => {
    setText(value);
    setChecked(undefined);
  };
  const check = async (): Promise<Result<void>> => {
    const { rows, faults } = readDelivery(text, network.data?.regions ?? []);
    if (id === undefined || rows.length === 0) {
      setChecked({ rows: [], done: [], faults });
      return ok(undefined);
    }
    const all = rows.length;
    const held = await checkDelivery(connection, id, into, rows, (done) => setProgress({ done, all }));
    setProgress(undefined);
    if (!held.ok) return held;
    setChecked({ ...held.value, faults: [...faults, ...held.value.faults].sort((a, b) => a.line - b.line) });
    return ok(undefined);
  };
  const register = async (): Promise<Result<void>> => {
    let { rows, done } = checked!;
    const all = rows.length;
    for (let from = 0; rows.length > 0; from += DEVICES_PER_TRANSACTION) {
      setProgress({ done: from, all });
      const some = rows.slice(0, DEVICES_PER_TRANSACTION);
      const sent = await carryOut({
        ...{
          by: payer,
          statements: by,
          act: 'register',
          what: t('delivery.devices', { count: some.length }),
        },
        operations: some.map((row) => registration(into, row)),
      });
      if (!sent.ok) {
        setProgress(undefined);
        return sent;
      }
      rows = rows.slice(some.length);
      done = [...done, ...some];
      setChecked({ rows, done, faults: [] });
    }
    setProgress(undefined);
    return ok(undefined);
  };
  const isGood = checked !== undefined && checked.faults.length === 0;
  return (
    <Stack gap="sm">
      <Text fz="sm">{t('delivery.about')}</Text>
      <Group>
        <FileButton accept=".csv,text/csv,text/plain" onChange={(file) => void file?.text().then(typed)}>
          {(props) => (
            <Button variant="default" {...props}>
              {t('delivery.file')}
            </Button>
          )}
        </FileButton>
      </Group>
      <Textarea
        label={t('delivery.list')}
        name="delivery"
        placeholder={HEADER}
        value={text}
        onChange={({ currentTarget }) => typed(currentTarget.value)}
        autosize
        minRows={4}
        maxRows={12}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      />
      <Act run={check} variant="default" disabled={text.trim() === ''} w="fit-content">
        {t('delivery.check')}
      </Act>
      {progress !== undefined && (
        <div role="status">
          <Progress value={(100 * progress.done) / progress.all} aria-label={t('delivery.progress')} />
          <Text fz="sm">{t('of', { some: count(progress.done), all: count(progress.all) })}</Text>
        </div>
      )}
      {checked !== undefined && <Verdict of={checked} />}
      {isGood && checked.rows.length > 0 && (
        <AccountChoice among={acting} chosen={payer} onChoose={setChoice} />
      )}
      {isGood && checked.rows.length > 0 && (
        <Act run={register} w="fit-content">
          {t('delivery.register', { count: checked.rows.length })}
        </Act>
      )}
      {isGood && checked.done.length > 0 && id !== undefined && <Labels network={id} rows={checked.done} />}
    </Stack>
  );
}

function Verdict({ of: { rows, done, faults } }: { readonly of: Checked }) {
  const { t } = useTranslation('operator');
  if (faults.length === 0) {
    return (
      <Text role="status" data-registered={done.length}>
        {t('delivery.good', { good: count(rows.length), done: count(done.length) })}
      </Text>
    );
  }
  return (
    <Alert color="red" title={t('delivery.faults', { count: faults.length })} role="alert">
      <List size="sm">
        {faults.slice(0, SHOWN_FAULTS).map(({ line, what, values }) => (
          <List.Item
            key={`${line} ${what}`}
            data-fault={`${line} ${what}`}
            style={{ overflowWrap: 'anywhere' }}
          >
            {t('delivery.line', { line })} {t(`delivery.fault.${what}`, values)}
          </List.Item>
        ))}
      </List>
      {faults.length > SHOWN_FAULTS && (
        <Text fz="sm">{t('delivery.more', { count: faults.length - SHOWN_FAULTS })}</Text>
      )}
    </Alert>
  );
}
