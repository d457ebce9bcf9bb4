import { getAccountPage } from '@iotw/sdk/client/accounts';
import { getBlockPage, getRoundPage } from '@iotw/sdk/client/chain';
import { getDevicePage } from '@iotw/sdk/client/devices';
import { getEpochPage } from '@iotw/sdk/client/epochs';
import { getMakerPage } from '@iotw/sdk/client/makers';
import { getTransactionPage } from '@iotw/sdk/client/transactions';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { count, iotw } from '../../data/format.ts';
import { blockColumns, deviceColumns, roundColumns, transactionColumns } from '../parts/columns.tsx';
import { AccountLink, NumberLink } from '../parts/links.tsx';
import { Listing } from '../parts/listing.tsx';
import { Page, State } from '../parts/page.tsx';

/** The lists of everything. */

const at = (cursor: string | undefined, signal: AbortSignal) => ({
  limit: 25,
  signal,
  ...(cursor === undefined ? {} : { cursor }),
});

export function TransactionsPage() {
  const { t } = useTranslation('explorer');
  return (
    <Page kind="transaction" about={t('about.transaction')}>
      <Listing
        name="transactions"
        queryKey={[]}
        load={(cursor, signal) => getTransactionPage(connection, at(cursor, signal))}
        columns={transactionColumns}
        keyOf={({ round, position }) => `${round}:${position}`}
      />
    </Page>
  );
}

export function BlocksPage() {
  const { t } = useTranslation('explorer');
  return (
    <Page kind="block" about={t('about.block')}>
      <Listing
        name="blocks"
        queryKey={[]}
        load={(cursor, signal) => getBlockPage(connection, at(cursor, signal))}
        columns={blockColumns}
        keyOf={({ hash }) => hash}
      />
    </Page>
  );
}

export function RoundsPage() {
  const { t } = useTranslation('explorer');
  return (
    <Page kind="round" about={t('about.round')}>
      <Listing
        name="rounds"
        queryKey={[]}
        load={(cursor, signal) => getRoundPage(connection, at(cursor, signal))}
        columns={roundColumns}
        keyOf={({ number }) => String(number)}
      />
    </Page>
  );
}

export function EpochsPage() {
  const { t } = useTranslation('explorer');
  return (
    <Page kind="epoch" about={t('about.epoch')}>
      <Listing
        name="epochs"
        queryKey={[]}
        load={(cursor, signal) => getEpochPage(connection, at(cursor, signal))}
        columns={[
          { name: 'epoch', cell: ({ epoch }) => <NumberLink of="epoch" n={epoch} /> },
          { name: 'state', cell: ({ state }) => <State of={state} /> },
          { name: 'mode', cell: ({ mode }) => t(`mode.${mode}`, { defaultValue: mode }) },
          { name: 'poolDevices', cell: ({ poolDevices }) => count(poolDevices), end: true },
          { name: 'issued', cell: ({ settlement }) => amount(settlement?.issued), end: true },
          { name: 'paid', cell: ({ settlement }) => amount(settlement?.paid), end: true },
        ]}
        keyOf={({ epoch }) => String(epoch)}
      />
    </Page>
  );
}

function amount(value: unknown): string {
  return typeof value === 'number' ? iotw(value) : '–';
}

export function DevicesPage() {
  const { t } = useTranslation('explorer');
  return (
    <Page kind="device" about={t('about.device')}>
      <Listing
        name="devices"
        queryKey={[]}
        load={(cursor, signal) => getDevicePage(connection, {}, at(cursor, signal))}
        columns={deviceColumns}
        keyOf={({ key }) => key}
      />
    </Page>
  );
}

export function AccountsPage() {
  const { t } = useTranslation('explorer');
  return (
    <Page kind="account" about={t('about.account')}>
      <Listing
        name="accounts"
        queryKey={[]}
        load={(cursor, signal) => getAccountPage(connection, at(cursor, signal))}
        columns={[
          { name: 'number', cell: ({ number }) => count(number), end: true },
          { name: 'account', cell: ({ address }) => <AccountLink address={address} /> },
          { name: 'balance', cell: ({ balance }) => iotw(balance), end: true },
          { name: 'sequence', cell: ({ sequence }) => count(sequence), end: true },
        ]}
        keyOf={({ address }) => address}
      />
    </Page>
  );
}

export function MakersPage() {
  const { t } = useTranslation('explorer');
  return (
    <Page kind="maker" about={t('about.maker')}>
      <Listing
        name="makers"
        queryKey={[]}
        load={(cursor, signal) => getMakerPage(connection, at(cursor, signal))}
        columns={[
          { name: 'maker', cell: ({ maker }) => <NumberLink of="maker" n={maker} /> },
          { name: 'name', cell: ({ name }) => name },
          { name: 'batches', cell: ({ batches }) => count(batches.length), end: true },
          { name: 'used', cell: ({ used }) => count(used), end: true },
          { name: 'quota', cell: ({ quota }) => count(quota), end: true },
        ]}
        keyOf={({ maker }) => String(maker)}
      />
    </Page>
  );
}
