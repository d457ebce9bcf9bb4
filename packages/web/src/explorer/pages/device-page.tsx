import { type DeviceInfo, getDevice, getDeviceBlockPage, whyPaid } from '@iotw/sdk/client/devices';
import { getNetwork } from '@iotw/sdk/client/network';
import { Alert, Button, Group, List, NumberInput, Paper, Progress, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { count, iotw, percent } from '../../data/format.ts';
import { useResult } from '../../data/use-result.ts';
import { Facts, Hex } from '../parts/facts.tsx';
import { AccountLink, BlockLink, NumberLink } from '../parts/links.tsx';
import { Listing } from '../parts/listing.tsx';
import { Answer, Page, Section, State } from '../parts/page.tsx';

const PPM = 1_000_000;

/** A device: whose it is, how it has done, what it signed, why it was paid or not. */
export function DevicePage() {
  const { key } = useParams({ strict: false }) as { key: string };
  const device = useResult(['device', key], () => getDevice(connection, key), { every: 10_000 });
  return <Answer of={device}>{(found) => <Details device={found} />}</Answer>;
}

function Details({ device: d }: { readonly device: DeviceInfo }) {
  const { t } = useTranslation('explorer');
  const share = d.reputation.ppm / PPM;
  return (
    <Page
      kind="device"
      name={`#${d.device}`}
      badge={<State of={d.status} />}
      data={d}
      about={t('about.device')}
    >
      {d.blacklistReason !== 'none' && (
        <Alert color="red" title={t('state.blacklisted')}>
          {t(`blacklist.${d.blacklistReason}`, { defaultValue: d.blacklistReason })}
        </Alert>
      )}
      <Why device={d} />
      <Facts
        facts={[
          [
            'reputation',
            <div key="reputation">
              <Group gap="sm" wrap="nowrap">
                <Progress value={share * 100} w={140} aria-label={t('fact.reputation')} />
                <strong>{percent(share)}</strong>
              </Group>
              <Text fz="sm" c="dimmed">
                {t('reputation.evidence', {
                  answered: count(Math.round(d.reputation.answered)),
                  missed: count(Math.round(d.reputation.missed)),
                })}
              </Text>
            </div>,
          ],
          ['earned', `${iotw(d.earned)} IOTW`],
          ['owner', d.owner === null ? t('unclaimed') : <AccountLink key="owner" address={d.owner} whole />],
          ['region', d.region],
          ['deviceClass', d.deviceClass],
          ['maker', <NumberLink key="maker" of="maker" n={d.maker} />],
          ['batch', count(d.batch)],
          ['host', d.host === null ? t('never') : <NumberLink key="host" of="trustNode" n={d.host} />],
          [
            'presentEpoch',
            d.presentEpoch === null ? t('never') : <NumberLink key="present" of="epoch" n={d.presentEpoch} />,
          ],
          ['uptime', t('epochs', { count: d.uptimeEpochs })],
          ['thisEpoch', t('device.epoch', { ...d.epoch })],
          ['registeredEpoch', <NumberLink key="registered" of="epoch" n={d.registeredEpoch} />],
          ['key', <Hex key="key">{d.key}</Hex>],
        ]}
      />
      <Section title={t('section.chain')}>
        <Text fz="sm" c="dimmed" mb="xs">
          {t('device.chain')}
        </Text>
        <Facts
          facts={[
            ['position', `${d.boot}.${d.counter}`],
            ['head', <Hex key="head">{d.head}</Hex>],
            ['anchoredHead', <Hex key="anchored">{d.anchoredHead}</Hex>],
          ]}
        />
      </Section>
      <Section title={t('section.answers')}>
        <Listing
          name={`device-${d.device}-blocks`}
          queryKey={[d.device]}
          load={(cursor, signal) =>
            getDeviceBlockPage(connection, d.device, {
              limit: 15,
              signal,
              ...(cursor === undefined ? {} : { cursor }),
            })
          }
          columns={[
            { name: 'block', cell: (block) => <BlockLink {...block} /> },
            { name: 'round', cell: ({ round }) => <NumberLink of="round" n={round} /> },
          ]}
          keyOf={({ lane, height }) => `${lane}:${height}`}
        />
      </Section>
    </Page>
  );
}

/** Why a device was paid in an epoch, or not: the last ended one at first. */
function Why({ device }: { readonly device: DeviceInfo }) {
  const { t } = useTranslation('explorer');
  const network = useResult(['network'], () => getNetwork(connection));
  const last = (network.data?.epoch ?? 0) - 1;
  const [chosen, setChosen] = useState<number>();
  const epoch = chosen ?? last;
  const why = useResult(['why', device.device, epoch], () => whyPaid(connection, device.device, epoch), {
    enabled: epoch >= 0,
    keep: true,
  });
  return (
    <Section title={t('section.why')}>
      <Paper withBorder p="md" data-why={epoch}>
        {epoch < 0 ? (
          <Text>{t('why.first')}</Text>
        ) : (
          <>
            <Group align="flex-end" gap="xs" mb="sm">
              <NumberInput
                label={t('fact.epoch')}
                value={epoch}
                min={0}
                max={last}
                allowDecimal={false}
                allowNegative={false}
                onChange={(value) => typeof value === 'number' && setChosen(value)}
                w={120}
              />
              <Button variant="default" disabled={epoch <= 0} onClick={() => setChosen(epoch - 1)}>
                {t('why.earlier')}
              </Button>
              <Button variant="default" disabled={epoch >= last} onClick={() => setChosen(epoch + 1)}>
                {t('why.later')}
              </Button>
            </Group>
            {why.error && <Text>{why.error.message}</Text>}
            {why.data && (
              <>
                <Text fw={600} fz="lg" data-paid={why.data.minerAmount + why.data.witnessAmount}>
                  {t(why.data.minerAmount + why.data.witnessAmount > 0 ? 'why.paid' : 'why.unpaid', {
                    amount: iotw(why.data.minerAmount + why.data.witnessAmount),
                  })}
                </Text>
                <List fz="sm" mt="xs" lang="en">
                  {why.data.reasons.map((reason) => (
                    <List.Item key={reason}>{reason}</List.Item>
                  ))}
                </List>
              </>
            )}
          </>
        )}
      </Paper>
    </Section>
  );
}
