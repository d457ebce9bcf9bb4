import { fromHex } from '@iotw/kernel/bytes';
import { ok, type Result } from '@iotw/kernel/result';
import { getDevice } from '@iotw/sdk/client/devices';
import { getTrustNode } from '@iotw/sdk/client/trust-nodes';
import { appeal } from '@iotw/sdk/transaction/node-operations';
import { Badge, Group, Paper, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { useResult } from '../../data/use-result.ts';
import { To } from '../../explorer/parts/links.tsx';
import { Rows } from '../../explorer/parts/listing.tsx';
import { Act } from '../../wallet/act.tsx';
import { useNetwork } from '../../wallet/use-account.ts';
import { AccountChoice } from '../account-choice.tsx';
import { carriedOut } from '../carry-out.ts';
import { Heading } from '../parts/heading.tsx';
import { useRoles } from '../roles.ts';
import { type AppealProof, judgeAppeal, readAppeal } from './appeal-check.ts';

/** The proof that a blacklisted device was right, looked through here and decided by the ledger alone. */
export function AppealPage() {
  const { t } = useTranslation('operator');
  const { acting } = useRoles();
  const [typed, setTyped] = useState({ attestation: '', header: '' });
  const [done, setDone] = useState<number>();
  const isBegun = typed.attestation.trim() !== '' && typed.header.trim() !== '';
  const read = readAppeal(typed.attestation, typed.header);
  const field = (name: 'attestation' | 'header') => (
    <Textarea
      label={t(`appeal.${name}`)}
      description={t(`appeal.${name}Hint`)}
      name={name}
      autosize
      minRows={3}
      maxRows={8}
      spellCheck={false}
      autoComplete="off"
      value={typed[name]}
      onChange={({ currentTarget }) => setTyped({ ...typed, [name]: currentTarget.value })}
    />
  );
  return (
    <>
      <Group justify="space-between" align="flex-start">
        <Heading title={t('appeal.title')} about={t('appeal.about')} />
        <Badge variant="default">{t('open')}</Badge>
      </Group>
      <Paper withBorder p="md">
        <Stack gap="sm">
          {field('attestation')}
          {field('header')}
          {isBegun && !read.ok && <Fault code={read.error.code} />}
          {acting.length === 0 && <Text c="dimmed">{t('appeal.wallet')}</Text>}
          {read.ok && (
            <Judged
              key={`${typed.attestation}${typed.header}`}
              proof={read.value}
              onDone={(device) => {
                setTyped({ attestation: '', header: '' });
                setDone(device);
              }}
            />
          )}
          {done !== undefined && (
            <Text role="status" data-outcome="final">
              {t('appeal.done', { device: done })} <To to={`/device/${done}`}>#{done}</To>
            </Text>
          )}
        </Stack>
      </Paper>
      <Text fz="sm">{t('removed.appeal')}</Text>
    </>
  );
}

/** What the two say, what the ledger would answer, and the button. */
function Judged({
  proof,
  onDone,
}: {
  readonly proof: AppealProof;
  readonly onDone: (device: number) => void;
}) {
  const { t } = useTranslation('operator');
  const { acting } = useRoles();
  const network = useNetwork();
  const [choice, setChoice] = useState<string>();
  const { attestation, signed, attestationBytes, headerBytes } = proof;
  const { lane } = signed.header;
  const device = useResult(['device', String(attestation.device)], () =>
    getDevice(connection, attestation.device),
  );
  const node = useResult(['trust-node', lane], () => getTrustNode(connection, lane));
  const by = acting.find(({ address }) => address === choice) ?? acting[0];
  const id = fromHex(network.data?.network ?? '', 32);
  if (device.error !== null) return <Fault code="appeal-device" />;
  if (node.error !== null) return <Fault code="appeal-lane" />;
  if (id === undefined || device.data === undefined || node.data === undefined) return null;
  const judged = judgeAppeal(id, proof, device.data, [node.data.key]);
  // A key that the lane had before counts for the ledger, and is not known here.
  const isOpen = judged.ok || judged.error.code === 'appeal-signature';
  const send = async (): Promise<Result<void>> => {
    if (by === undefined) return ok(undefined);
    const operations = [appeal(attestationBytes, headerBytes)];
    const sent = await carriedOut({ by, act: 'appeal', what: `#${attestation.device}`, operations });
    if (sent.ok) onDone(attestation.device);
    return sent;
  };
  const facts = [
    ['device', `#${attestation.device}`],
    ['reason', t(`reason.${device.data.blacklistReason}`, { defaultValue: '–' })],
    ['lane', String(attestation.lane)],
    ['height', String(attestation.height)],
  ] as const;
  return (
    <div data-preview="appeal">
      <Stack gap="sm">
        <Rows
          area="operator"
          items={facts.map(([of, value]) => ({ of, value }))}
          keyOf={({ of }) => of}
          columns={[
            { name: 'what', cell: ({ of }) => t(`fact.${of}`) },
            { name: 'says', cell: ({ value }) => value, end: true },
          ]}
        />
        {judged.ok ? <Text data-judged="ok">{t('appeal.good')}</Text> : <Fault code={judged.error.code} />}
        <AccountChoice among={acting} chosen={by} onChoose={setChoice} />
        <Act run={send} disabled={!isOpen || by === undefined} w="fit-content">
          {t('appeal.go')}
        </Act>
      </Stack>
    </div>
  );
}

function Fault({ code }: { readonly code: string }) {
  const { t } = useTranslation('operator');
  return (
    <Text role="alert" size="sm" c="red" data-code={code}>
      {t(`appeal.fault.${code}`)}
    </Text>
  );
}
