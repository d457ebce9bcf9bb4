import type { HealthFinding, HealthInfo } from '@iotw/sdk/client/health';
import { Alert, Anchor, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { count, iotw, percent } from '../../data/format.ts';

/** What calls for a look, in words, with what to do; or that nothing does. */
export function Findings({ of: { findings } }: { readonly of: HealthInfo }) {
  const { t } = useTranslation('operator');
  if (findings.length === 0) {
    return (
      <Alert color="tide" title={t('finding.none')} role="status" data-findings={0}>
        {t('finding.noneHint')}
      </Alert>
    );
  }
  return (
    <Stack gap="xs" data-findings={findings.length}>
      {findings.map((finding) => (
        <Alert
          key={`${finding.what} ${finding.of}`}
          color={finding.severity === 'page' ? 'red' : 'yellow'}
          title={<Title of={finding} />}
          data-finding={finding.what}
        >
          <Text size="sm">{t(`finding.${finding.what}.do`, { defaultValue: finding.what })}</Text>
          <Where of={finding} />
        </Alert>
      ))}
    </Stack>
  );
}

function Title({ of: { what, severity, of, value } }: { readonly of: HealthFinding }) {
  const { t } = useTranslation('operator');
  const text = t(`finding.${what}.title`, { of, value: figureOf(what, value), defaultValue: what });
  return `${t(`severity.${severity}`)}: ${text}`;
}

/** Values are seconds, rounds, shares, ms, amounts or counts, by what it is. */
function figureOf(what: string, value: number): string {
  if (what === 'host-silent') return percent(value);
  if (what === 'lane-credit-low') return iotw(value);
  return count(Math.round(value));
}

const LANES: readonly string[] = ['lane-stalled', 'lane-suspended', 'lane-credit-low'];

function Where({ of: { what, of } }: { readonly of: HealthFinding }) {
  const { t } = useTranslation('operator');
  if (of === null) return null;
  const to = LANES.includes(what)
    ? `/lane/${of}`
    : what === 'host-silent'
      ? `/trust-node/${of}`
      : '/ledger-servers';
  return (
    <Anchor component={Link} to={to} size="sm">
      {t('finding.look')}
    </Anchor>
  );
}
