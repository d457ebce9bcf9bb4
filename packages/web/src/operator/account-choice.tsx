import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Acting } from './roles.ts';

/** Which of the accounts that may do it does it. Nothing where there is no choice. */
export function AccountChoice({
  among,
  chosen,
  onChoose,
}: {
  readonly among: readonly Acting[];
  readonly chosen: Acting | undefined;
  readonly onChoose: (address: string) => void;
}) {
  const { t } = useTranslation('operator');
  if (among.length < 2) return null;
  return (
    <Select
      label={t('account')}
      data={among.map(({ account, address }) => ({ value: address, label: account.name }))}
      value={chosen?.address ?? null}
      allowDeselect={false}
      onChange={(value) => value !== null && onChoose(value)}
      maw={320}
    />
  );
}
