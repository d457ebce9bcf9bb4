import { Alert, Container, Group, Select, Stack, Text } from '@mantine/core';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Loading } from '../app/layout.tsx';
import { PlacesBar } from '../app/places-bar.tsx';
import { Problem } from '../app/problem.tsx';
import { FailureError } from '../data/use-result.ts';
import { Act } from './act.tsx';
import { askSigner, restartWallet, useWallet } from './session.ts';
import { StartPage } from './start-page.tsx';
import { chooseAccount, useCurrentAccount } from './use-account.ts';

const PLACES = [
  '/wallet',
  '/wallet/send',
  '/wallet/receive',
  '/wallet/devices',
  '/wallet/history',
  '/wallet/contacts',
];

/** What every page of the wallet has: which account, where one is, whether it is locked. */
export function WalletFrame() {
  const { t } = useTranslation('wallet');
  const { state, failure } = useWallet();
  if (failure !== undefined) {
    return (
      <Container size="sm" py="md">
        <Problem error={new FailureError(failure)} onAgain={restartWallet} />
      </Container>
    );
  }
  if (state === undefined) return <Loading />;
  if (state.vault === 'none') return <StartPage />;
  return (
    <Container size="md" py="md">
      <Stack gap="md">
        <Group justify="space-between" align="flex-end">
          <AccountChoice />
          <Group gap="xs">
            <LockButton locked={state.vault === 'locked'} />
            <Act variant="default" run={() => askSigner({ type: 'settings' })}>
              {t('settings')}
            </Act>
          </Group>
        </Group>
        <Places />
        {!state.backedUp && (
          <Alert color="yellow" title={t('backup.title')}>
            <Group justify="space-between">
              <Text size="sm">{t('backup.why')}</Text>
              <Act size="xs" variant="default" run={() => askSigner({ type: 'backup' })}>
                {t('backup.go')}
              </Act>
            </Group>
          </Alert>
        )}
        <Outlet />
      </Stack>
    </Container>
  );
}

function LockButton({ locked }: { readonly locked: boolean }) {
  const { t } = useTranslation('wallet');
  return (
    <Act variant="default" run={() => askSigner({ type: locked ? 'unlock' : 'lock' })}>
      {t(locked ? 'unlock' : 'lock')}
    </Act>
  );
}

function AccountChoice() {
  const { t } = useTranslation('wallet');
  const { state } = useWallet();
  const current = useCurrentAccount();
  const accounts = state?.accounts ?? [];
  const add = async () => {
    const name = freeName(
      t('account.another'),
      accounts.map((known) => known.name),
    );
    const added = await askSigner({ type: 'add-account', name });
    if (added.ok) chooseAccount(added.value.accounts.at(-1)!.account);
    return added;
  };
  return (
    <Group align="flex-end" gap="xs">
      <Select
        label={t('account.label')}
        data={accounts.map(({ name, account }) => ({ value: String(account), label: name }))}
        value={String(current?.account ?? 0)}
        allowDeselect={false}
        onChange={(value) => value !== null && chooseAccount(Number(value))}
        w={170}
      />
      <Act variant="default" run={add}>
        {t('account.add')}
      </Act>
    </Group>
  );
}

/** `base 2`, `base 3`, …: the first that no account has. */
function freeName(base: string, taken: readonly string[]): string {
  for (let number = taken.length + 1; ; number++) {
    const name = `${base} ${number}`;
    if (!taken.includes(name)) return name;
  }
}

function Places() {
  const { t } = useTranslation('wallet');
  const path = useRouterState({ select: (state) => state.location.pathname.replace(/\/$/, '') });
  const place = /^\/wallet\/(device\/|code$)/.test(path) ? '/wallet/devices' : path;
  const places = PLACES.map((to) => ({ to, name: t(`places.${to.slice('/wallet/'.length) || 'home'}`) }));
  return <PlacesBar label={t('places.label')} places={places} here={place} />;
}
