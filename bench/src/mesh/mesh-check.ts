import { pause } from '../durability/node-run.js';
import type { Bank, Final } from './bank.js';
import type { MeshNetwork } from './mesh-network.js';

const CATCH_UP_MS = 90_000;
const LOOK_MS = 200;
/** Rounds and transactions asked for at once. */
const AT_ONCE = 16;

/** Holds the servers of a mesh against each other and against what clients were told. */
export class MeshCheck {
  readonly #mesh: MeshNetwork;
  readonly #bank: Bank;
  /** Rounds up to this one are compared; finals up to this many were found at every server. */
  #round = 0;
  #finals = 0;
  /** Agreed times at which epochs opened, in order, ms. */
  readonly openings: number[] = [];

  constructor(mesh: MeshNetwork, bank: Bank) {
    this.#mesh = mesh;
    this.#bank = bank;
  }

  /** Rounds that were compared. */
  get rounds(): number {
    return this.#round;
  }

  /** What is wrong since the last look: states that differ, finals that a server does not have. */
  async look(): Promise<string[]> {
    const wrong: string[] = [];
    const finals = this.#bank.finals.slice(this.#finals);
    const last = Math.max(this.#round, ...finals.map(({ round }) => round));
    const behind = await this.#allAt(last);
    if (behind !== undefined) return [behind];
    const opened: number[] = [];
    const rounds = Array.from({ length: last - this.#round }, (_, i) => this.#round + 1 + i);
    await eachOf(rounds, async (number) => {
      const views = await Promise.all(this.#mesh.apiUrls.map((api) => read(`${api}/v1/rounds/${number}`)));
      const hashes = views.map((view) => String(view?.stateHash));
      if (views[0]?.opensEpoch === true) {
        opened.push(views[0].timeMs as number);
        if (views[0].seedSource !== 'threshold')
          wrong.push(`round ${number} has a seed of ${views[0].seedSource}`);
      }
      if (new Set(hashes).size > 1 || hashes[0] === 'undefined')
        wrong.push(`round ${number} has the state hashes ${hashes.join(', ')}`);
    });
    await eachOf(finals, async (final) => wrong.push(...(await this.#missing(final))));
    this.openings.push(...opened.sort((a, b) => a - b));
    this.#round = last;
    this.#finals += finals.length;
    return wrong;
  }

  /** Every sum that was read holds every unit that the accounts had but the fees of the transfers up to its round. */
  sums(total: number): string[] {
    const wrong: string[] = [];
    for (const { round, balances } of this.#bank.reads) {
      const fees = this.#bank.finals.reduce((sum, final) => sum + (final.round <= round ? final.fee : 0), 0);
      const sum = balances.reduce((one, other) => one + other, 0);
      if (sum + fees !== total) wrong.push(`a read of round ${round} is ${total - fees - sum} short`);
    }
    return wrong;
  }

  async #missing({ id, round }: Final): Promise<string[]> {
    const answers = await Promise.all(
      this.#mesh.apiUrls.map((api) => readSettled(`${api}/v1/transactions/${id}`)),
    );
    return answers.flatMap((answer, server) =>
      answer?.code === 'ok' && answer.round === round
        ? []
        : [`server ${server} says of ${id}, final in round ${round}: ${JSON.stringify(answer)}`],
    );
  }

  /** Waits until every server has that round; a sentence where one does not get there. */
  async #allAt(round: number): Promise<string | undefined> {
    const until = performance.now() + CATCH_UP_MS;
    for (;;) {
      const at = await Promise.all(
        this.#mesh.apiUrls.map(async (api) => Number((await read(`${api}/v1/status`))?.round ?? -1)),
      );
      if (at.every((reached) => reached >= round)) return undefined;
      if (performance.now() > until) return `round ${round} is not everywhere: ${at.join(', ')}`;
      await pause(LOOK_MS);
    }
  }
}

async function eachOf<T>(items: readonly T[], look: (item: T) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < items.length; at += AT_ONCE)
    await Promise.all(items.slice(at, at + AT_ONCE).map(look));
}

/** The index comes a little behind the rounds. */
async function readSettled(url: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  for (let tries = 0; ; tries++) {
    const answer = await read(url);
    if (typeof answer?.round === 'number' || tries === 50) return answer;
    await pause(LOOK_MS);
  }
}

async function read(url: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    return (await response.json()) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}
