import { type DurableResults, type Invariant, Violation } from './invariant.js';

/**
 * What a client was told to be final is durable on a ledger server at that moment, with that code, and
 * stands in every later state of every ledger server.
 */
export class FinalIsKept implements Invariant {
  readonly name = 'final-is-kept';
  readonly #final = new Map<string, { readonly code: number; readonly round: number }>();

  final(id: string, code: number, servers: readonly DurableResults[]): void {
    const holding = servers.filter(({ codes }) => codes.get(id) === code);
    if (holding.length === 0)
      throw new Violation(this.name, `${id} was told final with code ${code} and is durable nowhere`);
    const round = Math.max(...holding.map((server) => server.round));
    if (!this.#final.has(id)) this.#final.set(id, { code, round });
  }

  restored({ server, round, codes }: DurableResults): void {
    for (const [id, told] of this.#final) {
      if (told.round > round || codes.get(id) === told.code) continue;
      throw new Violation(
        this.name,
        `ledger server ${server} at round ${round} has lost ${id}, final with code ${told.code}`,
      );
    }
  }
}
