import { getCommittee, getProposalPage, type ProposalInfo } from '@iotw/sdk/client/committee';
import { Badge, Button, Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { count } from '../../data/format.ts';
import { useResult } from '../../data/use-result.ts';
import { To } from '../../explorer/parts/links.tsx';
import { Rows } from '../../explorer/parts/listing.tsx';
import { Answer, State } from '../../explorer/parts/page.tsx';
import { Heading } from '../parts/heading.tsx';
import { useRoles, withRole } from '../roles.ts';

const LOOK_MS = 5_000;
const NEWEST = 50;

/** What is proposed and how it stands; members propose and vote. */
export function ProposalsPage() {
  const { t } = useTranslation('operator');
  const { acting } = useRoles();
  const members = withRole(acting, ({ member }) => member);
  const committee = useResult(['committee'], () => getCommittee(connection));
  const proposals = useResult(['proposals', 'newest'], () => getProposalPage(connection, { limit: NEWEST }), {
    every: LOOK_MS,
  });
  return (
    <>
      <Group justify="space-between" align="flex-start">
        <Heading title={t('places.proposals')} about={t('proposals.about')} />
        {members.length > 0 ? (
          <Button component={Link} to="/operate/proposals/new">
            {t('proposals.new')}
          </Button>
        ) : (
          <Badge variant="default">{t('proposals.membersOnly')}</Badge>
        )}
      </Group>
      <Answer of={committee}>
        {({ threshold, members: all }) => (
          <Text fz="sm">{t('proposals.threshold', { threshold, all: all.length })}</Text>
        )}
      </Answer>
      <Answer of={proposals}>
        {({ items }) => (
          <div data-shown={items.length}>
            <Rows
              area="operator"
              items={[...items].sort(openFirst)}
              keyOf={({ number }) => String(number)}
              columns={[
                {
                  name: 'proposal',
                  cell: ({ number, kind }) => (
                    <To to={`/operate/proposals/${number}`}>
                      #{number} {t(`kind.${kind}`, { defaultValue: kind })}
                    </To>
                  ),
                },
                { name: 'state', cell: ({ state }) => <State of={state} /> },
                {
                  name: 'yes',
                  cell: ({ yes, threshold }) => t('of', { some: yes, all: threshold }),
                  end: true,
                },
                { name: 'no', cell: ({ no }) => count(no), end: true },
                { name: 'until', cell: ({ expiryEpoch }) => count(expiryEpoch), end: true },
              ]}
            />
          </div>
        )}
      </Answer>
      <Text fz="sm">
        <To to="/votes">{t('proposals.older')}</To>
      </Text>
    </>
  );
}

function openFirst(a: ProposalInfo, b: ProposalInfo): number {
  return Number(b.state === 'open') - Number(a.state === 'open') || b.number - a.number;
}
