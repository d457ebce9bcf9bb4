import { fromHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { AddressPrefix } from '@iotw/protocol/address';
import { isRecord } from '@iotw/sdk/wallet/contents';

/** The network that this signer signs for, as the server that sent the signer's own code tells it in the page. */
export interface NetworkCard {
  /** Network id, 32 bytes: every signature is bound to it. */
  readonly network: Uint8Array;
  readonly name: string;
  readonly prefix: AddressPrefix;
  readonly feeFloor: number;
  readonly feePerOperation: number;
  readonly feeBps: number;
  /** The one origin whose pages may ask. */
  readonly app: string;
}

/**
 * Reads the card out of the page's meta element. Without it nothing is signed: the page was not served as it must be.
 * Code: `signer-card`.
 */
export function readNetworkCard(text: string | undefined): Result<NetworkCard> {
  let json: unknown;
  try {
    json = JSON.parse(text ?? '');
  } catch {
    return noCard();
  }
  if (!isRecord(json)) return noCard();
  const { network, name, prefix, feeFloor, feePerOperation, feeBps, app } = json;
  const id = typeof network === 'string' ? fromHex(network, 32) : undefined;
  if (id === undefined || typeof name !== 'string' || (prefix !== 'iotw' && prefix !== 'tiotw'))
    return noCard();
  if (!isCount(feeFloor) || !isCount(feePerOperation) || !isCount(feeBps)) return noCard();
  if (typeof app !== 'string' || !/^https?:[/][/][^/\s]+$/.test(app)) return noCard();
  return ok({ network: id, name, prefix, feeFloor, feePerOperation, feeBps, app });
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function noCard(): Result<never> {
  return fail(
    'signer-card',
    'The signer was not told its network: open the app from an API server that serves both.',
  );
}
