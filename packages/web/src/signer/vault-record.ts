import { fail, type Result } from '@iotw/kernel/result';
import type { WalletAccount } from '@iotw/sdk/wallet/contents';

/** Where the signer keeps its wallet; the browser's database in `vault-database`, memory in tests. */
export interface VaultStore {
  /** Errors: `signer-storage`. */
  read(): Promise<Result<VaultRecord | undefined>>;
  /** Durable when it resolves. Errors: `signer-storage` (blocked or full: nothing has changed). */
  write(record: VaultRecord): Promise<Result<void>>;
  /** Errors: `signer-storage`. */
  remove(): Promise<Result<void>>;
}

export interface VaultAccount extends WalletAccount {
  /** Its public key, 32 bytes, so that balances show while the wallet is locked; checked at each unlock. */
  readonly key: Uint8Array;
}

/** The mnemonic once more, under a key that only the passkey's device can compute (WebAuthn PRF). */
export interface PasskeyRecord {
  readonly credential: Uint8Array;
  /** Input of the PRF, 32 bytes. */
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
}

/** All that the signer stores. Nothing in it opens without password or passkey. */
export interface VaultRecord {
  /** `sealKeystore`'s text: the mnemonic under argon2id and AES-256-GCM. */
  readonly keyFile: string;
  /** The accounts in use; names and public keys are no secret. */
  readonly accounts: readonly VaultAccount[];
  readonly backedUp: boolean;
  /** Idle minutes after which the wallet locks itself. */
  readonly lockMinutes: number;
  readonly passkey?: PasskeyRecord;
}

export const LOCK_MINUTES = { default: 5, least: 1, most: 60 } as const;

export function storageFailure(cause: unknown): Result<never> {
  return fail(
    'signer-storage',
    'This browser does not keep the wallet: its storage is full or blocked for this site. Free some space or allow site data, then try again; nothing has changed.',
    { cause: String(cause) },
  );
}
