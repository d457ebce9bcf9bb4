import { devnetGenesis } from '@iotw/cli/devnet/devnet-genesis';
import { Prng } from '@iotw/kernel/prng';
import { SignatureChecker } from '@iotw/kernel/signature-checker';
import { TransactionApplier } from '@iotw/ledger/apply-transaction';
import { checkGenesis } from '@iotw/ledger/genesis-check';
import { fillFromGenesis } from '@iotw/ledger/genesis-state';
import { State } from '@iotw/ledger/state';
import { VERSION_RULES } from '@iotw/ledger/version-rules';
import { networkId } from '@iotw/protocol/genesis';
import { encodeEnvelope, encodeTransaction } from '@iotw/protocol/transaction';
import { threadCpuUs } from './process-figures.js';
import { giveUp } from './report.js';

const TRANSACTIONS = 200_000;
const PASSES = 5;

/** CPU time of this thread so far, microseconds. */
function ownCpuUs(): number {
  return threadCpuUs(process.pid).get(`main/${process.pid}`)!;
}

/** Microseconds of CPU to apply one single transfer to a ledger of so many accounts: best of some passes. */
export function applyMicroseconds(accounts: number): number {
  const prng = new Prng('apply alone');
  const keys = Array.from({ length: accounts }, () => prng.bytes(32));
  const genesis = devnetGenesis({
    seed: prng.bytes(32),
    timeMs: 1,
    trustNodes: 4,
    ledgerServers: 1,
    deviceKeys: [],
    accounts: keys.map((key) => ({ key, amount: 1_000_000 })),
  });
  const checked = checkGenesis(genesis);
  if (!checked.ok) giveUp(checked.error.message);
  const state = new State(networkId(genesis), genesis, new SignatureChecker(4), prng.bytes(32));
  fillFromGenesis(state, checked.value.supply);
  const first = state.accounts.find(keys[0]!);
  const applier = new TransactionApplier(state, VERSION_RULES);
  const ids = new Uint8Array(32 * TRANSACTIONS);
  let best = Number.POSITIVE_INFINITY;
  for (let pass = 1; pass <= PASSES; pass++) {
    const envelopes = Array.from({ length: TRANSACTIONS }, () => {
      const sender = prng.below(accounts);
      const to = first + ((sender + 1 + prng.below(accounts - 1)) % accounts);
      const transaction = encodeTransaction({
        sender: keys[sender]!,
        sequence: pass,
        expiryMs: 2_000_000_000_000,
        operations: [{ type: 'transfer', to, amount: 1 }],
        memo: new Uint8Array(0),
      });
      return encodeEnvelope(transaction, new Uint8Array(64));
    });
    const bytes = new Uint8Array(Buffer.concat(envelopes));
    const offsets = new Uint32Array(TRANSACTIONS + 1);
    for (let i = 0; i < TRANSACTIONS; i++) offsets[i + 1] = offsets[i]! + envelopes[i]!.length;
    const began = ownCpuUs();
    for (let i = 0; i < TRANSACTIONS; i++) {
      applier.apply(bytes, offsets[i]!, offsets[i + 1]!, 0, true, ids, 32 * i, 0);
    }
    best = Math.min(best, (ownCpuUs() - began) / TRANSACTIONS);
  }
  return best;
}
