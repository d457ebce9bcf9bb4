import { fileURLToPath } from 'node:url';
import { Child, type ChildLine } from '@iotw/cli/devnet/child';
import { toHex } from '@iotw/kernel/bytes';
import type { BenchNetwork } from './bench-network.js';
import { giveUp, note } from './report.js';

const PROGRAM = fileURLToPath(new URL('../load-child.js', import.meta.url));

export interface LoadPlan {
  readonly payers: number;
  readonly transactions: number;
  readonly transfersEach: number;
  readonly firstSequence: number;
  readonly batch: number;
  /** Default: the payers themselves, by Zipf's law. */
  readonly recipients?: { readonly first: number; readonly count: number };
}

/** The load generator's process. */
export class Load {
  readonly #child: Child;

  private constructor(child: Child) {
    this.#child = child;
  }

  /** Starts it; resolves when everything is signed. */
  static async start(network: BenchNetwork, plan: LoadPlan): Promise<Load> {
    const { genesis } = network;
    // Accounts get their numbers in the order in which the genesis credits them: see ledger/genesis-state.
    const config = {
      apiUrl: network.apiUrl,
      network: toHex(network.network),
      seed: toHex(network.seed),
      payers: plan.payers,
      firstAccount:
        plan.recipients?.first ?? (await accountNumber(network, genesis.accounts.length - plan.payers)),
      recipients: plan.recipients?.count ?? plan.payers,
      spread: plan.recipients === undefined ? 'zipf' : 'even',
      transactions: plan.transactions,
      transfersEach: plan.transfersEach,
      firstSequence: plan.firstSequence,
      batch: plan.batch,
    };
    const child = new Child('load generator', PROGRAM, [JSON.stringify(config)]);
    const ready = await child.first('ready');
    if (!ready.ok) giveUp(`${ready.error.code}: ${ready.error.message}`);
    return new Load(child);
  }

  async ask(command: string, kind: string): Promise<ChildLine> {
    const answer = this.#child.first(kind);
    this.#child.process.stdin!.write(`${command}\n`);
    const line = await answer;
    if (!line.ok) giveUp(`${line.error.code}: ${line.error.message}`);
    if (Number(line.value.bad) > 0)
      note(`the load generator saw ${line.value.bad} refusals: ${line.value.why}`);
    return line.value;
  }

  async stop(): Promise<void> {
    await this.#child.stop(2_000);
  }
}

/** Account number of the genesis' account at that place. */
async function accountNumber(network: BenchNetwork, place: number): Promise<number> {
  const key = toHex(network.genesis.accounts[place]!.key);
  const response = await fetch(`${network.apiUrl}/v1/accounts/${key}`);
  const account = (await response.json()) as { readonly number?: number };
  if (typeof account.number !== 'number')
    giveUp(`the API knows no account ${key}: ${JSON.stringify(account)}`);
  return account.number as number;
}
