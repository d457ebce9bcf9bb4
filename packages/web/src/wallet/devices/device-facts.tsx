import type { DeviceInfo } from '@iotw/sdk/client/devices';
import { Badge, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Which device it is, in two lines. */
export function DeviceFacts({ device }: { readonly device: DeviceInfo }) {
  const { t } = useTranslation('wallet');
  return (
    <div style={{ minWidth: 0 }}>
      <Group gap="xs">
        <Text fw={600}>{t('device.number', { number: device.device })}</Text>
        <Badge variant="light" color={device.status === 'active' ? 'tide' : 'red'}>
          {t(`device.standing.${device.status}`, { defaultValue: device.status })}
        </Badge>
      </Group>
      <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        {t('device.origin', {
          kind: t(`device.class.${device.deviceClass}`, { defaultValue: device.deviceClass }),
          maker: device.maker,
          region: device.region,
        })}
      </Text>
    </div>
  );
}
