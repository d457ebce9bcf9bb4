import { Badge, Breadcrumbs, Button, Container, Group, Stack, Text, Title } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Loading } from '../../app/layout.tsx';
import { Problem } from '../../app/problem.tsx';
import { download } from './export.ts';
import { To } from './links.tsx';
import classes from './parts.module.css';

interface PageProps {
  /** Key of what it is, such as `transaction`. */
  readonly kind: string;
  /** Its name; nothing where the page is a list. */
  readonly name?: ReactNode;
  readonly badge?: ReactNode;
  /** One sentence that says what such a thing is. */
  readonly about?: string;
  /** What the JSON export holds. */
  readonly data?: unknown;
  readonly children: ReactNode;
}

/** A page of the explorer: what it is about, its link to share, its data. */
export function Page({ kind, name, badge, about, data, children }: PageProps) {
  const { t } = useTranslation('explorer');
  const clipboard = useClipboard({ timeout: 2_000 });
  const title = t(`${name === undefined ? 'list' : 'kind'}.${kind}`);
  useEffect(() => {
    document.title = `${title} · IOTW`;
  }, [title]);
  return (
    <Container size="lg" py="md">
      <Breadcrumbs mb="xs" fz="sm">
        <To to="/explore">{t('explore.title')}</To>
        <Text fz="sm" c="dimmed">
          {title}
        </Text>
      </Breadcrumbs>
      <Group justify="space-between" align="flex-start" gap="sm" mb="md">
        <div style={{ minWidth: 0, flex: '1 1 20rem' }}>
          <Group gap="sm">
            <Title order={1} size="h2">
              {title}
            </Title>
            {badge}
          </Group>
          {name !== undefined && (
            <Text className={classes.mono} data-name-of={kind}>
              {name}
            </Text>
          )}
          {about !== undefined && (
            <Text c="dimmed" fz="sm" maw="44rem">
              {about}
            </Text>
          )}
        </div>
        <Group gap="xs">
          <Button
            size="xs"
            variant="default"
            onClick={() => clipboard.copy(window.location.href)}
            aria-live="polite"
          >
            {t(clipboard.copied ? 'share.copied' : 'share.link')}
          </Button>
          {data !== undefined && (
            <Button
              size="xs"
              variant="default"
              onClick={() =>
                download(`${kind}.json`, 'application/json', `${JSON.stringify(data, null, 2)}\n`)
              }
            >
              {t('share.json')}
            </Button>
          )}
        </Group>
      </Group>
      <Stack gap="lg">{children}</Stack>
    </Container>
  );
}

/** Shows what a query gave: waits, tells its failure, or hands the value on. */
export function Answer<T>({
  of,
  children,
}: {
  readonly of: UseQueryResult<T, Error>;
  readonly children: (value: T) => ReactNode;
}) {
  if (of.data !== undefined) return children(of.data);
  if (of.error) {
    return (
      <Container size="lg">
        <Problem error={of.error} onAgain={of.refetch} />
      </Container>
    );
  }
  return <Loading />;
}

/** A part of a page under a heading of its own. */
export function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section>
      <Title order={2} size="h4" mb="xs">
        {title}
      </Title>
      {children}
    </section>
  );
}

const COLOURS: Readonly<Record<string, string>> = {
  final: 'tide',
  ok: 'tide',
  active: 'tide',
  executed: 'tide',
  adopted: 'tide',
  running: 'blue',
  open: 'blue',
  failed: 'red',
  blacklisted: 'red',
  revoked: 'red',
  refused: 'red',
  suspended: 'red',
  void: 'red',
  expired: 'gray',
  ended: 'gray',
};

/** A state in a word, its colour beside it and never alone. */
export function State({ of }: { readonly of: string }) {
  const { t } = useTranslation('explorer');
  return (
    <Badge variant="light" color={COLOURS[of] ?? 'gray'} data-state={of}>
      {t(`state.${of}`, { defaultValue: of })}
    </Badge>
  );
}
