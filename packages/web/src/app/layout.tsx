import { Group, Loader, VisuallyHidden } from '@mantine/core';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { placeIcons } from './icons.tsx';
import classes from './layout.module.css';
import { AppLink } from './link.tsx';
import { navigation } from './navigation.ts';
import { isAt } from './navigation-entry.ts';
import { LanguageChoice, ThemeSwitch } from './preferences.tsx';
import { ReconnectBanner } from './reconnect-banner.tsx';
import { SearchBox } from './search-box.tsx';

/** The frame around every page: where one is, search, theme, language. On a phone the places lie under the thumb. */
export function Layout() {
  const { t } = useTranslation('app');
  return (
    <>
      <header className={classes.header}>
        <a className={classes.skip} href="#content">
          {t('skip')}
        </a>
        <div className={classes.bar}>
          <AppLink to="/" className={classes.brand} aria-label={t('name')}>
            <Mark />
            <span aria-hidden="true">{t('name')}</span>
          </AppLink>
          <nav className={classes.places} aria-label={t('navigation')}>
            <Places />
          </nav>
          <div className={classes.search}>
            <SearchBox />
          </div>
          <div className={classes.preferences}>
            <LanguageChoice />
            <ThemeSwitch />
          </div>
        </div>
      </header>
      <main id="content" tabIndex={-1} className={classes.main}>
        <ReconnectBanner />
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </main>
      <footer className={classes.footer}>
        <nav className={classes.tabs} aria-label={t('navigation')}>
          <Places />
        </nav>
      </footer>
    </>
  );
}

function Places() {
  const { t } = useTranslation(['app']);
  const path = useRouterState({ select: (state) => state.location.pathname });
  return navigation.map((entry) => {
    const Icon = placeIcons[entry.icon];
    return (
      <AppLink
        key={entry.to}
        to={entry.to}
        className={classes.place}
        {...(isAt(entry, path) ? { 'aria-current': 'page' as const, 'data-here': true } : {})}
      >
        <Icon size={20} />
        <span>{t(entry.label)}</span>
      </AppLink>
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
