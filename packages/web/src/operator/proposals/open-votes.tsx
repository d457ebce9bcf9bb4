import { getProposalPage } from '@iotw/sdk/client/committee';
import { Alert, Anchor, List } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { useResult } from '../../data/use-result.ts';
import { useRoles, withRole } from '../roles.ts';

const LOOK_MS = 5_000;
const NEWEST = 50;

/** What waits for a vote of this wallet's members, first thing in the console; nothing for everybody else. */
export function OpenVotes() {
  const { t } = useTranslation('operator');
  const { acting } = useRoles();
  const members = withRole(acting, ({ member }) => member);
  const proposals = useResult(['proposals', 'newest'], () => getProposalPage(connection, { limit: NEWEST }), {
    every: LOOK_MS,
    enabled: members.length > 0,
  });
  const open = (proposals.data?.items ?? []).filter(
    ({ state, votes }) =>
      state === 'open' && members.some(({ address }) => !votes.some(({ member }) => member === address)),
  );
  if (members.length === 0 || open.length === 0) return null;
  return (
    <Alert variant="light" title={t('vote.waiting')} data-waiting={open.length}>
      <List size="sm" listStyleType="none">
        {open.map(({ number, kind, expiryEpoch }) => (
          <List.Item key={number}>
            <Anchor component={Link} to={`/operate/proposals/${number}`} size="sm" underline="always">
              #{number} {t(`kind.${kind}`, { defaultValue: kind })}
            </Anchor>
            {' · '}
            {t('vote.until', { epoch: expiryEpoch })}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
