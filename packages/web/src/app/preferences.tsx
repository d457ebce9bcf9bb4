import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LanguageIcon, MoonIcon, SunIcon } from './icons.tsx';

/** Light or dark: as the system has it until somebody chooses. */
export function ThemeSwitch() {
  const { t } = useTranslation('app');
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const other = scheme === 'dark' ? 'light' : 'dark';
  const label = t(other === 'dark' ? 'theme.toDark' : 'theme.toLight');
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={label}
      title={label}
      onClick={() => setColorScheme(other)}
    >
      {other === 'dark' ? <MoonIcon /> : <SunIcon />}
    </ActionIcon>
  );
}

const loadMenu = () => import('./language-menu.tsx');
const LanguageMenu = lazy(loadMenu);

/** The button of the languages; what a menu needs comes when somebody is about to open it. */
export function LanguageChoice() {
  const { t } = useTranslation('app');
  const [isAsked, setAsked] = useState(false);
  const ahead = () => {
    loadMenu().catch(() => undefined);
  };
  const button = (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={t('language')}
      title={t('language')}
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={ahead}
      onFocus={ahead}
      onClick={() => setAsked(true)}
    >
      <LanguageIcon />
    </ActionIcon>
  );
  return isAsked ? (
    <Suspense fallback={button}>
      <LanguageMenu />
    </Suspense>
  ) : (
    button
  );
}
