/** What the doctor found of one thing. */
export interface Finding {
  readonly name: string;
  readonly state: 'good' | 'warning' | 'bad';
  /** What was found, one line. */
  readonly found: string;
  /** How to mend it; always there unless it is good. */
  readonly mend?: string;
}

export function good(name: string, found: string): Finding {
  return { name, state: 'good', found };
}

export function warning(name: string, found: string, mend: string): Finding {
  return { name, state: 'warning', found, mend };
}

export function bad(name: string, found: string, mend: string): Finding {
  return { name, state: 'bad', found, mend };
}
