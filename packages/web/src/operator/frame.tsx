import { Container, Stack } from '@mantine/core';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { PlacesBar } from '../app/places-bar.tsx';
import { PLACES } from './places.ts';
import { RoleBar } from './role-bar.tsx';

/** What every page of the console has: where one is, and what one's keys may do. */
export function OperatorFrame() {
  return (
    <Container size="lg" py="md">
      <Stack gap="md">
        <Places />
        <RoleBar />
        <Outlet />
      </Stack>
    </Container>
  );
}

function Places() {
  const { t } = useTranslation('operator');
  const path = useRouterState({ select: (state) => state.location.pathname.replace(/\/$/, '') });
  const here = PLACES.map(([to]) => to).findLast((to) => path === to || path.startsWith(`${to}/`));
  const places = PLACES.map(([to, name]) => ({ to, name: t(`places.${name}`) }));
  return <PlacesBar label={t('places.label')} places={places} here={here} />;
}
