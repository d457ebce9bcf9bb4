import type { KeyPair } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { getAccount } from '@iotw/sdk/client/accounts';
import type { Connection } from '@iotw/sdk/client/connection';
import { faucet } from '@iotw/sdk/client/faucet';
import { getNetwork } from '@iotw/sdk/client/network';
import { devnetKeys } from './devnet-keys.js';

/**
 * Keys of the devnet's account that pays for devices of guests: an account like any other, which asks the faucet when it holds less than a
 * registration costs. The faucet's own key stays with the API server, whose sequence numbers nobody else may use. Codes: those of
 * calls, `device-payer` (the faucet gives nothing).
 */
export async function guestPayer(server: Connection, seed: Uint8Array): Promise<Result<KeyPair>> {
  const keys = devnetKeys(seed, 'guest-payer');
  const network = await getNetwork(server);
  if (!network.ok) return network;
  const account = await getAccount(server, keys.publicKey);
  if (!account.ok && account.error.code !== 'account-not-found') return account;
  const balance = account.ok ? account.value.balance : 0;
  if (balance >= leastBalance(network.value.parameters)) return ok(keys);
  const given = await faucet(server, keys.publicKey);
  if (given.ok && given.value.status === 'final') return ok(keys);
  const why = given.ok ? `its transfer is ${given.value.status}` : given.error.message;
  return fail(
    'device-payer',
    `Nobody pays for the registration: name an account with money by --wallet or --signer-key-file. The network's faucet gave none: ${why}`,
  );
}

/** What registering one device costs at most. */
function leastBalance(parameters: Readonly<Record<string, unknown>>): number {
  const { feeFloor, feePerOperation } = parameters as Record<string, number>;
  return (feeFloor ?? 0) + (feePerOperation ?? 0);
}
