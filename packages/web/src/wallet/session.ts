import type { Failure, Result } from '@iotw/kernel/result';
import { getWalletServices, type WalletServices } from '@iotw/sdk/client/wallet-services';
import i18next from 'i18next';
import { useSyncExternalStore } from 'react';
import { connection } from '../data/connection.ts';
import { onBack } from '../data/reachability.ts';
import type { SignerAnswers, SignerRequest, SignerState } from '../signer/messages.ts';
import { paymentStore } from './database.ts';
import { resumePayments } from './deliver.ts';
import type { WalletPorts } from './payment.ts';
import { SignerClient } from './signer-client.ts';
import { signerFrame } from './signer-frame.ts';
import { tabLocks } from './tab-locks.ts';

/** What the page knows of the wallet: the signer's state, or why there is none. */
export interface WalletView {
  /** `undefined`: still asked. */
  readonly state: SignerState | undefined;
  readonly failure: Failure | undefined;
  readonly services: WalletServices | undefined;
  /** Counts changes of payments, so that lists are read again. */
  readonly changes: number;
}

let view: WalletView = { state: undefined, failure: undefined, services: undefined, changes: 0 };
let client: Promise<SignerClient | undefined> | undefined;
const listeners = new Set<() => void>();

/** The other tabs of this browser: a payment that one of them ends is shown by all. */
const tabs = new BroadcastChannel('iotw-payments');
tabs.addEventListener('message', () => tell({ changes: view.changes + 1 }));

function tell(change: Partial<WalletView>): void {
  view = { ...view, ...change };
  for (const listener of listeners) listener();
}

/** One signer for the life of the page, started with the first page that needs a wallet. */
async function start(): Promise<SignerClient | undefined> {
  const services = await getWalletServices(connection);
  if (!services.ok) {
    tell({ failure: services.error });
    return undefined;
  }
  const { signerPort, signerOrigin } = services.value;
  tell({ services: services.value });
  if (signerPort === null) {
    const message = 'This server serves no signer: open the app of a server that has a wallet.';
    tell({ failure: { code: 'signer-unreachable', message } });
    return undefined;
  }
  const { protocol, hostname } = window.location;
  const origin = signerOrigin ?? `${protocol}//${hostname}:${signerPort}`;
  const made = new SignerClient(signerFrame(`${origin}/signer.html`));
  made.subscribe(() => tell({ state: made.state, failure: undefined }));
  const state = await made.request(look());
  if (!state.ok) tell({ failure: state.error });
  i18next.on('languageChanged', () => void made.request(look()));
  new MutationObserver(() => void made.request(look())).observe(document.documentElement, {
    attributeFilter: ['data-mantine-color-scheme'],
  });
  return made;
}

function look(): SignerRequest {
  const dark = document.documentElement.dataset.mantineColorScheme === 'dark';
  const language = i18next.language === 'zh-Hant' ? 'zh-Hant' : 'en';
  return { type: 'look', language, theme: dark ? 'dark' : 'light' };
}

/** Starts the signer where it is not, and takes up payments that were left open; a second call does nothing. */
export function startWallet(): void {
  if (client !== undefined) return;
  client = start();
  const resume = () => void resumePayments(ports).then(() => tell({ changes: view.changes + 1 }));
  resume();
  onBack(resume);
}

/** Begins again after the server could not be reached. */
export function restartWallet(): void {
  if (view.state !== undefined) return;
  client = undefined;
  tell({ failure: undefined });
  startWallet();
}

onBack(() => {
  if (view.failure !== undefined) restartWallet();
});

/** Asks the signer. Codes: `signer-unreachable`, and those of its answers. */
export async function askSigner<R extends SignerRequest>(
  request: R,
): Promise<Result<SignerAnswers[R['type']]>> {
  startWallet();
  const signer = await client;
  if (signer !== undefined) return signer.request(request);
  const error = view.failure ?? { code: 'signer-unreachable', message: 'The signer did not start.' };
  return { ok: false, error };
}

/** What the flows stand on in a page. */
export const ports: WalletPorts = {
  connection,
  payments: paymentStore,
  locks: tabLocks,
  sign: (account, transaction) => askSigner({ type: 'sign', account, transaction }),
  changed: () => {
    tell({ changes: view.changes + 1 });
    tabs.postMessage('changed');
  },
};

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The wallet as it is now; starts it. */
export function useWallet(): WalletView {
  startWallet();
  return useSyncExternalStore(subscribe, () => view);
}
