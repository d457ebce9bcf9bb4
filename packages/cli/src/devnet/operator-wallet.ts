import type { KeyPair } from '@iotw/kernel/ed25519';
import type { Result } from '@iotw/kernel/result';
import { deriveKeyPair } from '@iotw/sdk/wallet/derive';
import { mnemonicFromEntropy, seedFromMnemonic } from '@iotw/sdk/wallet/mnemonic';
import { COMMITTEE_MEMBERS, MAKERS } from './devnet-genesis.js';
import { devnetSeed } from './devnet-keys.js';

/** A wallet with the keys that decide on a devnet and make its devices: import its words to use the operator console. */
export interface OperatorWallet {
  readonly words: string;
  /** The committee's members: its first accounts. */
  readonly committee: readonly KeyPair[];
  /** The makers' roots, by maker: the accounts behind them. */
  readonly makers: readonly KeyPair[];
}

/** The operators' wallet of the devnet with this seed. */
export async function operatorWallet(seed: Uint8Array): Promise<OperatorWallet> {
  const words = good(mnemonicFromEntropy(devnetSeed(seed, 'operators', 0)));
  const wallet = good(await seedFromMnemonic(words));
  const keys = (account: number): KeyPair =>
    good(deriveKeyPair(wallet, { account, role: 'spending', index: 0 }));
  return {
    words,
    committee: Array.from({ length: COMMITTEE_MEMBERS }, (_, member) => keys(member)),
    makers: MAKERS.map((_, maker) => keys(COMMITTEE_MEMBERS + maker)),
  };
}

/** What people read about it: the words, and whose account is which. */
export function operatorWalletText({ words }: OperatorWallet): string {
  const members = Array.from(
    { length: COMMITTEE_MEMBERS },
    (_, member) => `member ${member} of the committee`,
  );
  const owners = [...members, ...MAKERS.map((name, maker) => `maker ${maker}, ${name}`)];
  return [
    'The wallet of this devnet’s operators. Import the words in the app and add accounts: each has a role in the operator console.',
    '',
    words,
    '',
    ...owners.map((owner, account) => `account ${account + 1}: ${owner}`),
    '',
  ].join('\n');
}

/** The words and paths are ours: they can't be wrong. */
function good<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
