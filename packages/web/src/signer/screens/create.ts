import { ok, type Result } from '@iotw/kernel/result';
import { createMnemonic } from '@iotw/sdk/wallet/mnemonic';
import { field } from '../dom.ts';
import { formScreen, type Stage } from '../stage.ts';
import type { Vault } from '../vault.ts';
import { checkBackup, showWords } from './backup.ts';
import { newPassword } from './password-fields.ts';

/**
 * A new wallet: a password, the words, and a check of the paper, which may wait. The wallet is kept before its words are
 * shown, so that nobody writes down words of a wallet that then was not stored.
 */
export async function createScreens(stage: Stage, vault: Vault): Promise<Result<void>> {
  const { t } = stage;
  const made = await stage.ask<string>((settle) => {
    const password = newPassword(t);
    const name = field(t('account.name'), { name: 'account', value: t('account.default'), maxlength: 64 });
    return formScreen(stage, settle, {
      title: t('create.title'),
      intro: t('create.intro'),
      body: [...password.rows, name.row],
      go: t('create.go'),
      submit: async () => {
        const chosen = password.read();
        if (!chosen.ok) return chosen;
        const words = createMnemonic();
        const created = await vault.create(words, chosen.value, name.input.value.trim(), false);
        return created.ok ? ok(words) : created;
      },
    });
  });
  if (!made.ok) return made;
  const seen = await showWords(stage, made.value);
  // The wallet is there, whether or not its backup was checked.
  if (seen.ok) await checkBackup(stage, vault, made.value);
  return ok(undefined);
}
