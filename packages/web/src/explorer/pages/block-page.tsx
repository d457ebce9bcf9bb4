import { type BlockInfo, getBlock, getBlockByHash } from '@iotw/sdk/client/chain';
import { useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { count, iotw, time } from '../../data/format.ts';
import { useResult } from '../../data/use-result.ts';
import { Committee, shownElection, useElection } from '../parts/committee.tsx';
import { Facts, Hex } from '../parts/facts.tsx';
import { BlockLink, NumberLink, TransactionLink } from '../parts/links.tsx';
import { Rows } from '../parts/listing.tsx';
import { Answer, Page, Section, State } from '../parts/page.tsx';
import { Verified } from '../parts/verified.tsx';
import type { ShownBlock } from '../verify/report.ts';

const HASH_FIRST = 'by-hash';

/** A block by its place, or by its hash. */
export function BlockPage() {
  const { lane, height } = useParams({ strict: false }) as { lane: string; height: string };
  const block = useResult(['block', lane, height], () =>
    lane === HASH_FIRST
      ? getBlockByHash(connection, height)
      : getBlock(connection, Number(lane), Number(height)),
  );
  const hash = lane === HASH_FIRST ? height.toLowerCase() : undefined;
  const place = lane === HASH_FIRST ? undefined : { lane: Number(lane), height: Number(height) };
  return <Answer of={block}>{(found) => <Details block={found} hash={hash} place={place} />}</Answer>;
}

interface DetailsProps {
  readonly block: BlockInfo;
  /** What the page's address asks for: a hash or a place. */
  readonly hash: string | undefined;
  readonly place: { readonly lane: number; readonly height: number } | undefined;
}

function Details({ block, hash: asked, place }: DetailsProps) {
  const { t } = useTranslation('explorer');
  const { hash, round, timeMs, header, certificate, transactions } = block;
  const { lane, height, epoch, incarnation, previous, root, refRound } = header as Record<string, number> & {
    readonly previous: string;
    readonly root: string;
  };
  const election = useElection(lane, height);
  const waiting = election.isPending;
  const shown = useMemo((): ShownBlock | undefined => {
    const list = transactions.map(({ id, code, fee }) => ({ id, code, fee }));
    const said = { hash, round, timeMs, header, certificate, transactions: list };
    return waiting ? undefined : { ...said, election: shownElection(election.data) };
  }, [hash, round, timeMs, header, certificate, transactions, election.data, waiting]);
  const subject = {
    ...{ kind: 'block' as const, lane: lane!, height: height!, ...place },
    ...(asked === undefined ? {} : { hash: asked }),
  };
  const votes = Array.isArray(certificate.votes) ? certificate.votes.length : 0;
  return (
    <Page kind="block" name={`${lane}:${height}`} data={block} about={t('about.block')}>
      <Verified subject={subject} shown={shown} />
      <Facts
        facts={[
          ['hash', <Hex key="hash">{hash}</Hex>],
          ['lane', <NumberLink key="lane" of="lane" n={lane!} />],
          ['round', <NumberLink key="round" of="round" n={round} />],
          ['epoch', <NumberLink key="epoch" of="epoch" n={epoch!} />],
          ['time', time(timeMs)],
          ['transactions', count(transactions.length)],
          ['votes', count(votes)],
          ['attempt', count(Number(certificate.attempt))],
          ['certifiedBy', t(`certifiedBy.${certificate.mode}`, { defaultValue: String(certificate.mode) })],
          ['incarnation', count(incarnation!)],
          ['refRound', <NumberLink key="ref" of="round" n={refRound!} />],
          [
            'previous',
            height! > 1 ? (
              <BlockLink key="previous" lane={lane!} height={height! - 1} />
            ) : (
              <Hex key="previous">{previous}</Hex>
            ),
          ],
          ['root', <Hex key="root">{root}</Hex>],
        ]}
      />
      <Section title={t('section.committee')}>
        {election.data !== undefined ? <Committee election={election.data} /> : election.error?.message}
      </Section>
      <Section title={t('section.transactions', { count: transactions.length })}>
        <Rows
          items={transactions}
          keyOf={({ id }) => id}
          columns={[
            { name: 'transaction', cell: ({ id }) => <TransactionLink id={id} /> },
            { name: 'result', cell: ({ code }) => <State of={code === 'ok' ? 'ok' : code} /> },
            { name: 'fee', cell: ({ fee }) => iotw(fee), end: true },
          ]}
        />
      </Section>
    </Page>
  );
}
