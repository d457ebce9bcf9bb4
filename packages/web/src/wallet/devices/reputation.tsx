import { type DeviceInfo, whyPaid } from '@iotw/sdk/client/devices';
import { Alert, List, Progress, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { count, iotw, percent } from '../../data/format.ts';
import { useResult } from '../../data/use-result.ts';
import { useNetwork } from '../use-account.ts';
import { Section } from './section.tsx';

const PPM = 1_000_000;

/** What share of answers is to be expected of a device, what that stands on, and why it was paid last, or not. */
export function Reputation({ device }: { readonly device: DeviceInfo }) {
  const { t } = useTranslation('wallet');
  const { ppm, answered, missed } = device.reputation;
  const network = useNetwork();
  const epoch = (network.data?.epoch ?? 0) - 1;
  const why = useResult(['why', device.device, epoch], () => whyPaid(connection, device.device, epoch), {
    enabled: epoch >= 0,
    keep: true,
  });
  return (
    <Section title={t('reputation.title')}>
      <Progress value={(100 * ppm) / PPM} aria-label={t('reputation.title')} maw={320} />
      <Text fw={600} data-reputation={ppm}>
        {percent(ppm / PPM)}
      </Text>
      <List size="sm">
        <List.Item>
          {answered + missed < 0.5
            ? t('reputation.unknown')
            : t('reputation.evidence', {
                answered: count(Math.round(answered)),
                missed: count(Math.round(missed)),
              })}
        </List.Item>
        <List.Item>{t('device.uptime', { count: device.uptimeEpochs })}</List.Item>
        <List.Item>{t('reputation.now', { ...device.epoch })}</List.Item>
        {epoch + 1 < device.activeFrom && (
          <List.Item>{t('reputation.waits', { epoch: device.activeFrom })}</List.Item>
        )}
      </List>
      {device.blacklistReason !== 'none' && (
        <Alert color="red" title={t('device.standing.blacklisted')}>
          {t(`reputation.blacklist.${device.blacklistReason}`, { defaultValue: device.blacklistReason })}
        </Alert>
      )}
      {why.data !== undefined && (
        <div data-why={why.data.epoch}>
          <Text size="sm" fw={600}>
            {t('reputation.last', {
              epoch: why.data.epoch,
              amount: iotw(why.data.minerAmount + why.data.witnessAmount),
            })}
          </Text>
          <List size="sm" lang="en">
            {why.data.reasons.map((reason) => (
              <List.Item key={reason}>{reason}</List.Item>
            ))}
          </List>
        </div>
      )}
    </Section>
  );
}
