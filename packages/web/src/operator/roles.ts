import { ok } from '@iotw/kernel/result';
import { encodeAddress } from '@iotw/protocol/address';
import { getRoles, type RolesInfo } from '@iotw/sdk/client/committee';
import { connection } from '../data/connection.ts';
import { useResult } from '../data/use-result.ts';
import type { SignerAccount } from '../signer/messages.ts';
import { useWallet } from '../wallet/session.ts';
import { useNetwork } from '../wallet/use-account.ts';

/** An account of the wallet with what its key may do on the ledger. */
export interface Acting {
  readonly account: SignerAccount;
  readonly address: string;
  readonly roles: RolesInfo;
}

/** Votes and admissions change roles in rounds; nobody is hurt by a button that comes late, ms. */
const LOOK_MS = 15_000;
/** Accounts that are asked about. */
const MOST_ACCOUNTS = 32;

/** Which roles the accounts of the wallet have, by their keys alone. Empty while there is no wallet, or none is known yet. */
export function useRoles(): { readonly acting: readonly Acting[]; readonly isKnown: boolean } {
  const { state } = useWallet();
  const network = useNetwork();
  const prefix = network.data?.addressPrefix;
  const accounts = (state?.accounts ?? []).slice(0, MOST_ACCOUNTS);
  const addresses = prefix === undefined ? [] : accounts.map(({ key }) => encodeAddress(prefix, 0, key));
  const roles = useResult<readonly Acting[]>(
    ['roles', ...addresses],
    async () => {
      const acting: Acting[] = [];
      for (const [place, address] of addresses.entries()) {
        const found = await getRoles(connection, address);
        if (!found.ok) return found;
        acting.push({ account: accounts[place]!, address, roles: found.value });
      }
      return ok(acting);
    },
    { every: LOOK_MS, enabled: addresses.length > 0, keep: true },
  );
  return { acting: roles.data ?? [], isKnown: roles.data !== undefined };
}

/** Those that may do something. */
export function withRole(acting: readonly Acting[], has: (roles: RolesInfo) => boolean): readonly Acting[] {
  return acting.filter(({ roles }) => has(roles));
}

export function hasRole({ member, makers, batches, trustNodes, ledgerServers }: RolesInfo): boolean {
  return member || [makers, batches, trustNodes, ledgerServers].some((list) => list.length > 0);
}
