import { Card, Container, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Act } from './act.tsx';
import { askSigner } from './session.ts';

/** Before there is a wallet: make one, or bring one. */
export function StartPage() {
  const { t } = useTranslation('wallet');
  return (
    <Container size="md" py="xl">
      <Stack>
        <Title order={1}>{t('start.title')}</Title>
        <Text>{t('start.intro')}</Text>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Card withBorder padding="lg">
            <Title order={2} size="h3">
              {t('start.create')}
            </Title>
            <Text my="sm">{t('start.createWhy')}</Text>
            <Act run={() => askSigner({ type: 'create' })}>{t('start.create')}</Act>
          </Card>
          <Card withBorder padding="lg">
            <Title order={2} size="h3">
              {t('start.import')}
            </Title>
            <Text my="sm">{t('start.importWhy')}</Text>
            <Act variant="default" run={() => askSigner({ type: 'import' })}>
              {t('start.import')}
            </Act>
          </Card>
        </SimpleGrid>
        <Text size="sm" c="dimmed">
          {t('start.keys')}
        </Text>
      </Stack>
    </Container>
  );
}
