import { type EpochInfo, getEpoch, getRewards } from '@iotw/sdk/client/epochs';
import { useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { count, iotw, time } from '../../data/format.ts';
import { useResult } from '../../data/use-result.ts';
import { Facts, Hex } from '../parts/facts.tsx';
import { AccountLink, NumberLink, To } from '../parts/links.tsx';
import { Listing } from '../parts/listing.tsx';
import { Answer, Page, Section, State } from '../parts/page.tsx';
import { Verified } from '../parts/verified.tsx';
import type { ShownEpoch } from '../verify/report.ts';

/** An epoch: its seed and where it came from, its frozen pool, what it paid. */
export function EpochPage() {
  const { n } = useParams({ strict: false }) as { n: string };
  const epoch = useResult(['epoch', n], () => getEpoch(connection, Number(n)));
  return <Answer of={epoch}>{(found) => <Details asked={Number(n)} found={found} />}</Answer>;
}

function Details({ asked, found }: { readonly asked: number; readonly found: EpochInfo }) {
  const { t } = useTranslation('explorer');
  const { epoch, seed, mode, poolRoot, poolDevices, startRound, settlement } = found;
  const shown = useMemo(
    (): ShownEpoch => ({ epoch, seed, mode, poolRoot, poolDevices, startRound }),
    [epoch, seed, mode, poolRoot, poolDevices, startRound],
  );
  const amount = (name: string) =>
    typeof settlement?.[name] === 'number' ? `${iotw(Number(settlement[name]))} IOTW` : undefined;
  const number = (name: string) =>
    typeof settlement?.[name] === 'number' ? count(Number(settlement[name])) : undefined;
  return (
    <Page
      kind="epoch"
      name={String(epoch)}
      badge={<State of={found.state} />}
      data={found}
      about={t('about.epoch')}
    >
      <Verified subject={{ kind: 'epoch', epoch: asked }} shown={shown} />
      <Facts
        facts={[
          ['seed', <Hex key="seed">{seed}</Hex>],
          ['randomness', t(`randomness.${found.randomness}`, { defaultValue: found.randomness })],
          ['mode', t(`mode.${found.mode}`, { defaultValue: found.mode })],
          ['poolDevices', count(poolDevices)],
          ['poolRoot', <Hex key="pool">{poolRoot}</Hex>],
          ['startTime', found.startMs === null ? undefined : time(found.startMs)],
          [
            'startRound',
            found.startRound === null || found.startRound === 0 ? undefined : (
              <NumberLink key="round" of="round" n={found.startRound} />
            ),
          ],
          ['confirmations', found.confirmations === null ? undefined : count(found.confirmations)],
          ['present', number('present')],
          ['issued', amount('issued')],
          ['paid', amount('paid')],
          ['minerWork', number('minerWork')],
          ['witnessWork', number('witnessWork')],
          ['stateRoot', found.stateRoot === null ? undefined : <Hex key="state">{found.stateRoot}</Hex>],
        ]}
      />
      {found.state === 'ended' && (
        <Section title={t('section.payments')}>
          <Listing
            name={`payments-epoch-${epoch}`}
            queryKey={[epoch]}
            load={async (cursor, signal) => {
              const page = await getRewards(connection, epoch, {
                limit: 50,
                signal,
                ...(cursor === undefined ? {} : { cursor }),
              });
              return page.ok ? { ok: true, value: page.value.payments } : page;
            }}
            columns={[
              { name: 'device', cell: ({ device }) => <To to={`/device/${device}`}>#{device}</To> },
              {
                name: 'account',
                cell: ({ account }) => (account === null ? '–' : <AccountLink address={account} />),
              },
              { name: 'minerAmount', cell: ({ minerAmount }) => iotw(minerAmount), end: true },
              { name: 'witnessAmount', cell: ({ witnessAmount }) => iotw(witnessAmount), end: true },
            ]}
            keyOf={({ device }) => String(device)}
          />
        </Section>
      )}
    </Page>
  );
}
