/** Marks for a terminal; every function gives its text back unchanged where there is no colour. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
}

const SGR = { bold: [1, 22], dim: [2, 22], good: [32, 39], bad: [31, 39] } as const;

/** Colours only on a terminal, and never where NO_COLOR is set and not empty (no-color.org). */
export function wantsColor(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  return isTerminal && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
}

export function styleOf(color: boolean): Style {
  const mark = (name: keyof typeof SGR) => (text: string) =>
    color ? `\u001b[${SGR[name][0]}m${text}\u001b[${SGR[name][1]}m` : text;
  return { bold: mark('bold'), dim: mark('dim'), good: mark('good'), bad: mark('bad') };
}
