import { getCommittee, getProposal, getProposalPage, type ProposalInfo } from '@iotw/sdk/client/committee';
import { Code, Group, Progress, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { count } from '../../data/format.ts';
import { useResult } from '../../data/use-result.ts';
import { Facts } from '../parts/facts.tsx';
import { AccountLink, NumberLink } from '../parts/links.tsx';
import { Listing, Rows } from '../parts/listing.tsx';
import { Answer, Page, Section, State } from '../parts/page.tsx';

/** What the steering committee proposes and how its members vote. */

export function VotesPage() {
  const { t } = useTranslation('explorer');
  const committee = useResult(['committee'], () => getCommittee(connection));
  return (
    <Page kind="vote" about={t('about.vote')}>
      <Listing
        name="proposals"
        queryKey={[]}
        load={(cursor, signal) =>
          getProposalPage(connection, { limit: 25, signal, ...(cursor === undefined ? {} : { cursor }) })
        }
        columns={[
          { name: 'proposal', cell: ({ number }) => <NumberLink of="vote" n={number} /> },
          { name: 'what', cell: ({ kind }) => t(`proposal.${kind}`, { defaultValue: kind }) },
          { name: 'state', cell: ({ state }) => <State of={state} /> },
          { name: 'yes', cell: ({ yes, threshold }) => `${yes} / ${threshold}`, end: true },
          { name: 'no', cell: ({ no }) => count(no), end: true },
          { name: 'expiryEpoch', cell: ({ expiryEpoch }) => count(expiryEpoch), end: true },
        ]}
        keyOf={({ number }) => String(number)}
      />
      <Section title={t('section.members')}>
        <Answer of={committee}>
          {({ members, threshold }) => (
            <>
              <Text fz="sm" c="dimmed" mb="xs">
                {t('committee.threshold', { threshold, members: members.length })}
              </Text>
              <Rows
                items={members}
                keyOf={(member) => member}
                columns={[{ name: 'member', cell: (member) => <AccountLink address={member} whole /> }]}
              />
            </>
          )}
        </Answer>
      </Section>
    </Page>
  );
}

export function VotePage() {
  const { n } = useParams({ strict: false }) as { n: string };
  const proposal = useResult(['proposal', n], () => getProposal(connection, Number(n)), { every: 10_000 });
  return <Answer of={proposal}>{(found) => <Details proposal={found} />}</Answer>;
}

function Details({ proposal: p }: { readonly proposal: ProposalInfo }) {
  const { t } = useTranslation('explorer');
  return (
    <Page kind="vote" name={`#${p.number}`} badge={<State of={p.state} />} data={p} about={t('about.vote')}>
      <Facts
        facts={[
          ['what', t(`proposal.${p.kind}`, { defaultValue: p.kind })],
          [
            'yes',
            <Group key="yes" gap="sm" wrap="nowrap">
              <Progress value={(100 * p.yes) / Math.max(1, p.threshold)} w={140} aria-label={t('fact.yes')} />
              {p.yes} / {p.threshold}
            </Group>,
          ],
          ['no', count(p.no)],
          ['proposer', <AccountLink key="proposer" address={p.proposer} whole />],
          ['round', <NumberLink key="round" of="round" n={p.round} />],
          ['expiryEpoch', count(p.expiryEpoch)],
          [
            'decidedRound',
            p.decidedRound === null ? undefined : <NumberLink key="decided" of="round" n={p.decidedRound} />,
          ],
          ['effectiveEpoch', p.effectiveEpoch === null ? undefined : count(p.effectiveEpoch)],
          ['result', p.code ?? undefined],
        ]}
      />
      <Section title={t('section.content')}>
        <Code block>{JSON.stringify(p.content, null, 2)}</Code>
      </Section>
      <Section title={t('section.votes')}>
        <Rows
          items={p.votes}
          keyOf={({ member }) => member}
          columns={[
            { name: 'member', cell: ({ member }) => <AccountLink address={member} /> },
            { name: 'vote', cell: ({ approve }) => t(approve ? 'yes' : 'no') },
            { name: 'round', cell: ({ round }) => <NumberLink of="round" n={round} /> },
          ]}
        />
      </Section>
    </Page>
  );
}
