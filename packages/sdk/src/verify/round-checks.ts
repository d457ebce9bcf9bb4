import { verify } from '@iotw/kernel/ed25519';
import { type RoundHeader, type RoundSignature, roundHash } from '@iotw/protocol/round';
import { checkVersion } from '@iotw/protocol/versions';
import type { CheckList } from './checks.js';
import { ledgerThreshold, type Trust } from './trust.js';

/**
 * `round-version`, where it fails: the round is of a version of the protocol whose rules are not known here, so nothing else
 * of it is judged. `round-signatures`: enough different ledger servers signed the round, and every signature that is there
 * is good, by the server's key or one that this very round replaced. Those of suspended servers count for nothing.
 */
export function checkRound(
  list: CheckList,
  trust: Trust,
  header: RoundHeader,
  signatures: readonly RoundSignature[],
): boolean {
  const version = checkVersion(header.version, trust.versions);
  if (!version.ok) return list.reject('round-version', version.error.message, version.error.code);
  const name = 'round-signatures';
  const hash = roundHash(trust.network, header);
  const seen = new Set<number>();
  const signed = new Set<number>();
  for (const { server, signature } of signatures) {
    const key = trust.ledgerServerKeys[server];
    if (key === undefined) return list.reject(name, `Ledger server ${server} is unknown.`);
    if (seen.has(server)) return list.reject(name, `Ledger server ${server} signs twice.`);
    seen.add(server);
    if (trust.suspendedServers?.has(server) !== true) signed.add(server);
    const replaced = trust.replacedServerKeys?.get(server);
    if (!verify(signature, hash, key) && (replaced === undefined || !verify(signature, hash, replaced))) {
      return list.reject(name, `The signature of ledger server ${server} is not over this round.`);
    }
  }
  const needed = ledgerThreshold(trust);
  return list.test(
    name,
    signed.size >= needed,
    `${signed.size} of ${trust.ledgerServerKeys.length} ledger servers signed round ${header.number}.`,
    `${signed.size} ledger servers signed round ${header.number}, ${needed} have to.`,
  );
}
