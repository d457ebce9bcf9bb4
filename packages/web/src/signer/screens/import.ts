import { ok, type Result } from '@iotw/kernel/result';
import { parseMnemonic } from '@iotw/sdk/wallet/mnemonic';
import { suggestWords } from '@iotw/sdk/wallet/suggest-words';
import { element, field } from '../dom.ts';
import { formScreen, type Stage } from '../stage.ts';
import type { Vault } from '../vault.ts';
import { newPassword } from './password-fields.ts';

/** A wallet from its words; a word that is none brings those that are like it. Codes: `signer-cancelled`. */
export function importScreens(stage: Stage, vault: Vault): Promise<Result<void>> {
  const { t } = stage;
  return stage.ask<void>((settle) => {
    const help = element('div', { class: 'suggestions', role: 'status' });
    const words = element('textarea', {
      id: 'words',
      name: 'words',
      rows: 4,
      required: true,
      autocapitalize: 'none',
      spellcheck: 'false',
      autocomplete: 'off',
      maxlength: 1000,
    });
    const suggest = () => {
      const read = parseMnemonic(words.value);
      const positions = read.ok ? undefined : (read.error.data?.positions as readonly number[] | undefined);
      help.replaceChildren(...(positions ?? []).slice(0, 3).map((position) => suggestion(position)));
    };
    const suggestion = (position: number): HTMLElement => {
      const typed = wordsOf(words.value)[position - 1] ?? '';
      const like = suggestWords(typed);
      const text = like.length === 0 ? 'import.unknown' : 'import.suggest';
      return element(
        'p',
        {},
        t(text, { position, word: typed.slice(0, 24) }),
        ...like.map((word) =>
          element(
            'button',
            {
              type: 'button',
              onclick: () => {
                const all = wordsOf(words.value);
                all[position - 1] = word;
                words.value = all.join(' ');
                suggest();
              },
            },
            word,
          ),
        ),
      );
    };
    words.addEventListener('change', suggest);
    const password = newPassword(t);
    const name = field(t('account.name'), { name: 'account', value: t('account.default'), maxlength: 64 });
    return formScreen(stage, settle, {
      title: t('import.title'),
      intro: t('import.intro'),
      body: [
        element('div', { class: 'field' }, element('label', { for: 'words' }, t('import.words')), words),
        help,
        ...password.rows,
        name.row,
      ],
      go: t('import.go'),
      submit: async () => {
        const mnemonic = parseMnemonic(words.value);
        suggest();
        if (!mnemonic.ok) return mnemonic;
        const chosen = password.read();
        if (!chosen.ok) return chosen;
        // Whoever types the words has them: that is the backup.
        const made = await vault.create(mnemonic.value, chosen.value, name.input.value.trim(), true);
        return made.ok ? ok(undefined) : made;
      },
    });
  });
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}
