/** The signer's page: a frame of the app on an origin of its own, with no way to the network (spec/adr/0023). */
import './signer.css';
import { fail, type Result } from '@iotw/kernel/result';
import { isSignerMessage, readCall, type SignerEvent, type SignerRequest } from './messages.ts';
import { type NetworkCard, readNetworkCard } from './network-card.ts';
import { Signer } from './signer.ts';
import { Stage } from './stage.ts';
import { translator } from './texts.ts';
import { Vault } from './vault.ts';
import { databaseVaultStore } from './vault-database.ts';

/** How often it looks whether it was left alone, ms. */
const LOOK_MS = 5_000;
const SHOWING: readonly SignerRequest['type'][] = [
  'create',
  'import',
  'unlock',
  'backup',
  'settings',
  'add-account',
  'sign',
  'accept-handover',
  'consent',
];

async function start(card: NetworkCard): Promise<void> {
  const root = document.getElementById('root')!;
  const tell = (event: SignerEvent) => window.parent.postMessage(event, card.app);
  const stage = new Stage(root, translator('en'));
  const opened = await Vault.open({ store: databaseVaultStore(), nowMs: Date.now });
  const tabs = new BroadcastChannel('iotw-signer');
  let signer: Signer | undefined;
  let vault: Vault | undefined;
  if (opened.ok) {
    vault = opened.value;
    signer = new Signer(vault, stage, card);
  }

  const tellState = () => {
    if (vault !== undefined) tell({ iotwSigner: 1, kind: 'state', state: vault.state });
  };
  const serve = async (request: SignerRequest): Promise<Result<unknown>> => {
    if (request.type === 'look') {
      stage.t = translator(request.language);
      document.documentElement.lang = request.language;
      document.documentElement.dataset.theme = request.theme;
    }
    if (signer === undefined) {
      return opened.ok ? fail('signer-storage', 'The wallet can’t be read.') : opened;
    }
    const shows = SHOWING.includes(request.type) && !stage.busy;
    if (shows) tell({ iotwSigner: 1, kind: 'show', visible: true });
    const answer = await signer.answer(request);
    if (shows) tell({ iotwSigner: 1, kind: 'show', visible: false });
    if (request.type !== 'state' && request.type !== 'look') {
      tellState();
      tabs.postMessage(request.type === 'lock' ? 'lock' : 'changed');
    }
    return answer;
  };

  window.addEventListener('message', (event) => {
    // Only the page that frames this one, and only from the app's origin: nobody else is even answered.
    if (event.source !== window.parent || event.origin !== card.app || !isSignerMessage(event.data)) return;
    const call = readCall(event.data);
    if (call === undefined) return;
    const { id, request } = call;
    const answered = request.ok ? serve(request.value) : Promise.resolve(request);
    void answered.then((answer) => tell({ iotwSigner: 1, kind: 'answer', id, answer }));
  });
  tabs.addEventListener('message', ({ data }) => {
    if (data === 'lock') vault?.lock();
    void vault?.reload().then(tellState);
  });
  for (const kind of ['pointerdown', 'keydown']) {
    document.addEventListener(kind, () => vault?.touch(), { capture: true });
  }
  document.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') stage.dismiss();
  });
  setInterval(() => {
    if (vault?.isIdle !== true) return;
    vault.lock();
    tellState();
  }, LOOK_MS);
  tell({ iotwSigner: 1, kind: 'ready' });
}

const card = readNetworkCard(document.querySelector<HTMLMetaElement>('meta[name=signer-card]')?.content);
// Outside a frame there is no app that could ask.
if (window.parent === window) document.body.textContent = 'The signer works inside the wallet: open the app.';
else if (!card.ok) document.body.textContent = card.error.message;
else void start(card.value);
