import { useResult } from '../data/use-result.ts';
import { paymentStore } from './database.ts';
import type { Payment } from './payment.ts';
import { useWallet } from './session.ts';

/** What this browser sent from an account (hex key), newest first. */
export function usePayments(sender: string | undefined) {
  const { changes } = useWallet();
  return useResult<readonly Payment[]>(
    ['payments', sender, changes],
    async () => {
      const all = await paymentStore.list();
      if (!all.ok) return all;
      const mine = all.value.filter((payment) => payment.sender === sender);
      return { ok: true, value: mine.sort((a, b) => b.createdMs - a.createdMs) };
    },
    { enabled: sender !== undefined, keep: true },
  );
}
