import { ok, type Result } from '@iotw/kernel/result';
import { element } from '../dom.ts';
import { openByPasskey } from '../passkey.ts';
import { formScreen, type Stage } from '../stage.ts';
import { failureText } from '../texts.ts';
import type { Vault } from '../vault.ts';
import { presentPassword } from './password-fields.ts';

/** Asks for the password, or the passkey. Codes: `signer-cancelled`. */
export function unlockScreen(stage: Stage, vault: Vault): Promise<Result<void>> {
  const { t } = stage;
  return stage.ask<void>((settle) => {
    const password = presentPassword(t('password'));
    const passkey = vault.record?.passkey;
    const byPasskey = async () => {
      const words = await openByPasskey(passkey!);
      const opened = words.ok ? await vault.unlockWords(words.value) : words;
      if (opened.ok) settle(ok(undefined));
      else screen.querySelector('[role=alert]')!.textContent = failureText(t, opened.error);
    };
    const screen = formScreen(stage, settle, {
      title: t('unlock.title'),
      body: [password.row],
      go: t('unlock.go'),
      ...(passkey === undefined
        ? {}
        : {
            more: [
              element('button', { type: 'button', onclick: () => void byPasskey() }, t('unlock.passkey')),
            ],
          }),
      submit: () => vault.unlock(password.input.value),
    });
    return screen;
  });
}
