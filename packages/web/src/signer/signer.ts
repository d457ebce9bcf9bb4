import { toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { encodeAddress } from '@iotw/protocol/address';
import { signTransaction } from '@iotw/protocol/transaction';
import { signConsent } from '@iotw/sdk/transaction/data-consent';
import { acceptHandover } from '@iotw/sdk/transaction/device-operations';
import { describeTransaction } from './describe.ts';
import type { SignerAnswers, SignerRequest } from './messages.ts';
import type { NetworkCard } from './network-card.ts';
import { backupScreens } from './screens/backup.ts';
import { confirmScreen, consentScreen, handoverScreen } from './screens/confirm.ts';
import { createScreens } from './screens/create.ts';
import { importScreens } from './screens/import.ts';
import { settingsScreens } from './screens/settings.ts';
import { unlockScreen } from './screens/unlock.ts';
import type { Stage } from './stage.ts';
import { withStatements } from './statements.ts';
import type { Vault } from './vault.ts';

/** What answers requests: it holds the vault, and asks the person on the stage. */
export class Signer {
  readonly #vault: Vault;
  readonly #stage: Stage;
  readonly #card: NetworkCard;

  constructor(vault: Vault, stage: Stage, card: NetworkCard) {
    this.#vault = vault;
    this.#stage = stage;
    this.#card = card;
  }

  /**
   * Serves one request. Codes: `signer-busy` (a screen is open), `signer-cancelled`, `signer-account`, `signer-sender`,
   * `signer-transaction`, and those of the vault.
   */
  async answer(request: SignerRequest): Promise<Result<SignerAnswers[SignerRequest['type']]>> {
    const vault = this.#vault;
    const stage = this.#stage;
    switch (request.type) {
      case 'look':
      case 'state':
        return ok(vault.state);
      case 'lock':
        vault.lock();
        return ok(vault.state);
    }
    if (stage.busy) {
      return fail('signer-busy', 'The signer already asks you something: answer that first.');
    }
    switch (request.type) {
      case 'create':
        return this.#stateAfter(createScreens(stage, vault));
      case 'import':
        return this.#stateAfter(importScreens(stage, vault));
      case 'unlock':
        return this.#stateAfter(this.#unlocked());
      case 'backup':
        return this.#stateAfter(backupScreens(stage, vault));
      case 'settings':
        return this.#stateAfter(settingsScreens(stage, vault));
      case 'add-account': {
        const open = await this.#unlocked();
        return open.ok ? this.#stateAfter(vault.addAccount(request.name)) : open;
      }
      case 'sign':
        return this.#sign(request);
      case 'accept-handover':
        return this.#accept(request);
      case 'consent':
        return this.#consent(request);
    }
  }

  async #sign({
    account,
    transaction: bytes,
    statements = account,
  }: Extract<SignerRequest, { type: 'sign' }>): Promise<Result<SignerAnswers['sign']>> {
    const named = this.#account(account);
    if (!named.ok) return named;
    const stating = this.#account(statements);
    if (!stating.ok) return stating;
    const described = describeTransaction(bytes, named.value.key, this.#card);
    if (!described.ok) return described;
    const open = await this.#unlocked();
    if (!open.ok) return open;
    const agreed = await confirmScreen(
      this.#stage,
      named.value.name,
      stating.value.name,
      described.value.shown,
    );
    if (!agreed.ok) return agreed;
    // It may have locked itself while the person read.
    const still = await this.#unlocked();
    const keys = still.ok ? this.#vault.keys(account) : still;
    if (!keys.ok) return keys;
    const statementKeys = this.#vault.keys(statements);
    if (!statementKeys.ok) return statementKeys;
    const { network } = this.#card;
    const complete = withStatements(network, described.value.transaction, statementKeys.value);
    return ok(signTransaction(network, complete, keys.value));
  }

  async #accept(
    request: Extract<SignerRequest, { type: 'accept-handover' }>,
  ): Promise<Result<SignerAnswers['accept-handover']>> {
    const named = this.#account(request.account);
    if (!named.ok) return named;
    const open = await this.#unlocked();
    if (!open.ok) return open;
    const from = encodeAddress(this.#card.prefix, 0, request.from);
    const agreed = await handoverScreen(this.#stage, named.value.name, toHex(request.device), from);
    if (!agreed.ok) return agreed;
    const keys = this.#vault.keys(request.account);
    if (!keys.ok) return keys;
    const { network } = this.#card;
    return ok({
      acceptance: acceptHandover(network, request.device, request.from, request.changes, keys.value),
    });
  }

  async #consent(
    request: Extract<SignerRequest, { type: 'consent' }>,
  ): Promise<Result<SignerAnswers['consent']>> {
    const named = this.#account(request.account);
    if (!named.ok) return named;
    const open = await this.#unlocked();
    if (!open.ok) return open;
    const { device, share } = request;
    const agreed = await consentScreen(this.#stage, named.value.name, toHex(device), share);
    if (!agreed.ok) return agreed;
    // It may have locked itself while the person read.
    const still = await this.#unlocked();
    const keys = still.ok ? this.#vault.keys(request.account) : still;
    return keys.ok ? ok({ signature: signConsent(this.#card.network, request, keys.value) }) : keys;
  }

  #account(account: number): Result<{ readonly name: string; readonly key: Uint8Array }> {
    const named = this.#vault.state.accounts.find((known) => known.account === account);
    return named === undefined
      ? fail('signer-account', 'The wallet has no such account: add it first.', { account })
      : ok(named);
  }

  /** Unlocks by a screen where it is locked. */
  async #unlocked(): Promise<Result<void>> {
    const { vault } = this.#vault.state;
    if (vault === 'unlocked') return ok(undefined);
    if (vault === 'none')
      return fail('signer-none', 'There is no wallet in this browser yet: create one, or import its words.');
    return unlockScreen(this.#stage, this.#vault);
  }

  async #stateAfter(work: Promise<Result<unknown>>): Promise<Result<SignerAnswers['state']>> {
    const done = await work;
    return done.ok ? ok(this.#vault.state) : done;
  }
}
