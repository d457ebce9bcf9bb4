import { ActionIcon, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { SearchIcon } from './icons.tsx';

const LONGEST = 200;

/** Finds anything of the network by what a person has of it: the search page says what was found. */
export function SearchBox({ onDone }: { readonly onDone?: () => void }) {
  const { t } = useTranslation('app');
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const search = (event: FormEvent) => {
    event.preventDefault();
    const q = text.trim();
    if (q === '') return;
    navigate({ to: '/search', search: { q } as never }).catch(() => undefined);
    onDone?.();
  };
  return (
    <search>
      <form onSubmit={search}>
        <TextInput
          type="search"
          aria-label={t('search.label')}
          placeholder={t('search.placeholder')}
          maxLength={LONGEST}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          rightSection={
            <ActionIcon type="submit" variant="subtle" color="gray" aria-label={t('search.go')}>
              <SearchIcon size={18} />
            </ActionIcon>
          }
        />
      </form>
    </search>
  );
}
