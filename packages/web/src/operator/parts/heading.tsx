import { Text, Title } from '@mantine/core';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

/** The title of a page of the console, with a sentence on what it is for. */
export function Heading({ title, about }: { readonly title: string; readonly about: string }) {
  const { t } = useTranslation('operator');
  useEffect(() => {
    document.title = `${title} · ${t('title')} · IOTW`;
  }, [title, t]);
  return (
    <div>
      <Title order={1} size="h2">
        {title}
      </Title>
      <Text c="dimmed" fz="sm" maw="46rem">
        {about}
      </Text>
    </div>
  );
}
