/** What an audit of a witness found. `against`: whom a bad finding speaks against: the device, or who gave the data. */
export interface AuditFinding {
  /** Stable name, for programs and tests. */
  readonly name: string;
  /** `note`: in order, but worth knowing. `unchecked`: what it takes to tell was not given. */
  readonly verdict: 'good' | 'note' | 'unchecked' | 'bad';
  readonly against?: 'device' | 'data';
  /** One plain sentence. */
  readonly sentence: string;
  /** The block it is about, where it is about one. */
  readonly round?: number;
  readonly lane?: number;
  readonly height?: number;
}

/** The block a finding is about. */
export interface Where {
  readonly round: number;
  readonly lane: number;
  readonly height: number;
}

/** Gathers findings in the order they are made. */
export class AuditFindings {
  readonly all: AuditFinding[] = [];

  good(name: string, sentence: string): void {
    this.all.push({ name, verdict: 'good', sentence });
  }

  note(name: string, sentence: string, where?: Where): void {
    this.all.push({ name, verdict: 'note', sentence, ...where });
  }

  unchecked(name: string, sentence: string, where?: Where): void {
    this.all.push({ name, verdict: 'unchecked', sentence, ...where });
  }

  bad(name: string, against: 'device' | 'data', sentence: string, where?: Where): void {
    this.all.push({ name, verdict: 'bad', against, sentence, ...where });
  }

  /** Says it is good where nothing of these names is bad or open. */
  goodUnless(names: readonly string[], name: string, sentence: string): void {
    const hurt = this.all.some(
      (found) => names.includes(found.name) && (found.verdict === 'bad' || found.verdict === 'unchecked'),
    );
    if (!hurt) this.good(name, sentence);
  }
}
