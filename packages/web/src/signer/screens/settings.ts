import { ok, type Result } from '@iotw/kernel/result';
import { element, field } from '../dom.ts';
import { enrolPasskey, passkeysPossible } from '../passkey.ts';
import { cancelled, formScreen, type Stage } from '../stage.ts';
import { failureText } from '../texts.ts';
import type { Vault } from '../vault.ts';
import { LOCK_MINUTES } from '../vault-record.ts';
import { backupScreens } from './backup.ts';
import { newPassword, presentPassword } from './password-fields.ts';

type Choice = 'password' | 'passkey' | 'words' | 'forget';

/** Everything that changes the stored wallet. Ends when the person is done. */
export async function settingsScreens(stage: Stage, vault: Vault): Promise<Result<void>> {
  for (;;) {
    const choice = await menu(stage, vault);
    if (!choice.ok || choice.value === undefined) return ok(undefined);
    if (choice.value === 'words') await backupScreens(stage, vault);
    if (choice.value === 'password') await passwordScreen(stage, vault);
    if (choice.value === 'passkey') await passkeyScreen(stage, vault);
    if (choice.value === 'forget' && (await forgetScreen(stage, vault)).ok) return ok(undefined);
  }
}

function menu(stage: Stage, vault: Vault): Promise<Result<Choice | undefined>> {
  const { t } = stage;
  return stage.ask<Choice | undefined>((settle) => {
    const choose = (label: string, choice: Choice) =>
      element('button', { type: 'button', onclick: () => settle(ok(choice)) }, label);
    const minutes = field(t('settings.lock'), {
      type: 'number',
      name: 'minutes',
      min: LOCK_MINUTES.least,
      max: LOCK_MINUTES.most,
      value: vault.record?.lockMinutes ?? LOCK_MINUTES.default,
    });
    const said = element('p', { class: 'hint', role: 'status' });
    const keep = async () => {
      const kept = await vault.setLockMinutes(Number(minutes.input.value) || LOCK_MINUTES.default);
      said.textContent = kept.ok ? t('settings.saved') : failureText(t, kept.error);
    };
    const passkey = vault.record?.passkey !== undefined;
    return formScreen(stage, settle, {
      title: t('settings.title'),
      body: [
        minutes.row,
        element(
          'div',
          { class: 'actions' },
          element('button', { type: 'button', onclick: () => void keep() }, t('settings.lock.go')),
        ),
        said,
        element(
          'div',
          { class: 'menu' },
          choose(t('settings.words'), 'words'),
          choose(t('settings.password'), 'password'),
          passkey || passkeysPossible()
            ? choose(t(passkey ? 'settings.passkey.remove' : 'settings.passkey.add'), 'passkey')
            : element('p', { class: 'hint' }, t('settings.passkey.none')),
          keyFileLink(t('settings.file'), vault.record?.keyFile ?? ''),
          choose(t('settings.forget'), 'forget'),
        ),
      ],
      go: t('done'),
      submit: async () => ok(undefined),
    });
  });
}

/** The key file is ciphertext as it lies in the store: saving it tells nothing new to anybody. */
function keyFileLink(label: string, keyFile: string): HTMLElement {
  const href = URL.createObjectURL(new Blob([keyFile], { type: 'application/json' }));
  return element('a', { class: 'button', href, download: 'iotw-wallet.json' }, label);
}

function passwordScreen(stage: Stage, vault: Vault): Promise<Result<void>> {
  const { t } = stage;
  return stage.ask<void>((settle) => {
    const old = presentPassword(t('password.old'));
    const chosen = newPassword(t, t('password.new'));
    return formScreen(stage, settle, {
      title: t('settings.password'),
      body: [old.row, ...chosen.rows],
      go: t('settings.password'),
      submit: async () => {
        const fresh = chosen.read();
        return fresh.ok ? vault.changePassword(old.input.value, fresh.value) : fresh;
      },
    });
  });
}

async function passkeyScreen(stage: Stage, vault: Vault): Promise<Result<void>> {
  const { t } = stage;
  if (vault.record?.passkey !== undefined) return vault.setPasskey(undefined);
  return stage.ask<void>((settle) => {
    const password = presentPassword(t('password'));
    return formScreen(stage, settle, {
      title: t('settings.passkey.add'),
      body: [password.row],
      go: t('settings.passkey.add'),
      submit: async () => {
        const words = await vault.words(password.input.value);
        if (!words.ok) return words;
        const made = await enrolPasskey(words.value, vault.state.accounts[0]?.name ?? 'IOTW');
        return made.ok ? vault.setPasskey(made.value) : made;
      },
    });
  });
}

function forgetScreen(stage: Stage, vault: Vault): Promise<Result<void>> {
  const { t } = stage;
  return stage
    .ask<void>((settle) => {
      const password = presentPassword(t('password'));
      return formScreen(stage, settle, {
        title: t('settings.forget'),
        intro: t('settings.forget.warning'),
        body: [password.row],
        go: t('settings.forget.go'),
        submit: async () => {
          const words = await vault.words(password.input.value);
          return words.ok ? vault.forget() : words;
        },
      });
    })
    .then((done) => (done.ok ? done : cancelled()));
}
