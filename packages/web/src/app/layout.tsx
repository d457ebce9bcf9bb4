import { AppShell, Group, Loader, Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { placeIcons } from './icons.tsx';
import classes from './layout.module.css';
import { navigation } from './navigation.ts';
import { isAt } from './navigation-entry.ts';
import { LanguageMenu, ThemeSwitch } from './preferences.tsx';
import { ReconnectBanner } from './reconnect-banner.tsx';
import { SearchBox } from './search-box.tsx';

const PHONE = 'sm';

/** The frame around every page: where one is, search, theme, language. On a phone the places lie under the thumb. */
export function Layout() {
  const { t } = useTranslation('app');
  return (
    <AppShell
      header={{ height: { base: 104, [PHONE]: 60 } }}
      footer={{ height: { base: 'calc(3.75rem + env(safe-area-inset-bottom, 0px))', [PHONE]: 0 } }}
      padding={0}
    >
      <AppShell.Header className={classes.header}>
        <a className={classes.skip} href="#content">
          {t('skip')}
        </a>
        <div className={classes.bar}>
          <UnstyledButton component={Link} to="/" className={classes.brand} aria-label={t('name')}>
            <Mark />
            <Text fw={700} fz="lg" component="span" aria-hidden="true">
              {t('name')}
            </Text>
          </UnstyledButton>
          <nav className={classes.places} aria-label={t('navigation')}>
            <Places />
          </nav>
          <div className={classes.search}>
            <SearchBox />
          </div>
          <Group gap={4} wrap="nowrap" className={classes.preferences}>
            <LanguageMenu />
            <ThemeSwitch />
          </Group>
        </div>
      </AppShell.Header>
      <AppShell.Main id="content" tabIndex={-1} className={classes.main}>
        <ReconnectBanner />
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </AppShell.Main>
      <AppShell.Footer className={classes.footer} hiddenFrom={PHONE}>
        <nav className={classes.tabs} aria-label={t('navigation')}>
          <Places />
        </nav>
      </AppShell.Footer>
    </AppShell>
  );
}

function Places() {
  const { t } = useTranslation(['app']);
  const path = useRouterState({ select: (state) => state.location.pathname });
  return navigation.map((entry) => {
    const Icon = placeIcons[entry.icon];
    return (
      <Link
        key={entry.to}
        to={entry.to}
        className={classes.place!}
        {...(isAt(entry, path) ? { 'aria-current': 'page' as const, 'data-here': true } : {})}
      >
        <Icon size={20} />
        <span>{t(entry.label)}</span>
      </Link>
    );
  });
}

export function Loading() {
  const { t } = useTranslation('app');
  return (
    <Group justify="center" py="xl" role="status">
      <Loader type="dots" aria-hidden="true" />
      <VisuallyHidden>{t('loading')}</VisuallyHidden>
    </Group>
  );
}

/** Four witnesses around a block. */
function Mark() {
  return (
    <svg viewBox="0 0 16 16" width="26" height="26" aria-hidden="true" className={classes.mark}>
      <rect x="5" y="5" width="6" height="6" rx="1.2" />
      <circle cx="8" cy="2" r="1.5" />
      <circle cx="8" cy="14" r="1.5" />
      <circle cx="2" cy="8" r="1.5" />
      <circle cx="14" cy="8" r="1.5" />
    </svg>
  );
}
