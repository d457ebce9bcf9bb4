/** Elements without a framework: text goes in as text nodes only, so nothing that is shown can become markup. */

type Child = Node | string | undefined | false;
type Attributes = Readonly<Record<string, string | number | boolean | undefined | EventListener>>;

/**
 * One element. Attributes named `on…` with a function are listeners; `true` is an attribute without value; `false` and
 * `undefined` are left out.
 */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, '');
    else if (value !== false && value !== undefined) made.setAttribute(name, String(value));
  }
  for (const child of children) if (child !== undefined && child !== false) made.append(child);
  return made;
}

let fields = 0;

/** An input with its label; `hint` is read out with it. */
export function field(
  label: string,
  attributes: Attributes,
  hint?: string,
): { readonly row: HTMLElement; readonly input: HTMLInputElement } {
  const id = `field-${++fields}`;
  const input = element('input', {
    id,
    ...attributes,
    'aria-describedby': hint === undefined ? undefined : `${id}-hint`,
  });
  const row = element(
    'div',
    { class: 'field' },
    element('label', { for: id }, label),
    input,
    hint !== undefined && element('p', { class: 'hint', id: `${id}-hint` }, hint),
  );
  return { row, input };
}
