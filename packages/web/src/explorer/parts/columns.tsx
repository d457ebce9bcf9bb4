import type { BlockSummary, RoundSummary } from '@iotw/sdk/client/chain';
import type { DeviceInfo } from '@iotw/sdk/client/devices';
import type { TransactionInfo } from '@iotw/sdk/client/transactions';
import { count, iotw, time } from '../../data/format.ts';
import { AccountLink, BlockLink, NumberLink, To, TransactionLink } from './links.tsx';
import type { Column } from './listing.tsx';
import { OperationNames, senderOf } from './operations.tsx';
import { State } from './page.tsx';
import classes from './parts.module.css';

/** Columns of the lists that several pages show. */

export const transactionColumns: readonly Column<TransactionInfo>[] = [
  { name: 'transaction', cell: ({ id }) => <TransactionLink id={id} /> },
  { name: 'operations', cell: ({ transaction }) => <OperationNames of={transaction} /> },
  {
    name: 'sender',
    cell: ({ transaction }) => {
      const sender = senderOf(transaction);
      return sender === undefined ? '–' : <AccountLink address={sender} />;
    },
  },
  { name: 'block', cell: ({ block }) => <BlockLink {...block} /> },
  { name: 'fee', cell: ({ fee }) => iotw(fee), end: true },
  {
    name: 'time',
    cell: ({ timeMs, status }) =>
      status === 'failed' ? (
        <span className={classes.together}>
          {time(timeMs)}
          <State of="failed" />
        </span>
      ) : (
        time(timeMs)
      ),
    end: true,
  },
];

export const blockColumns: readonly Column<BlockSummary>[] = [
  { name: 'block', cell: (block) => <BlockLink {...block} /> },
  { name: 'round', cell: ({ round }) => <NumberLink of="round" n={round} /> },
  { name: 'transactions', cell: ({ transactions }) => count(transactions), end: true },
  { name: 'answers', cell: ({ answers }) => count(answers), end: true },
  { name: 'time', cell: ({ timeMs }) => time(timeMs), end: true },
];

export const roundColumns: readonly Column<RoundSummary>[] = [
  { name: 'round', cell: ({ number }) => <NumberLink of="round" n={number} /> },
  { name: 'epoch', cell: ({ epoch }) => <NumberLink of="epoch" n={epoch} /> },
  { name: 'blocks', cell: ({ blocks }) => count(blocks), end: true },
  { name: 'transactions', cell: ({ transactions }) => count(transactions), end: true },
  { name: 'failed', cell: ({ failed }) => count(failed), end: true },
  { name: 'time', cell: ({ timeMs }) => time(timeMs), end: true },
];

export const deviceColumns: readonly Column<DeviceInfo>[] = [
  {
    name: 'device',
    cell: ({ device }) => <To to={`/device/${device}`}>#{device}</To>,
  },
  { name: 'state', cell: ({ status }) => <State of={status} /> },
  { name: 'region', cell: ({ region }) => region },
  { name: 'maker', cell: ({ maker }) => <NumberLink of="maker" n={maker} /> },
  { name: 'owner', cell: ({ owner }) => (owner === null ? '–' : <AccountLink address={owner} />) },
  { name: 'uptime', cell: ({ uptimeEpochs }) => count(uptimeEpochs), end: true },
  { name: 'earned', cell: ({ earned }) => iotw(earned), end: true },
];
