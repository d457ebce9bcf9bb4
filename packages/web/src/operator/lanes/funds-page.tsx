import { ok, type Result } from '@iotw/kernel/result';
import { getHealth, type LaneHealth } from '@iotw/sdk/client/health';
import { laneFund } from '@iotw/sdk/transaction/node-operations';
import { Badge, Group, Paper, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { iotw } from '../../data/format.ts';
import { useResult } from '../../data/use-result.ts';
import { Rows } from '../../explorer/parts/listing.tsx';
import { Answer } from '../../explorer/parts/page.tsx';
import { Act } from '../../wallet/act.tsx';
import { useFailureText } from '../../wallet/failure-text.ts';
import { useAccountInfo, useNetwork } from '../../wallet/use-account.ts';
import { AccountChoice } from '../account-choice.tsx';
import { carriedOut } from '../carry-out.ts';
import { Heading } from '../parts/heading.tsx';
import { type Acting, useRoles } from '../roles.ts';
import { readFunds } from './read-funds.ts';

const LOOK_MS = 5_000;

/** Credit and bond of lanes: what they are, and more of it from any account. */
export function FundsPage() {
  const { t } = useTranslation('operator');
  const { acting } = useRoles();
  const health = useResult(['health'], () => getHealth(connection), { every: LOOK_MS });
  return (
    <>
      <Group justify="space-between" align="flex-start">
        <Heading title={t('places.funds')} about={t('funds.about')} />
        <Badge variant="default">{t('open')}</Badge>
      </Group>
      <Answer of={health}>
        {({ lanes }) => (
          <>
            <div data-lanes={lanes.length}>
              <Rows
                area="operator"
                items={lanes}
                keyOf={({ lane }) => String(lane)}
                columns={[
                  { name: 'lane', cell: ({ lane }) => lane },
                  { name: 'operator', cell: ({ operator }) => operator },
                  { name: 'credit', cell: ({ credit }) => iotw(credit), end: true },
                  { name: 'bond', cell: ({ bond }) => iotw(bond), end: true },
                ]}
              />
            </div>
            {acting.length === 0 ? (
              <Text c="dimmed">{t('funds.wallet')}</Text>
            ) : (
              <Fund lanes={lanes} acting={acting} />
            )}
          </>
        )}
      </Answer>
    </>
  );
}

function Fund({
  lanes,
  acting,
}: {
  readonly lanes: readonly LaneHealth[];
  readonly acting: readonly Acting[];
}) {
  const { t } = useTranslation('operator');
  const failureText = useFailureText();
  const network = useNetwork();
  const own = acting.flatMap(({ roles }) => roles.trustNodes)[0];
  const [choice, setChoice] = useState<string>();
  const [chosen, setChosen] = useState<string>();
  const [form, setForm] = useState({ credit: '', bond: '' });
  const lane = lanes.find((one) => String(one.lane) === (chosen ?? String(own ?? 0))) ?? lanes[0];
  const by = acting.find(({ address }) => address === choice) ?? acting[0];
  const account = useAccountInfo(by?.address ?? '');
  const balance = account.data?.balance ?? 0;
  const read = readFunds(form, balance, network.data?.parameters ?? {});
  const isBegun = form.credit.trim() !== '' || form.bond.trim() !== '';
  if (lane === undefined || by === undefined) return null;
  const send = async (): Promise<Result<void>> => {
    if (!read.ok) return read;
    const operation = laneFund(lane.lane, read.value.credit, read.value.bond);
    if (!operation.ok) return operation;
    const what = t('funds.what', { lane: lane.lane });
    const done = await carriedOut({ by, act: 'fund', what, operations: [operation.value] });
    if (!done.ok) return done;
    setForm({ credit: '', bond: '' });
    return ok(undefined);
  };
  const amount = (name: 'credit' | 'bond') => (
    <TextInput
      label={t(`fact.${name}`)}
      description={t(`funds.${name}`)}
      name={name}
      inputMode="decimal"
      autoComplete="off"
      value={form[name]}
      onChange={({ currentTarget }) => setForm({ ...form, [name]: currentTarget.value })}
      error={!read.ok && read.error.data?.of === name ? failureText(read.error) : undefined}
      rightSection={<Text size="sm">IOTW</Text>}
      rightSectionWidth={60}
    />
  );
  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <Select
          label={t('fact.lane')}
          data={lanes.map((one) => ({ value: String(one.lane), label: `${one.lane} ${one.operator}` }))}
          value={String(lane.lane)}
          allowDeselect={false}
          onChange={(value) => value !== null && setChosen(value)}
          maw={320}
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          {amount('credit')}
          {amount('bond')}
        </SimpleGrid>
        <AccountChoice among={acting} chosen={by} onChoose={setChoice} />
        {read.ok && (
          <div data-preview="funds">
            <Rows
              area="operator"
              items={[
                { of: 'credit', before: lane.credit, after: lane.credit + read.value.credit },
                { of: 'bond', before: lane.bond, after: lane.bond + read.value.bond },
                { of: 'account', before: balance, after: balance - read.value.total },
              ]}
              keyOf={({ of }) => of}
              columns={[
                { name: 'what', cell: ({ of }) => t(of === 'account' ? 'funds.account' : `fact.${of}`) },
                { name: 'before', cell: ({ before }) => iotw(before), end: true },
                { name: 'after', cell: ({ after }) => iotw(after), end: true },
              ]}
            />
            <Text fz="sm" mt="xs">
              {t(lane.suspended.includes('unfunded') ? 'funds.ends' : 'funds.noWay')}
            </Text>
          </div>
        )}
        {!read.ok && isBegun && read.error.data?.of === undefined && (
          <Text role="alert" size="sm" c="red" data-code={read.error.code}>
            {failureText(read.error)}
          </Text>
        )}
        <Act run={send} disabled={!read.ok} w="fit-content">
          {t('funds.go')}
        </Act>
      </Stack>
    </Paper>
  );
}
