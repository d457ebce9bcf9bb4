import { PARAMETER_BOUNDS } from '@iotw/protocol/parameter-rules';
import type { ProposalKind } from '@iotw/protocol/proposals';
import { getCommittee, getProposal, type ProposalInfo } from '@iotw/sdk/client/committee';
import { getUpcomingParameters } from '@iotw/sdk/client/status';
import { vote } from '@iotw/sdk/transaction/committee-operations';
import { Anchor, Code, Group, Paper, Stack, Text } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { useResult } from '../../data/use-result.ts';
import { AccountLink, NumberLink } from '../../explorer/parts/links.tsx';
import { Rows } from '../../explorer/parts/listing.tsx';
import { Answer, Section, State } from '../../explorer/parts/page.tsx';
import { Act } from '../../wallet/act.tsx';
import { AccountChoice } from '../account-choice.tsx';
import { carriedOut } from '../carry-out.ts';
import { Heading } from '../parts/heading.tsx';
import { useRoles, withRole } from '../roles.ts';
import { EffectText } from './effect-text.tsx';
import {
  type ChangeRow,
  NAMED,
  PARAMETER_NAMES,
  type ParameterName,
  readParameters,
} from './parameter-preview.ts';
import { ParameterTable } from './parameter-table.tsx';

const LOOK_MS = 3_000;

/** One proposal: what it says and does, how its votes stand, and the vote of a member. */
export function ProposalPage() {
  const { n } = useParams({ strict: false }) as { n: string };
  const proposal = useResult(['proposal', n], () => getProposal(connection, Number(n)), { every: LOOK_MS });
  return <Answer of={proposal}>{(found) => <Details proposal={found} />}</Answer>;
}

function Details({ proposal: p }: { readonly proposal: ProposalInfo }) {
  const { t } = useTranslation('operator');
  const committee = useResult(['committee'], () => getCommittee(connection));
  const voted = new Set(p.votes.map(({ member }) => member));
  return (
    <>
      <Group justify="space-between" align="flex-start">
        <Heading
          title={`#${p.number} ${t(`kind.${p.kind}`, { defaultValue: p.kind })}`}
          about={t('proposal.about')}
        />
        <State of={p.state} />
      </Group>
      <EffectText kind={p.kind as ProposalKind} />
      {p.kind === 'parameters' ? <Changes content={p.content} /> : <Content content={p.content} />}
      {p.state === 'open' && <Vote proposal={p} voted={voted} />}
      {p.effectiveEpoch !== null && <Text>{t('proposal.effective', { epoch: p.effectiveEpoch })}</Text>}
      {p.code !== null && <Text c="red">{t('proposal.void', { code: p.code })}</Text>}
      <Section title={t('proposal.votes', { yes: p.yes, threshold: p.threshold })}>
        <Rows
          area="operator"
          items={p.votes}
          keyOf={({ member }) => member}
          columns={[
            { name: 'member', cell: ({ member }) => <AccountLink address={member} /> },
            { name: 'vote', cell: ({ approve }) => t(approve ? 'vote.yes' : 'vote.no') },
            { name: 'round', cell: ({ round }) => <NumberLink of="round" n={round} /> },
          ]}
        />
        {p.state === 'open' && committee.data !== undefined && (
          <Text fz="sm" mt="xs">
            {t('proposal.missing', {
              missing: committee.data.members.filter((member) => !voted.has(member)).length,
              epoch: p.expiryEpoch,
            })}
          </Text>
        )}
      </Section>
      <Text fz="sm">
        {t('proposal.source')}{' '}
        <Anchor component={Link} to={`/round/${p.round}`} underline="always">
          {p.round}
        </Anchor>
      </Text>
    </>
  );
}

/** The change against what the newest frozen epoch runs by. */
function Changes({ content }: { readonly content: unknown }) {
  const { t } = useTranslation('operator');
  const upcoming = useResult(['parameters'], () => getUpcomingParameters(connection));
  const changes = (content as { changes?: unknown } | null)?.changes;
  return (
    <Answer of={upcoming}>
      {({ items }) => {
        const before = readParameters(items.at(-1)?.parameters ?? {});
        const rows = before === undefined ? undefined : rowsOf(changes, before);
        return rows === undefined ? (
          <Content content={content} />
        ) : (
          <Section title={t('preview.title')}>
            <ParameterTable rows={rows} />
          </Section>
        );
      }}
    </Answer>
  );
}

function rowsOf(changes: unknown, before: Readonly<Record<string, number>>): ChangeRow[] | undefined {
  if (typeof changes !== 'object' || changes === null) return undefined;
  const rows: ChangeRow[] = [];
  for (const [key, told] of Object.entries(changes)) {
    const name = key as ParameterName;
    const after = typeof told === 'string' ? NAMED[name]?.[told] : told;
    if (!PARAMETER_NAMES.includes(name) || typeof after !== 'number') return undefined;
    const [least, most] = PARAMETER_BOUNDS[name];
    rows.push({ name, before: before[name]!, after, least, most, fault: undefined });
  }
  return rows;
}

function Content({ content }: { readonly content: unknown }) {
  const { t } = useTranslation('operator');
  return (
    <Section title={t('proposal.content')}>
      <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {JSON.stringify(content, null, 2)}
      </Code>
    </Section>
  );
}

function Vote({ proposal, voted }: { readonly proposal: ProposalInfo; readonly voted: ReadonlySet<string> }) {
  const { t } = useTranslation('operator');
  const { acting } = useRoles();
  const [choice, setChoice] = useState<string>();
  const members = withRole(acting, ({ member }) => member);
  const able = members.filter(({ address }) => !voted.has(address));
  const by = able.find(({ address }) => address === choice) ?? able[0];
  if (by === undefined)
    return <Text c="dimmed">{t(members.length === 0 ? 'vote.membersOnly' : 'vote.done')}</Text>;
  const cast = (approve: boolean) => () =>
    carriedOut({
      ...{ by, act: 'vote', what: `#${proposal.number} ${t(approve ? 'vote.yes' : 'vote.no')}` },
      operations: [vote(proposal.number, approve)],
    });
  return (
    <Paper withBorder p="md" data-vote={by.address}>
      <Stack gap="sm">
        <AccountChoice among={able} chosen={by} onChoose={setChoice} />
        <Text fz="sm">{t('vote.final', { account: by.account.name })}</Text>
        <Group>
          <Act run={cast(true)}>{t('vote.castYes')}</Act>
          <Act run={cast(false)} variant="default">
            {t('vote.castNo')}
          </Act>
        </Group>
      </Stack>
    </Paper>
  );
}
