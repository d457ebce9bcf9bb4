import { fileURLToPath } from 'node:url';
import { Child, type ChildLine } from '@iotw/cli/devnet/child';
import { toHex } from '@iotw/kernel/bytes';
import type { Genesis } from '@iotw/protocol/genesis';
import { giveUp, note } from './report.js';

const PROGRAM = fileURLToPath(new URL('../load-child.js', import.meta.url));

/** The network that is loaded. */
export interface LoadTarget {
  readonly genesis: Genesis;
  readonly network: Uint8Array;
  /** Seed that its keys come from. */
  readonly seed: Uint8Array;
  /** Its API servers: requests go to them in turn. */
  readonly apiUrls: readonly string[];
}

export interface LoadPlan {
  readonly payers: number;
  readonly transactions: number;
  readonly transfersEach: number;
  readonly firstSequence: number;
  readonly batch: number;
  /** Default: the payers themselves. */
  readonly recipients?: { readonly first: number; readonly count: number };
  /** How often each is paid: by Zipf's law, the default, or all alike. */
  readonly spread?: 'zipf' | 'even';
}

/** The load generator's process. */
export class Load {
  readonly #child: Child;
  /** Batches that have not been sent yet, after the last answer. */
  left: number;

  private constructor(child: Child, left: number) {
    this.#child = child;
    this.left = left;
  }

  /** Starts it; resolves when everything is signed. */
  static async start(network: LoadTarget, plan: LoadPlan): Promise<Load> {
    const { genesis } = network;
    // Accounts get their numbers in the order in which the genesis credits them: see ledger/genesis-state.
    const config = {
      apiUrls: network.apiUrls,
      network: toHex(network.network),
      seed: toHex(network.seed),
      payers: plan.payers,
      firstAccount:
        plan.recipients?.first ?? (await accountNumber(network, genesis.accounts.length - plan.payers)),
      recipients: plan.recipients?.count ?? plan.payers,
      spread: plan.spread ?? 'zipf',
      transactions: plan.transactions,
      transfersEach: plan.transfersEach,
      firstSequence: plan.firstSequence,
      batch: plan.batch,
    };
    const child = new Child('load generator', PROGRAM, [JSON.stringify(config)]);
    const ready = await child.first('ready');
    if (!ready.ok) giveUp(`${ready.error.code}: ${ready.error.message}`);
    return new Load(child, Number(ready.value.batches));
  }

  async ask(command: string, kind: string): Promise<ChildLine> {
    const answer = this.#child.first(kind);
    this.#child.process.stdin!.write(`${command}\n`);
    const line = await answer;
    if (!line.ok) giveUp(`${line.error.code}: ${line.error.message}`);
    if (typeof line.value.left === 'number') this.left = line.value.left;
    if (Number(line.value.bad) > 0)
      note(`the load generator saw ${line.value.bad} refusals: ${line.value.why}`);
    return line.value;
  }

  async stop(): Promise<void> {
    await this.#child.stop(2_000);
  }
}

/** Account number of the genesis' account at that place. */
async function accountNumber(network: LoadTarget, place: number): Promise<number> {
  const key = toHex(network.genesis.accounts[place]!.key);
  const response = await fetch(`${network.apiUrls[0]}/v1/accounts/${key}`);
  const account = (await response.json()) as { readonly number?: number };
  if (typeof account.number !== 'number')
    giveUp(`the API knows no account ${key}: ${JSON.stringify(account)}`);
  return account.number as number;
}
