import { ok, type Result } from '@iotw/kernel/result';
import { formatAmount } from '@iotw/sdk/transaction/amount';
import type { ShownField, ShownTransaction } from '../describe.ts';
import { element } from '../dom.ts';
import { formScreen, type Settle, type Stage } from '../stage.ts';
import { type Translate, translateName } from '../texts.ts';
import { guardButton } from '../visibility.ts';

/** Shows all that a transaction says; resolves when the person signs. Codes: `signer-cancelled`. */
export function confirmScreen(
  stage: Stage,
  account: string,
  stating: string,
  shown: ShownTransaction,
): Promise<Result<void>> {
  const { t } = stage;
  return stage.ask<void>((settle) => {
    const body: HTMLElement[] = shown.operations.map(({ name, pays, fields, alike }) =>
      element(
        'section',
        { class: 'operation' },
        element('h2', {}, translateName(t, 'operation', name)),
        pays !== undefined &&
          element('p', { class: 'amount' }, t('confirm.pay', { amount: formatAmount(pays) })),
        alike !== undefined &&
          element('p', { class: 'amount' }, t('confirm.devices', { count: alike.length })),
        fieldList(t, fields, stating),
        alike !== undefined && deviceList(t, alike),
        name === 'transfer' && element('p', { class: 'hint' }, t('confirm.number')),
      ),
    );
    const totals = [
      { label: t('confirm.account'), value: account },
      ...(shown.memo === '' ? [] : [{ label: t('confirm.memo'), value: shown.memo }]),
      { label: t('confirm.fee'), value: `${formatAmount(shown.fee)} IOTW` },
      { label: t('confirm.total'), value: `${formatAmount(shown.total + shown.fee)} IOTW` },
    ];
    body.push(fieldList(t, totals), fieldList(t, shown.fields));
    return guarded(stage, settle, { title: t('confirm.title'), body, go: t('confirm.go') });
  });
}

/** Shows which device is taken over from whom. Codes: `signer-cancelled`. */
export function handoverScreen(
  stage: Stage,
  account: string,
  device: string,
  from: string,
): Promise<Result<void>> {
  const { t } = stage;
  return stage.ask<void>((settle) =>
    guarded(stage, settle, {
      title: t('handover.title'),
      intro: t('handover.intro'),
      body: [
        fieldList(t, [
          { label: t('handover.device'), value: device },
          { label: t('handover.from'), value: from },
          { label: t('confirm.account'), value: account },
        ]),
      ],
      go: t('handover.go'),
    }),
  );
}

/** Shows what the owner says on the data of a device. Codes: `signer-cancelled`. */
export function consentScreen(
  stage: Stage,
  account: string,
  device: string,
  share: boolean,
): Promise<Result<void>> {
  const { t } = stage;
  return stage.ask<void>((settle) =>
    guarded(stage, settle, {
      title: t(share ? 'consent.yes' : 'consent.no'),
      intro: t('consent.intro'),
      body: [
        fieldList(t, [
          { label: t('handover.device'), value: device },
          { label: t('confirm.account'), value: account },
        ]),
      ],
      go: t('confirm.go'),
    }),
  );
}

function guarded(
  stage: Stage,
  settle: Settle<void>,
  parts: { title: string; intro?: string; body: readonly HTMLElement[]; go: string },
): HTMLElement {
  const { t } = stage;
  const covered = element('p', { class: 'alert', role: 'alert', hidden: true }, t('confirm.covered'));
  const screen = formScreen(stage, settle, {
    ...parts,
    body: [...parts.body, covered],
    cancel: t('confirm.refuse'),
    submit: async () => ok(undefined),
  });
  guardButton(screen.querySelector<HTMLButtonElement>('button.go')!, (hidden) => {
    covered.hidden = !hidden;
  });
  return screen;
}

/** Each device's key and signatures: folded, for hundreds come in one delivery. */
function deviceList(t: Translate, lines: readonly string[]): HTMLElement {
  return element(
    'details',
    {},
    element('summary', {}, t('confirm.keys')),
    element('ol', { class: 'keys', translate: 'no' }, ...lines.map((line) => element('li', {}, line))),
  );
}

/** `stating`: the account whose key makes the statements that stand empty. */
function fieldList(t: Translate, fields: readonly ShownField[], stating = ''): HTMLElement {
  return element(
    'dl',
    {},
    ...fields.flatMap(({ label, value, word }) => [
      element('dt', {}, fieldName(t, label)),
      element('dd', { translate: 'no' }, word === undefined ? value : wordOf(t, word, value, stating)),
    ]),
  );
}

const CHANGES = 'content.changes.';

/** A parameter is named as it is on the ledger; other fields of a proposal by what they are. */
function fieldName(t: Translate, label: string): string {
  if (label.startsWith(CHANGES)) return t('field.parameter', { name: label.slice(CHANGES.length) });
  return translateName(t, 'field', label.startsWith('content.') ? label.slice('content.'.length) : label);
}

function wordOf(t: Translate, word: string, value: string, stating: string): string {
  if (word === 'made') return t('value.made', { account: stating });
  const text = translateName(t, 'value', word);
  return text === word ? value : text;
}
