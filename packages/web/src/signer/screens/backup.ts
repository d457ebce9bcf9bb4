import { fail, ok, type Result } from '@iotw/kernel/result';
import { element, field } from '../dom.ts';
import { formScreen, type Stage } from '../stage.ts';
import type { Vault } from '../vault.ts';
import { presentPassword } from './password-fields.ts';

/** How many words of the paper are asked for. */
const ASKED = 3;

/** The words of the wallet, after its password. Codes: `signer-cancelled`, those of the vault. */
export async function backupScreens(stage: Stage, vault: Vault): Promise<Result<void>> {
  const { t } = stage;
  const words = await stage.ask<string>((settle) => {
    const password = presentPassword(t('password'));
    return formScreen(stage, settle, {
      title: t('settings.words'),
      body: [password.row],
      go: t('next'),
      submit: () => vault.words(password.input.value),
    });
  });
  if (!words.ok) return words;
  const seen = await showWords(stage, words.value);
  return seen.ok ? checkBackup(stage, vault, words.value) : seen;
}

/** Shows the words until the person says that they are written down. */
export function showWords(stage: Stage, words: string): Promise<Result<void>> {
  const { t } = stage;
  return stage.ask<void>((settle) =>
    formScreen(stage, settle, {
      title: t('words.title'),
      intro: t('words.intro'),
      body: [
        element(
          'ol',
          { class: 'words', translate: 'no', 'data-testid': 'words' },
          ...words.split(' ').map((word) => element('li', {}, word)),
        ),
      ],
      go: t('words.written'),
      cancel: t('check.later'),
      submit: async () => ok(undefined),
    }),
  );
}

/** Asks for some of the words. What is right is noted in the vault. Codes: `signer-cancelled`, `signer-storage`. */
export function checkBackup(stage: Stage, vault: Vault, words: string): Promise<Result<void>> {
  const { t } = stage;
  const all = words.split(' ');
  const asked = choose(all.length, ASKED);
  return stage.ask<void>((settle) => {
    const fields = asked.map((place) =>
      field(t('check.word', { position: place + 1 }), {
        name: `word-${place + 1}`,
        autocapitalize: 'none',
        spellcheck: 'false',
        required: true,
      }),
    );
    return formScreen(stage, settle, {
      title: t('check.title'),
      intro: t('check.intro'),
      body: fields.map(({ row }) => row),
      go: t('check.go'),
      cancel: t('check.later'),
      submit: async () => {
        const wrong = asked.find((place, i) => fields[i]!.input.value.trim().toLowerCase() !== all[place]);
        if (wrong !== undefined) {
          return fail('signer-backup-wrong', t('check.wrong', { position: wrong + 1 }), {
            position: wrong + 1,
          });
        }
        return vault.setBackedUp();
      },
    });
  });
}

/** `count` different places of 0 .. length-1, in order, by the browser's secure randomness. */
function choose(length: number, count: number): readonly number[] {
  const places = new Set<number>();
  while (places.size < count) places.add(crypto.getRandomValues(new Uint32Array(1))[0]! % length);
  return [...places].sort((a, b) => a - b);
}
