import { getRoundDetails } from '@iotw/sdk/client/chain';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { count, time } from '../../data/format.ts';
import { useResult } from '../../data/use-result.ts';
import { Facts, Hex } from '../parts/facts.tsx';
import { BlockLink, NumberLink } from '../parts/links.tsx';
import { Rows } from '../parts/listing.tsx';
import { Answer, Page, Section } from '../parts/page.tsx';

/** A round: what was decided together, and what everybody can check it by. */
export function RoundPage() {
  const { t } = useTranslation('explorer');
  const { n } = useParams({ strict: false }) as { n: string };
  const round = useResult(['round', n], () => getRoundDetails(connection, Number(n)));
  return (
    <Answer of={round}>
      {(found) => (
        <Page kind="round" name={String(found.number)} data={found} about={t('about.round')}>
          <Facts
            facts={[
              ['time', time(found.timeMs)],
              ['epoch', <NumberLink key="epoch" of="epoch" n={found.epoch} />],
              ['opensEpoch', t(found.opensEpoch ? 'yes' : 'no')],
              ['blocks', count(found.blocks)],
              ['transactions', count(found.transactions)],
              ['failed', count(found.failed)],
              ['signatures', found.signatures.map(({ server }) => t('server', { n: server })).join(', ')],
              ['hash', <Hex key="hash">{found.hash}</Hex>],
              [
                'previousRound',
                found.number > 1 ? (
                  <NumberLink key="previous" of="round" n={found.number - 1} />
                ) : (
                  <Hex key="previous">{found.previous}</Hex>
                ),
              ],
              ['seed', <Hex key="seed">{found.seed}</Hex>],
              ['seedSource', found.seedSource],
              ['poolRoot', <Hex key="pool">{found.poolRoot}</Hex>],
              ['blocksRoot', <Hex key="blocks">{found.blocksRoot}</Hex>],
              ['resultsRoot', <Hex key="results">{found.resultsRoot}</Hex>],
              ['stateHash', <Hex key="state">{found.stateHash}</Hex>],
              ['version', count(found.version)],
            ]}
          />
          <Section title={t('section.blocks', { count: found.blockList.length })}>
            <Rows
              items={found.blockList}
              keyOf={({ hash }) => hash}
              columns={[
                { name: 'block', cell: (block) => <BlockLink {...block} /> },
                { name: 'transactions', cell: ({ transactions }) => count(transactions), end: true },
                { name: 'hash', cell: ({ hash }) => <Hex>{hash}</Hex> },
              ]}
            />
          </Section>
        </Page>
      )}
    </Answer>
  );
}
