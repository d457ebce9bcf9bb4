import { Anchor, Button, Code, Container, Group, Stack, Text, Title } from '@mantine/core';
import { Link, useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { FailureError, UNREACHABLE } from '../data/use-result.ts';

/** What went wrong, in the server's or the SDK's own sentence, and how to try again. */
export function Problem({ error, onAgain }: { readonly error: unknown; readonly onAgain?: () => void }) {
  const { t } = useTranslation('app');
  const failure = error instanceof FailureError ? error.failure : undefined;
  if (failure?.code === UNREACHABLE) return <NotKept />;
  return (
    <Stack role="alert" gap="sm" py="md" align="flex-start">
      <Title order={2} size="h3">
        {t('problem.title')}
      </Title>
      <Text>{failure?.message ?? t('problem.page')}</Text>
      <Code>{t('problem.code', { code: failure?.code ?? String(error) })}</Code>
      {onAgain !== undefined && (
        <Button variant="light" onClick={onAgain}>
          {t('problem.again')}
        </Button>
      )}
    </Stack>
  );
}

/** Nothing of it was kept, and the node doesn't answer: it comes by itself with the node. */
function NotKept() {
  const { t } = useTranslation('app');
  return (
    <Stack gap="sm" py="md" align="flex-start" data-not-kept>
      <Title order={2} size="h3">
        {t('offline.empty')}
      </Title>
      <Text>{t('offline.emptyHint')}</Text>
    </Stack>
  );
}

/** A page that threw: the rest of the app stands. */
export function PageError({ error }: { readonly error: unknown }) {
  const router = useRouter();
  return (
    <Container size="sm">
      <Problem error={error} onAgain={() => router.invalidate()} />
    </Container>
  );
}

export function NotFound() {
  const { t } = useTranslation('app');
  return (
    <Container size="sm" py="xl">
      <Stack align="flex-start">
        <Title order={1}>{t('problem.lost')}</Title>
        <Text>{t('problem.lostHint')}</Text>
        <Group>
          <Anchor component={Link} to="/">
            {t('problem.home')}
          </Anchor>
        </Group>
      </Stack>
    </Container>
  );
}
