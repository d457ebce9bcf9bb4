import type { RolesInfo } from '@iotw/sdk/client/committee';
import { Anchor, Badge, Group, Paper, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useWallet } from '../wallet/session.ts';
import { hasRole, useRoles } from './roles.ts';

/** Which of the wallet's accounts may do what here. Every page can be read without any. */
export function RoleBar() {
  const { t } = useTranslation('operator');
  const { state, failure } = useWallet();
  const { acting, isKnown } = useRoles();
  const some = acting.filter(({ roles }) => hasRole(roles));
  return (
    <Paper withBorder px="md" py="xs" data-roles={some.length} data-print="no">
      {some.map(({ account, address, roles }) => (
        <Group key={address} gap="xs" py={2}>
          <Text fw={600} size="sm" style={{ overflowWrap: 'anywhere' }}>
            {account.name}
          </Text>
          {namesOf(roles).map(([name, value]) => (
            <Badge key={`${name} ${value}`} variant="light" tt="none" data-role={name}>
              {t(`role.${name}`, { value })}
            </Badge>
          ))}
        </Group>
      ))}
      {some.length === 0 && (
        <Text size="sm" c="dimmed">
          {failure !== undefined || state?.vault === 'none'
            ? t('role.noWallet')
            : isKnown
              ? t('role.none')
              : t('role.looking')}{' '}
          <Anchor component={Link} to="/wallet" size="sm" underline="always">
            {t('role.wallet')}
          </Anchor>
        </Text>
      )}
    </Paper>
  );
}

const SHOWN_BATCHES = 3;

function namesOf(roles: RolesInfo): readonly (readonly [name: string, value: string])[] {
  return [
    ...(roles.member ? ([['member', '']] as const) : []),
    ...roles.makers.map(({ maker, name }) => ['maker', `${maker} ${name}`] as const),
    ...roles.batches
      .slice(0, SHOWN_BATCHES)
      .map(({ maker, batch }) => ['batch', `${maker}/${batch}`] as const),
    ...roles.trustNodes.map((index) => ['trustNode', String(index)] as const),
    ...roles.ledgerServers.map((index) => ['ledgerServer', String(index)] as const),
  ];
}
