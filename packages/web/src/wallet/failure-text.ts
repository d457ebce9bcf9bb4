import type { Failure } from '@iotw/kernel/result';
import { formatAmount } from '@iotw/sdk/transaction/amount';
import { useTranslation } from 'react-i18next';

/** A failure in the reader's language where the wallet has a text for its code, else in its own sentence. */
export function useFailureText(): (failure: Failure) => string {
  const { t, i18n } = useTranslation('wallet');
  return ({ code, message, data }) => {
    const key = `failure.${code}`;
    if (!i18n.exists(key, { ns: 'wallet' })) return message;
    const missing = data?.missing;
    return t(key, { missing: typeof missing === 'number' ? formatAmount(missing) : '' });
  };
}
