import { Title } from '@mantine/core';
import { useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { SendForm } from './send-form.tsx';

/** Money to an address. */
export function SendPage() {
  const { t } = useTranslation('wallet');
  const { to } = useSearch({ strict: false }) as { to?: unknown };
  return (
    <>
      <Title order={1} size="h2">
        {t('send.title')}
      </Title>
      <SendForm to={typeof to === 'string' ? to : ''} />
    </>
  );
}
