import { ok } from '@iotw/kernel/result';
import { Anchor, Group, Paper, Stack, Text, TextInput, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '../app/problem.tsx';
import { queries } from '../data/queries.ts';
import { useResult } from '../data/use-result.ts';
import { Act } from './act.tsx';
import { readContact } from './contacts.ts';
import { contactStore } from './database.ts';
import { useNetwork } from './use-account.ts';

/** The address book, kept in this browser. */
export function ContactsPage() {
  const { t } = useTranslation('wallet');
  const network = useNetwork();
  const contacts = useResult(['contacts'], contactStore.list);
  const [name, setName] = useState('');
  const [address, setAddress] = useState('');
  const again = () => queries.invalidateQueries({ queryKey: ['contacts'] });
  const add = async () => {
    const contact = readContact(name, address, network.data?.addressPrefix ?? 'tiotw');
    if (!contact.ok) return contact;
    const kept = await contactStore.put(contact.value);
    if (!kept.ok) return kept;
    setName('');
    setAddress('');
    await again();
    return ok(undefined);
  };
  return (
    <Stack>
      <Title order={1} size="h2">
        {t('contacts.title')}
      </Title>
      <Stack maw={520}>
        <TextInput
          label={t('contacts.name')}
          name="name"
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        <TextInput
          label={t('contacts.address')}
          name="address"
          value={address}
          spellCheck={false}
          onChange={({ currentTarget }) => setAddress(currentTarget.value)}
        />
        <Group>
          <Act run={add}>{t('contacts.add')}</Act>
        </Group>
      </Stack>
      {contacts.error && <Problem error={contacts.error} onAgain={contacts.refetch} />}
      {contacts.data?.length === 0 && <Text c="dimmed">{t('contacts.none')}</Text>}
      {(contacts.data ?? []).map((contact) => (
        <Paper key={contact.address} withBorder p="sm">
          <Group justify="space-between" wrap="nowrap" align="flex-start">
            <div style={{ minWidth: 0 }}>
              <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
                {contact.name}
              </Text>
              <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                {contact.address}
              </Text>
              <Anchor component={Link} to="/wallet/send" search={{ to: contact.name } as never}>
                {t('home.send')}
              </Anchor>
            </div>
            <Act
              variant="subtle"
              color="red"
              size="xs"
              run={async () => {
                const removed = await contactStore.remove(contact.address);
                await again();
                return removed;
              }}
            >
              {t('contacts.remove')}
            </Act>
          </Group>
        </Paper>
      ))}
    </Stack>
  );
}
