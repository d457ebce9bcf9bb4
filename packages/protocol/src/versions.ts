/** Versions of the protocol (spec: clause 15): each round's header names the one whose rules it was applied by. */
import { fail, ok, type Result } from '@iotw/kernel/result';

/** Of every network's first round. */
export const FIRST_VERSION = 1;

/** The versions that this software knows, ascending. A row for each is in the ledger's table of rules. */
export const KNOWN_VERSIONS: readonly number[] = [FIRST_VERSION];

/**
 * Whether software that knows `known` may take what a round of this version says. Error: `version-unknown` (data.version,
 * data.known).
 */
export function checkVersion(version: number, known: readonly number[] = KNOWN_VERSIONS): Result<void> {
  if (known.includes(version)) return ok(undefined);
  return fail(
    'version-unknown',
    `The round is of protocol version ${version}, and this software knows ${known.join(', ')}: renew the software.`,
    { version, known: known.join(' ') },
  );
}
