import { formatAmount } from '@iotw/sdk/transaction/amount';
import { Alert, Anchor, Container, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Loading } from '../app/layout.tsx';
import { Problem } from '../app/problem.tsx';
import { FailureError } from '../data/use-result.ts';
import { useFailureText } from './failure-text.ts';
import { readRequest } from './request-link.ts';
import { SendForm } from './send-form.tsx';
import { restartWallet, useWallet } from './session.ts';
import { StartPage } from './start-page.tsx';
import { useNetwork } from './use-account.ts';

/** What somebody asks for by a link, ready to be paid or refused with the reason. */
export function PayPage() {
  const { t } = useTranslation('wallet');
  const text = useFailureText();
  const { state, failure } = useWallet();
  const network = useNetwork();
  if (network.error)
    return <Container>{<Problem error={network.error} onAgain={network.refetch} />}</Container>;
  if (failure !== undefined) {
    return (
      <Container>
        <Problem error={new FailureError(failure)} onAgain={restartWallet} />
      </Container>
    );
  }
  if (network.data === undefined || state === undefined) return <Loading />;
  const request = readRequest(window.location.search, network.data.addressPrefix, network.data.timeMs);
  return (
    <Container size="sm" py="md">
      <Stack>
        <Title order={1} size="h2">
          {t('pay.title')}
        </Title>
        {request.ok ? (
          <>
            <Text style={{ overflowWrap: 'anywhere' }}>
              {request.value.amount === undefined
                ? t('pay.asksAny', { to: request.value.to })
                : t('pay.asks', { to: request.value.to, amount: formatAmount(request.value.amount) })}
            </Text>
            {state.vault === 'none' ? (
              <StartPage />
            ) : (
              <SendForm
                to={request.value.to}
                memo={request.value.memo}
                {...(request.value.amount === undefined ? {} : { amount: request.value.amount })}
              />
            )}
          </>
        ) : (
          <Alert color="red" role="alert" title={t('pay.not')} data-code={request.error.code}>
            {text(request.error)}
          </Alert>
        )}
        <Anchor component={Link} to="/wallet">
          {t('pay.wallet')}
        </Anchor>
      </Stack>
    </Container>
  );
}
