import { fail, ok, type Result } from '@iotw/kernel/result';
import { field } from '../dom.ts';
import type { Translate } from '../texts.ts';

/** The password that the wallet has now. */
export function presentPassword(label: string): ReturnType<typeof field> {
  const attributes = { type: 'password', autocomplete: 'current-password', required: true };
  return field(label, { ...attributes, name: 'password' });
}

/** Two fields for a password that is chosen now. Code: `signer-passwords-differ`. */
export function newPassword(
  t: Translate,
  label = t('password'),
): {
  readonly rows: readonly HTMLElement[];
  readonly read: () => Result<string>;
} {
  const attributes = { type: 'password', autocomplete: 'new-password', required: true, maxlength: 1024 };
  const first = field(label, { ...attributes, name: 'new-password' }, t('password.hint'));
  const second = field(t('password.again'), { ...attributes, name: 'new-password-again' });
  return {
    rows: [first.row, second.row],
    read: () =>
      first.input.value === second.input.value
        ? ok(first.input.value)
        : fail('signer-passwords-differ', t('password.differ')),
  };
}
