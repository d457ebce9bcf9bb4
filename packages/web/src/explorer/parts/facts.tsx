import { Paper } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './parts.module.css';

/** A fact by the key of its name; `undefined` and `null` are left out. */
export type Fact = readonly [name: string, value: ReactNode];

/** What is known of one thing, name by value. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  const { t } = useTranslation('explorer');
  return (
    <Paper withBorder px="md" py="xs">
      <dl className={classes.facts}>
        {facts
          .filter(([, value]) => value !== undefined && value !== null)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{t(`fact.${name}`)}</dt>
              <dd data-fact={name}>{value}</dd>
            </div>
          ))}
      </dl>
    </Paper>
  );
}

/** Bytes as text that breaks anywhere. */
export const Hex = ({ children }: { readonly children: string }) => (
  <span className={classes.mono}>{children}</span>
);
