import { fromHex, toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { DeviceInfo } from '@iotw/sdk/client/devices';
import { getNetwork } from '@iotw/sdk/client/network';
import { isConsentSigned } from '@iotw/sdk/transaction/data-consent';
import { Button, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { time } from '../../data/format.ts';
import { queries } from '../../data/queries.ts';
import { useResult } from '../../data/use-result.ts';
import { download } from '../../explorer/parts/export.ts';
import type { SignerAccount } from '../../signer/messages.ts';
import { Act } from '../act.tsx';
import { consentStore } from '../database.ts';
import { askSigner } from '../session.ts';
import type { KeptConsent } from './kept-consent.ts';
import { Section } from './section.tsx';

interface ConsentProps {
  readonly device: DeviceInfo;
  readonly account: SignerAccount;
}

/** What the owner said on the data of a device, and how to say otherwise. */
export function Consent({ device, account }: ConsentProps) {
  const { t } = useTranslation('wallet');
  const kept = useResult<KeptConsent | null>(['consent', device.key, device.ownershipChanges], async () => {
    const found = await consentStore.get(device.key);
    return found.ok ? ok(counts(found.value, device, account) ? found.value! : null) : found;
  });
  const say = async (share: boolean): Promise<Result<unknown>> => {
    // By the network's time: this machine's clock may be wrong.
    const network = await getNetwork(connection);
    if (!network.ok) return network;
    const key = fromHex(device.key, 32);
    if (key === undefined) return fail('client-answer', 'The server names no device key.');
    const { timeMs } = network.value;
    const changes = device.ownershipChanges;
    const request = { account: account.account, device: key, changes, share, timeMs };
    const said = await askSigner({ type: 'consent', ...request });
    if (!said.ok) return said;
    const put = await consentStore.put({
      ...{ network: network.value.network, device: device.key, owner: toHex(account.key) },
      ...{ changes, share, timeMs, signature: toHex(said.value.signature) },
    });
    await queries.invalidateQueries({ queryKey: ['consent', device.key] });
    return put;
  };
  const record = kept.data ?? undefined;
  const state = record === undefined ? 'none' : record.share ? 'yes' : 'no';
  return (
    <Section title={t('consent.title')}>
      <Text size="sm">{t('consent.what')}</Text>
      <Text fw={600} data-consent={state}>
        {t(`consent.${state}`, { when: record === undefined ? '' : time(record.timeMs) })}
      </Text>
      <Group align="flex-start">
        {state !== 'yes' && (
          <Act variant="default" run={() => say(true)}>
            {t('consent.goYes')}
          </Act>
        )}
        {state !== 'no' && (
          <Act variant="default" run={() => say(false)}>
            {t('consent.goNo')}
          </Act>
        )}
        {record !== undefined && (
          <Button
            variant="subtle"
            onClick={() =>
              download(
                `consent-${device.device}.json`,
                'application/json',
                `${JSON.stringify(record, null, 2)}\n`,
              )
            }
          >
            {t('consent.save')}
          </Button>
        )}
      </Group>
    </Section>
  );
}

/** Whether a kept word is that of this owner, in this ownership, and signed by him: who writes this browser's storage can't say yes for him. */
function counts(kept: KeptConsent | undefined, device: DeviceInfo, account: SignerAccount): boolean {
  if (kept === undefined || kept.owner !== toHex(account.key) || kept.changes !== device.ownershipChanges)
    return false;
  const parts = [kept.network, kept.device, kept.owner].map((hex) => fromHex(hex, 32));
  const [network, key, owner] = parts;
  const signature = fromHex(kept.signature, 64);
  if (network === undefined || key === undefined || owner === undefined || signature === undefined)
    return false;
  return isConsentSigned(network, { ...kept, device: key, owner }, signature);
}
