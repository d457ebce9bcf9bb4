import type { ProposalKind } from '@iotw/protocol/proposals';
import { getStatus } from '@iotw/sdk/client/status';
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { count } from '../../data/format.ts';
import { useResult } from '../../data/use-result.ts';
import { useNetwork } from '../../wallet/use-account.ts';
import { effectOf } from './effect.ts';

const LOOK_MS = 5_000;

/** What a kind of proposal changes, and when, if enough members agree in the running epoch. */
export function EffectText({ kind }: { readonly kind: ProposalKind }) {
  const { t } = useTranslation('operator');
  const status = useResult(['status'], () => getStatus(connection), { every: LOOK_MS });
  const network = useNetwork();
  const epochMs = Number(network.data?.parameters.epochMs ?? 0);
  const effect = status.data === undefined ? undefined : effectOf(kind, status.data, epochMs);
  return (
    <>
      <Text>{t(`effect.${kind}`)}</Text>
      {effect !== undefined && effect.epoch !== null && (
        <Text fz="sm" data-effect-epoch={effect.epoch}>
          {t('effect.from', { epoch: count(effect.epoch), seconds: count(Math.ceil(effect.inMs / 1_000)) })}
        </Text>
      )}
    </>
  );
}
