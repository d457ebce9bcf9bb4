import { ok } from '@iotw/kernel/result';
import { encodeAddress } from '@iotw/protocol/address';
import { type AccountInfo, getAccount } from '@iotw/sdk/client/accounts';
import { getNetwork, type NetworkInfo } from '@iotw/sdk/client/network';
import { useSyncExternalStore } from 'react';
import { connection } from '../data/connection.ts';
import { useResult } from '../data/use-result.ts';
import type { SignerAccount } from '../signer/messages.ts';
import { useWallet } from './session.ts';

const KEPT = 'iotw-wallet-account';
/** Money moves in seconds: the balance is asked for about as often as rounds come on a quiet network. */
const BALANCE_MS = 2_000;

let chosen = Number(readKept() ?? 0);
const listeners = new Set<() => void>();

function readKept(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    // Storage is blocked: the choice lasts as long as the page.
    return null;
  }
}

/** Makes another account of the wallet the one that pages are about. */
export function chooseAccount(account: number): void {
  chosen = account;
  try {
    localStorage.setItem(KEPT, String(account));
  } catch {
    // See above.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The account that the wallet's pages are about; undefined while there is none. */
export function useCurrentAccount(): SignerAccount | undefined {
  const { state } = useWallet();
  const account = useSyncExternalStore(subscribe, () => chosen);
  return state?.accounts.find((known) => known.account === account) ?? state?.accounts[0];
}

/** The network's name, time and parameters. */
export function useNetwork() {
  return useResult<NetworkInfo>(['network'], () => getNetwork(connection), { every: 10_000 });
}

/** The address of a key on this network; empty until the network is known. */
export function useAddress(key: Uint8Array | undefined): string {
  const { data } = useNetwork();
  return data === undefined || key === undefined ? '' : encodeAddress(data.addressPrefix, 0, key);
}

/** What the ledger holds of an account; null: nobody has credited it yet. */
export function useAccountInfo(address: string) {
  return useResult<AccountInfo | null>(
    ['account', address],
    async () => {
      const info = await getAccount(connection, address);
      return !info.ok && info.error.code === 'account-not-found' ? ok(null) : info;
    },
    { every: BALANCE_MS, enabled: address !== '', keep: true },
  );
}
