import { type DeviceInfo, getDevicePage } from '@iotw/sdk/client/devices';
import { Alert, Anchor, Badge, Group, SegmentedControl, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { connection } from '../data/connection.ts';
import { count } from '../data/format.ts';
import { NumberLink, To } from '../explorer/parts/links.tsx';
import { Listing } from '../explorer/parts/listing.tsx';
import { Heading } from './parts/heading.tsx';
import { useRoles, withRole } from './roles.ts';

const UNTIL_A_VOTE = 0xffff_ffff;
/** What a proof can show to be wrong; what a device signed itself stands. */
const APPEALABLE: readonly string[] = ['unproven', 'disagreement'];
type Status = 'blacklisted' | 'revoked';

/** Devices that are out: why, until when, and how they come back. */
export function RemovedPage() {
  const { t } = useTranslation('operator');
  const { acting } = useRoles();
  const isMember = withRole(acting, ({ member }) => member).length > 0;
  const [status, setStatus] = useState<Status>('blacklisted');
  return (
    <>
      <Group justify="space-between" align="flex-start">
        <Heading title={t('places.removed')} about={t('removed.about')} />
        <Badge variant="default">{t('open')}</Badge>
      </Group>
      <SegmentedControl
        data={(['blacklisted', 'revoked'] as const).map((value) => ({ value, label: t(`removed.${value}`) }))}
        value={status}
        onChange={(value) => setStatus(value as Status)}
        aria-label={t('places.removed')}
        w="fit-content"
      />
      <Listing
        area="operator"
        name={`devices-${status}`}
        queryKey={[status]}
        load={(cursor, signal) =>
          getDevicePage(
            connection,
            { status },
            { limit: 50, signal, ...(cursor === undefined ? {} : { cursor }) },
          )
        }
        keyOf={({ key }) => key}
        columns={[
          { name: 'device', cell: ({ device }) => <To to={`/device/${device}`}>#{device}</To> },
          { name: 'maker', cell: ({ maker }) => <NumberLink of="maker" n={maker} /> },
          ...(status === 'revoked'
            ? [{ name: 'batch', cell: ({ batch }: DeviceInfo) => count(batch), end: true }]
            : [
                {
                  name: 'reason',
                  cell: ({ blacklistReason }: DeviceInfo) =>
                    t(`reason.${blacklistReason}`, { defaultValue: blacklistReason }),
                },
                { name: 'backIn', cell: (device: DeviceInfo) => <Until of={device} />, end: true },
                { name: 'way', cell: (device: DeviceInfo) => <Way of={device} isMember={isMember} /> },
              ]),
        ]}
      />
      <Alert variant="light" color="gray" title={t('removed.waysTitle')}>
        <Text fz="sm">{t('removed.appeal')}</Text>
        <Text fz="sm">{t('removed.vote')}</Text>
        <Text fz="sm">{t('removed.none')}</Text>
      </Alert>
      <Text fz="sm">
        <To to="/operate/removed/appeal">{t('removed.appealGo')}</To>
      </Text>
    </>
  );
}

function Until({ of: { blacklistedUntil } }: { readonly of: DeviceInfo }) {
  const { t } = useTranslation('operator');
  return <>{blacklistedUntil === UNTIL_A_VOTE ? t('removed.untilVote') : count(blacklistedUntil)}</>;
}

function Way({
  of: { device, blacklistReason },
  isMember,
}: {
  readonly of: DeviceInfo;
  readonly isMember: boolean;
}) {
  const { t } = useTranslation('operator');
  return (
    <>
      {t(APPEALABLE.includes(blacklistReason) ? 'removed.appealable' : 'removed.signed')}
      {isMember && (
        <>
          {' · '}
          <Anchor
            component={Link}
            underline="always"
            to="/operate/proposals/new"
            search={{ kind: 'deviceReinstate', of: String(device) } as never}
          >
            {t('removed.propose')}
          </Anchor>
        </>
      )}
    </>
  );
}
