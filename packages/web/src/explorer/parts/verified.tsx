import {
  Alert,
  Badge,
  Button,
  Collapse,
  Group,
  Loader,
  Paper,
  Stack,
  Text,
  ThemeIcon,
  Title,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { pinNetwork, pinnedNetwork } from '../../data/pinned-network.ts';
import {
  type ReportCheck,
  type Shown,
  STEPS,
  type Step,
  type Subject,
  type Verdict,
  type VerifyReport,
} from '../verify/report.ts';
import { type Awaits, LONGEST_MS, useVerification } from '../verify/use-verification.ts';
import { Hex } from './facts.tsx';
import classes from './verified.module.css';

const COLOUR: Readonly<Record<Verdict, string>> = {
  true: 'tide',
  partly: 'tide',
  'no-effect': 'orange',
  false: 'red',
  unknown: 'gray',
};

/**
 * "Verified in your browser": every check made here, from the genesis on, with what each one found. The page says so where
 * the server shows something else than it proves.
 */
export function Verified({
  subject,
  shown,
}: {
  readonly subject: Subject | undefined;
  /** What the page shows of it; undefined until all of it is there. */
  readonly shown: Shown | undefined;
}) {
  const { t } = useTranslation('explorer');
  const [attempt, setAttempt] = useState(0);
  const verification = useVerification(String(attempt), subject, shown);
  const again = () => setAttempt((n) => n + 1);
  if (verification.state === 'running') {
    return (
      <Paper withBorder p="md" className={classes.panel} data-verdict="running" role="status">
        <Group>
          <Loader size="sm" />
          <Text>{t('verify.running')}</Text>
        </Group>
      </Paper>
    );
  }
  if (verification.state !== 'done') {
    return (
      <Alert color="gray" data-verdict="unknown" title={t('verify.broken')}>
        <Stack gap="xs" align="flex-start">
          <Text fz="sm" style={{ overflowWrap: 'anywhere' }}>
            {verification.state === 'late' ? (
              <Late awaits={verification.awaits} />
            ) : (
              (verification.message ?? t('verify.unloaded'))
            )}
          </Text>
          <Button size="xs" variant="default" onClick={again}>
            {t('verify.again')}
          </Button>
        </Stack>
      </Alert>
    );
  }
  const { report, tookMs } = verification;
  return <Report report={report} tookMs={tookMs} attempt={attempt} onAgain={again} />;
}

/** What did not come while there was patience. */
function Late({ awaits }: { readonly awaits: Awaits }) {
  const { t } = useTranslation('explorer');
  const seconds = LONGEST_MS / 1000;
  if (awaits === 'program' || awaits === 'page') return t(`verify.late.${awaits}`, { seconds });
  if (awaits.length === 0) return t('verify.late.computing', { seconds });
  return t('verify.late.server', { seconds, paths: awaits.join(', ') });
}

interface ReportProps {
  readonly report: VerifyReport;
  readonly tookMs: number;
  /** How often somebody asked for it again. */
  readonly attempt: number;
  readonly onAgain: () => void;
}

function Report({ report, tookMs, attempt, onAgain }: ReportProps) {
  const { t } = useTranslation('explorer');
  const [open, { toggle }] = useDisclosure(false);
  const { verdict, checks, network } = report;
  const failed = checks.filter(({ state }) => state === 'fail');
  const passed = checks.filter(({ state }) => state === 'pass').length;
  const steps = STEPS.filter((step) => checks.some((check) => check.step === step));
  return (
    <Paper
      withBorder
      p="md"
      className={classes.panel}
      data-verdict={verdict}
      data-attempt={attempt}
      data-failed={failed.map(({ name }) => name).join(' ')}
    >
      <Group justify="space-between" align="flex-start" gap="sm">
        <Group gap="sm" wrap="nowrap" align="flex-start" style={{ flex: '1 1 18rem' }}>
          <ThemeIcon size="xl" radius="xl" variant="light" color={COLOUR[verdict]} aria-hidden="true">
            <Sign verdict={verdict} />
          </ThemeIcon>
          <div role="status">
            <Title order={2} size="h4">
              {t(`verify.verdict.${verdict}`)}
            </Title>
            <Text c="dimmed" fz="sm">
              {t('verify.summary', { passed, all: checks.length, seconds: (tookMs / 1000).toFixed(1) })}
            </Text>
          </div>
        </Group>
        <Button size="xs" variant="default" onClick={onAgain}>
          {t('verify.again')}
        </Button>
      </Group>
      {failed.length > 0 && (
        <Stack gap={4} mt="sm" role="alert">
          {failed.map((check) => (
            <CheckLine key={keyOf(check)} check={check} />
          ))}
          {failed.some(({ code }) => code === 'client-network-mismatch') && network === undefined && (
            <OtherNetwork onAgain={onAgain} />
          )}
        </Stack>
      )}
      <div className={classes.steps}>
        {steps.map((step) => (
          <StepBadge key={step} step={step} checks={checks.filter((check) => check.step === step)} />
        ))}
      </div>
      <Button size="compact-sm" variant="subtle" mt="sm" onClick={toggle} aria-expanded={open}>
        {t(open ? 'verify.less' : 'verify.more')}
      </Button>
      <Collapse expanded={open}>
        <Stack gap="xs" mt="sm">
          {checks.map((check) => (
            <CheckLine key={keyOf(check)} check={check} />
          ))}
          <Text fz="sm" c="dimmed">
            {t('verify.trust')} {network !== undefined && <Hex>{network}</Hex>}
          </Text>
        </Stack>
      </Collapse>
    </Paper>
  );
}

/** Whoever knows that the network was made anew says so; everybody else is warned. */
function OtherNetwork({ onAgain }: { readonly onAgain: () => void }) {
  const { t } = useTranslation('explorer');
  const known = pinnedNetwork();
  if (known === undefined) return null;
  const accept = async () => {
    const answer = (await (await fetch('/v1/network')).json()) as { readonly network?: unknown };
    pinNetwork(String(answer.network));
    onAgain();
  };
  return (
    <Stack gap={4} align="flex-start">
      <Text fz="sm">{t('verify.other')}</Text>
      <Hex>{known}</Hex>
      <Button size="xs" color="red" variant="light" onClick={accept}>
        {t('verify.accept')}
      </Button>
    </Stack>
  );
}

function worst(checks: readonly ReportCheck[]): ReportCheck['state'] {
  if (checks.some(({ state }) => state === 'fail')) return 'fail';
  return checks.some(({ state }) => state === 'unchecked') ? 'unchecked' : 'pass';
}

/** A check is made once of one subject. */
const keyOf = ({ name, subject = '', reason }: ReportCheck) => `${subject} ${name} ${reason}`;

const STATE_COLOUR = { pass: 'tide', fail: 'red', unchecked: 'gray' } as const;
const STATE_SIGN = { pass: '✓', fail: '✗', unchecked: '?' } as const;

function StepBadge({ step, checks }: { readonly step: Step; readonly checks: readonly ReportCheck[] }) {
  const { t } = useTranslation('explorer');
  const state = worst(checks);
  return (
    <Badge
      variant="light"
      size="lg"
      tt="none"
      color={STATE_COLOUR[state]}
      data-step={step}
      data-state={state}
      leftSection={<span aria-hidden="true">{STATE_SIGN[state]}</span>}
    >
      {t(`verify.step.${step}`)}
      <span className={classes.spoken}> {t(`verify.state.${state}`)}</span>
    </Badge>
  );
}

function CheckLine({ check }: { readonly check: ReportCheck }) {
  const { t } = useTranslation('explorer');
  const { name, state, reason, subject, expected, found } = check;
  return (
    <div className={classes.check} data-check={name} data-state={state}>
      <span className={classes[state]} aria-hidden="true">
        {STATE_SIGN[state]}
      </span>
      <div>
        <Text fz="sm" fw={600}>
          {t(`verify.check.${name}`, { defaultValue: name })}
          {subject !== undefined && <span> · {subject}</span>}
          <span className={classes.spoken}>: {t(`verify.state.${state}`)}</span>
        </Text>
        <Text fz="sm" c="dimmed" lang="en" style={{ overflowWrap: 'anywhere' }}>
          {reason}
        </Text>
        {expected !== undefined && (
          <Text fz="xs">
            <Hex>{`${expected} ≠ ${found}`}</Hex>
          </Text>
        )}
      </div>
    </div>
  );
}

function Sign({ verdict }: { readonly verdict: Verdict }) {
  const good = verdict === 'true' || verdict === 'partly';
  return (
    <svg
      viewBox="0 0 24 24"
      width="24"
      height="24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2.2"
      aria-hidden="true"
    >
      <path d="M12 3 5 6v5c0 4.500 3 8 7 10 4-2 7-5.500 7-10V6z" />
      {good ? <path d="m8.500 12 2.500 2.500 4.500-5" /> : <path d="M12 8v5M12 16.500v.1" />}
    </svg>
  );
}
