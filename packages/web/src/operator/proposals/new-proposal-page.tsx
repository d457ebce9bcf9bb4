import type { Result } from '@iotw/kernel/result';
import { proposalFromJson } from '@iotw/protocol/proposal-json';
import { PROPOSAL_KIND, type ProposalContent, type ProposalKind } from '@iotw/protocol/proposals';
import { getProposalPage } from '@iotw/sdk/client/committee';
import { propose } from '@iotw/sdk/transaction/committee-operations';
import { NumberInput, Paper, Select, Stack, Text } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { Act } from '../../wallet/act.tsx';
import { useNetwork } from '../../wallet/use-account.ts';
import { AccountChoice } from '../account-choice.tsx';
import { carriedOut } from '../carry-out.ts';
import { Heading } from '../parts/heading.tsx';
import { type Acting, useRoles, withRole } from '../roles.ts';
import { ContentForm } from './content-form.tsx';
import { EffectText } from './effect-text.tsx';
import { contentOf, FORMS } from './forms.ts';
import { ParameterForm } from './parameter-form.tsx';

const KINDS = Object.keys(PROPOSAL_KIND) as ProposalKind[];
/** Epochs that votes count for, unless the member says otherwise. */
const OPEN_EPOCHS = 360;

/** A member's proposal: what, with a preview of what it comes to, until when; signed on the signer's screen. */
export function NewProposalPage() {
  const { t } = useTranslation('operator');
  const { kind: asked, of } = useSearch({ strict: false }) as { kind?: string; of?: string };
  const { acting, isKnown } = useRoles();
  const members = withRole(acting, ({ member }) => member);
  const [kind, setKind] = useState<ProposalKind>(KINDS.find((known) => known === asked) ?? 'parameters');
  return (
    <>
      <Heading title={t('proposals.new')} about={t('proposals.newAbout')} />
      {members.length === 0 && <Text c="dimmed">{t(isKnown ? 'vote.membersOnly' : 'role.needed')}</Text>}
      <Select
        label={t('fact.kind')}
        data={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))}
        value={kind}
        allowDeselect={false}
        searchable
        onChange={(value) => value !== null && setKind(value as ProposalKind)}
        maw={420}
      />
      <EffectText kind={kind} />
      {kind === 'parameters' ? (
        <ParameterForm>
          {(changes) => <Submit kind={kind} content={changes && { changes }} members={members} />}
        </ParameterForm>
      ) : (
        <Fields key={kind} kind={kind} of={of} members={members} />
      )}
    </>
  );
}

function Fields({
  kind,
  of,
  members,
}: {
  readonly kind: Exclude<ProposalKind, 'parameters'>;
  readonly of: string | undefined;
  readonly members: readonly Acting[];
}) {
  const fields = FORMS[kind];
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>(
    of === undefined ? {} : { [fields[0]![0]]: of },
  );
  const network = useNetwork();
  const content = contentOf(fields, typed);
  const read = network.data && proposalFromJson(kind, content, network.data.addressPrefix);
  const isBegun = fields.every(([name]) => (typed[name] ?? '').trim() !== '');
  return (
    <>
      <ContentForm
        fields={fields}
        typed={typed}
        onType={(name, text) => setTyped({ ...typed, [name]: text })}
        {...(isBegun && read !== undefined && !read.ok ? { failure: read.error } : {})}
      />
      <Submit kind={kind} content={isBegun ? content : undefined} members={members} />
    </>
  );
}

/** Until when votes count, who proposes, and the button. `content` undefined: something is missing or wrong. */
function Submit({
  kind,
  content,
  members,
}: {
  readonly kind: ProposalKind;
  readonly content: object | undefined;
  readonly members: readonly Acting[];
}) {
  const { t } = useTranslation('operator');
  const network = useNetwork();
  const navigate = useNavigate();
  const [epochs, setEpochs] = useState(OPEN_EPOCHS);
  const [choice, setChoice] = useState<string>();
  const by = members.find(({ address }) => address === choice) ?? members[0];
  const read: Result<ProposalContent> | undefined =
    content === undefined || network.data === undefined
      ? undefined
      : proposalFromJson(kind, content, network.data.addressPrefix);
  const send = async (): Promise<Result<unknown>> => {
    if (by === undefined || network.data === undefined || read === undefined)
      return { ok: true, value: undefined };
    if (!read.ok) return read;
    const operation = propose(read.value, network.data.epoch + epochs);
    const done = await carriedOut({ by, act: 'propose', what: t(`kind.${kind}`), operations: [operation] });
    if (!done.ok) return done;
    const mine = await getProposalPage(connection, { limit: 10 });
    const made = mine.ok && mine.value.items.find(({ proposer }) => proposer === by.address);
    await navigate({ to: made ? `/operate/proposals/${made.number}` : '/operate/proposals' });
    return done;
  };
  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <NumberInput
          label={t('proposals.epochs')}
          description={t('proposals.epochsHint', { epoch: (network.data?.epoch ?? 0) + epochs })}
          value={epochs}
          min={1}
          max={100_000}
          allowDecimal={false}
          onChange={(value) => setEpochs(typeof value === 'number' ? value : OPEN_EPOCHS)}
          maw={320}
        />
        <AccountChoice among={members} chosen={by} onChoose={setChoice} />
        <Act run={send} disabled={by === undefined || read === undefined || !read.ok} w="fit-content">
          {t('proposals.sign')}
        </Act>
      </Stack>
    </Paper>
  );
}
