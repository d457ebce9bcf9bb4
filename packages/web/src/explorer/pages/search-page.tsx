import { type SearchHit, search } from '@iotw/sdk/client/search';
import { Anchor, Badge, Container, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { Navigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { useResult } from '../../data/use-result.ts';
import { To } from '../parts/links.tsx';
import { Answer } from '../parts/page.tsx';
import classes from '../parts/parts.module.css';

/** Everything that the searched text may name; a single hit is opened. */
export function SearchPage() {
  const { t } = useTranslation('explorer');
  const { q } = useSearch({ strict: false }) as { q: string };
  const hits = useResult(['search', q], (signal) => search(connection, q, signal), { enabled: q !== '' });
  if (q === '') {
    return (
      <Container size="md" py="md">
        <Title order={1}>{t('search.title')}</Title>
        <Text mt="sm">{t('search.hint')}</Text>
      </Container>
    );
  }
  return (
    <Answer of={hits}>
      {(found) => {
        const only = found.length === 1 ? placeOf(found[0]!) : undefined;
        if (only !== undefined) return <Navigate to={only} replace />;
        return (
          <Container size="md" py="md">
            <Title order={1}>{t('search.title')}</Title>
            <Text role="status" my="md" style={{ overflowWrap: 'anywhere' }}>
              {found.length === 0 ? t('search.none', { q }) : t('search.found', { q, count: found.length })}
            </Text>
            <Stack gap="xs">
              {found.map((hit) => (
                <Paper key={`${hit.kind} ${hit.id}`} withBorder p="sm">
                  <Hit hit={hit} />
                </Paper>
              ))}
            </Stack>
          </Container>
        );
      }}
    </Answer>
  );
}

function Hit({ hit }: { readonly hit: SearchHit }) {
  const { t } = useTranslation('explorer');
  const place = placeOf(hit);
  return (
    <Group wrap="nowrap">
      <Badge variant="light" style={{ flex: 'none' }}>
        {t(`kind.${hit.kind}`, { defaultValue: hit.kind })}
      </Badge>
      {place === undefined ? (
        <Anchor href={hit.path}>{hit.id}</Anchor>
      ) : (
        <To to={place}>
          <span className={classes.mono}>{hit.id}</span>
        </To>
      )}
    </Group>
  );
}

/** Where the app shows a hit; undefined: a kind that came after this version, or a block known by its hash alone. */
function placeOf({ kind, id }: SearchHit): string | undefined {
  switch (kind) {
    case 'transaction':
      return `/tx/${id}`;
    case 'block':
      return id.includes(':') ? `/block/${id.replace(':', '/')}` : `/block/by-hash/${id}`;
    case 'proposal':
      return `/votes/${id}`;
    case 'account':
      return `/account/${encodeURIComponent(id)}`;
    case 'round':
    case 'lane':
    case 'epoch':
    case 'device':
    case 'maker':
    case 'trust-node':
      return `/${kind}/${id}`;
    default:
      return undefined;
  }
}
