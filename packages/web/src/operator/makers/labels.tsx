import './labels.css';
import { toHex } from '@iotw/kernel/bytes';
import { encodeDeviceCode } from '@iotw/protocol/device-code';
import { Button, Group, Pagination, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Section } from '../../explorer/parts/page.tsx';
import { QrPicture } from '../../wallet/qr-picture.tsx';
import type { DeliveryRow } from './delivery-csv.ts';

const PER_PAGE = 48;

/** A label for each device: the code by which an owner's wallet finds it. It holds no secret, and is drawn in the page. */
export function Labels({
  network,
  rows,
}: {
  readonly network: Uint8Array;
  readonly rows: readonly DeliveryRow[];
}) {
  const { t } = useTranslation('operator');
  const [page, setPage] = useState(1);
  const pages = Math.ceil(rows.length / PER_PAGE);
  return (
    <Section title={t('labels.title', { count: rows.length })}>
      <Text fz="sm" c="dimmed" mb="xs">
        {t('labels.about')}
      </Text>
      <Group mb="sm">
        <Button variant="default" onClick={() => window.print()}>
          {t('labels.print')}
        </Button>
        {pages > 1 && (
          <Pagination total={pages} value={page} onChange={setPage} aria-label={t('labels.pages')} />
        )}
      </Group>
      <ul className="device-labels">
        {rows.slice(PER_PAGE * (page - 1), PER_PAGE * page).map(({ key, label }) => (
          <li key={toHex(key)} data-label={toHex(key)}>
            <QrPicture
              text={encodeDeviceCode(network, { kind: 'device', device: key })}
              label={t('labels.code', { device: toHex(key).slice(0, 16) })}
            />
            {label !== '' && <div>{label}</div>}
            <div>{toHex(key).slice(0, 16)}</div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
