import { fail, ok, type Result } from '@iotw/kernel/result';
import { field } from '../dom.ts';
import type { Translate } from '../texts.ts';

/** Two fields for a password that is chosen now. Code: `signer-passwords-differ`. */
export function newPassword(t: Translate): {
  readonly rows: readonly HTMLElement[];
  readonly read: () => Result<string>;
} {
  const attributes = { type: 'password', autocomplete: 'new-password', required: true, maxlength: 1024 };
  const first = field(t('password'), { ...attributes, name: 'password' }, t('password.hint'));
  const second = field(t('password.again'), { ...attributes, name: 'password-again' });
  return {
    rows: [first.row, second.row],
    read: () =>
      first.input.value === second.input.value
        ? ok(first.input.value)
        : fail('signer-passwords-differ', t('password.differ')),
  };
}
