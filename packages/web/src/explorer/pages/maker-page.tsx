import { getDevicePage } from '@iotw/sdk/client/devices';
import { getMaker } from '@iotw/sdk/client/makers';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { count } from '../../data/format.ts';
import { useResult } from '../../data/use-result.ts';
import { deviceColumns } from '../parts/columns.tsx';
import { Facts, Hex } from '../parts/facts.tsx';
import { NumberLink } from '../parts/links.tsx';
import { Listing, Rows } from '../parts/listing.tsx';
import { Answer, Page, Section } from '../parts/page.tsx';

/** A maker: its quota, its batches, its devices. */
export function MakerPage() {
  const { t } = useTranslation('explorer');
  const { n } = useParams({ strict: false }) as { n: string };
  const maker = useResult(['maker', n], () => getMaker(connection, Number(n)));
  return (
    <Answer of={maker}>
      {(found) => (
        <Page kind="maker" name={found.name || `#${found.maker}`} data={found} about={t('about.maker')}>
          <Facts
            facts={[
              ['number', count(found.maker)],
              ['used', t('of', { some: count(found.used), all: count(found.quota) })],
              ['allotted', count(found.allotted)],
              ['hosts', found.hosts.length === 0 ? t('any') : found.hosts.join(', ')],
              ['key', <Hex key="key">{found.key}</Hex>],
            ]}
          />
          <Section title={t('section.batches')}>
            <Rows
              items={found.batches}
              keyOf={({ batch }) => String(batch)}
              columns={[
                { name: 'batch', cell: ({ batch }) => count(batch), end: true },
                {
                  name: 'used',
                  cell: ({ used, quota }) => t('of', { some: count(used), all: count(quota) }),
                  end: true,
                },
                { name: 'people', cell: ({ people }) => t(people ? 'yes' : 'no') },
                { name: 'activeFrom', cell: ({ activeFrom }) => <NumberLink of="epoch" n={activeFrom} /> },
                {
                  name: 'revokedFrom',
                  cell: ({ revokedFrom }) =>
                    revokedFrom === 0 ? t('no') : <NumberLink of="round" n={revokedFrom} />,
                },
              ]}
            />
          </Section>
          <Section title={t('section.devices')}>
            <Listing
              name={`maker-${found.maker}-devices`}
              queryKey={[found.maker]}
              load={(cursor, signal) =>
                getDevicePage(
                  connection,
                  { maker: found.maker },
                  { limit: 20, signal, ...(cursor === undefined ? {} : { cursor }) },
                )
              }
              columns={deviceColumns.filter(({ name }) => name !== 'maker')}
              keyOf={({ key }) => key}
            />
          </Section>
        </Page>
      )}
    </Answer>
  );
}
