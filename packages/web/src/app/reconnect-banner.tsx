import { Button, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { time } from '../data/format.ts';
import { useOldestShown } from '../data/queries.ts';
import { type Reachability, useReachability } from '../data/reachability.ts';
import { useNewBuild } from '../offline/new-build.ts';
import classes from './layout.module.css';

/** Says that the node doesn't answer and how old what is shown may be, and goes when it does; and that there is a newer app. */
export function ReconnectBanner() {
  const { t } = useTranslation('app');
  const state = useReachability();
  const isNew = useNewBuild();
  return (
    <div role="status" aria-live="polite">
      {state !== 'reachable' && <Away state={state} />}
      {isNew && (
        <Group className={classes.banner} justify="center" gap="sm" data-new-build>
          <Text size="sm">{t('update.there')}</Text>
          <Button size="compact-sm" variant="default" onClick={() => window.location.reload()}>
            {t('update.load')}
          </Button>
        </Group>
      )}
    </div>
  );
}

function Away({ state }: { readonly state: Exclude<Reachability, 'reachable'> }) {
  const { t } = useTranslation('app');
  const seenMs = useOldestShown();
  return (
    <Text className={classes.banner} size="sm" data-reachability={state} data-seen={seenMs}>
      {t(state === 'offline' ? 'offline.device' : 'offline.unreachable')}{' '}
      {seenMs === undefined ? t('offline.nothing') : t('offline.seen', { time: time(seenMs) })}
    </Text>
  );
}
