import { type Failure, fail, type Result } from '@iotw/kernel/result';
import { element } from './dom.ts';
import { failureText, type Translate } from './texts.ts';

export type Settle<T> = (result: Result<T>) => void;

/** One screen at a time: it is shown until it settles, then the page is empty again. */
export class Stage {
  readonly #root: HTMLElement;
  #settle: ((failure: Failure) => void) | undefined;
  t: Translate;

  constructor(root: HTMLElement, t: Translate) {
    this.#root = root;
    this.t = t;
  }

  /** Whether a person is being asked something. */
  get busy(): boolean {
    return this.#settle !== undefined;
  }

  /**
   * Shows what `build` makes and gives what it settles with. Codes: `signer-cancelled` (by the person, or `dismiss`),
   * those of the screen.
   */
  async ask<T>(build: (settle: Settle<T>) => HTMLElement): Promise<Result<T>> {
    const result = await new Promise<Result<T>>((resolve) => {
      this.#settle = (error) => resolve({ ok: false, error });
      const screen = build(resolve);
      this.#root.replaceChildren(screen);
      screen.querySelector<HTMLElement>('[autofocus], input, textarea')?.focus();
    });
    this.#settle = undefined;
    this.#root.replaceChildren();
    return result;
  }

  /** Takes the screen away, as if the person had cancelled. */
  dismiss(): void {
    this.#settle?.(cancelled().error);
  }
}

export function cancelled() {
  return fail('signer-cancelled', 'Nothing was signed or changed: you cancelled.');
}

/** The frame of a screen: a form whose button runs `submit`, tells its failure and settles with its success. */
export function formScreen<T>(
  stage: Stage,
  settle: Settle<T>,
  parts: {
    readonly title: string;
    readonly intro?: string;
    readonly body: readonly (HTMLElement | undefined)[];
    readonly go: string;
    readonly cancel?: string;
    readonly more?: readonly HTMLElement[];
    readonly submit: () => Promise<Result<T>>;
  },
): HTMLElement {
  const { t } = stage;
  const alert = element('p', { class: 'alert', role: 'alert' });
  const go = element('button', { type: 'submit', class: 'go' }, parts.go);
  const submit = async (event: Event) => {
    event.preventDefault();
    go.disabled = true;
    go.textContent = t('working');
    alert.textContent = '';
    // One frame, so that the words above show before argon2id takes the thread.
    await new Promise((painted) => setTimeout(painted, 20));
    const result = await parts.submit();
    go.disabled = false;
    go.textContent = parts.go;
    if (result.ok) settle(result);
    else alert.textContent = failureText(t, result.error);
  };
  return element(
    'form',
    { class: 'screen', onsubmit: (event: Event) => void submit(event), autocomplete: 'off' },
    element('h1', {}, parts.title),
    parts.intro !== undefined && element('p', {}, parts.intro),
    ...parts.body,
    alert,
    element(
      'div',
      { class: 'actions' },
      element('button', { type: 'button', onclick: () => settle(cancelled()) }, parts.cancel ?? t('cancel')),
      ...(parts.more ?? []),
      go,
    ),
    element('p', { class: 'origin' }, t('origin', { origin: window.location.host })),
  );
}
