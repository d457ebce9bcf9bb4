import { getAccount } from '@iotw/sdk/client/accounts';
import { getDevicePage } from '@iotw/sdk/client/devices';
import { getAccountTransactionPage } from '@iotw/sdk/client/transactions';
import { Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { count, iotw } from '../../data/format.ts';
import { useResult } from '../../data/use-result.ts';
import { deviceColumns, transactionColumns } from '../parts/columns.tsx';
import { Facts, Hex } from '../parts/facts.tsx';
import { Listing } from '../parts/listing.tsx';
import { Answer, Page, Section } from '../parts/page.tsx';

/** An account: its balance, its devices, its history. */
export function AccountPage() {
  const { t } = useTranslation('explorer');
  const { address } = useParams({ strict: false }) as { address: string };
  const account = useResult(['account', address], () => getAccount(connection, address), { every: 10_000 });
  return (
    <Answer of={account}>
      {(found) => (
        <Page kind="account" name={found.address} data={found} about={t('about.account')}>
          <Text fz={32} fw={650} data-balance={found.balance}>
            {iotw(found.balance)}{' '}
            <Text span c="dimmed" fz="lg">
              IOTW
            </Text>
          </Text>
          <Facts
            facts={[
              ['number', count(found.number)],
              ['sequence', count(found.sequence)],
              ['key', <Hex key="key">{found.key}</Hex>],
            ]}
          />
          <Section title={t('section.devices')}>
            <Listing
              name={`account-${found.number}-devices`}
              queryKey={[found.number]}
              load={(cursor, signal) =>
                getDevicePage(
                  connection,
                  { owner: found.number },
                  { limit: 20, signal, ...(cursor === undefined ? {} : { cursor }) },
                )
              }
              columns={deviceColumns.filter(({ name }) => name !== 'owner')}
              keyOf={({ key }) => key}
            />
          </Section>
          <Section title={t('section.history')}>
            <Listing
              name={`account-${found.number}-transactions`}
              queryKey={[found.number]}
              load={(cursor, signal) =>
                getAccountTransactionPage(connection, found.address, {
                  limit: 20,
                  signal,
                  ...(cursor === undefined ? {} : { cursor }),
                })
              }
              columns={transactionColumns}
              keyOf={({ round, position }) => `${round}:${position}`}
            />
          </Section>
        </Page>
      )}
    </Answer>
  );
}
