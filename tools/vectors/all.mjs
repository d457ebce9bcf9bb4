// Every vector file by name: what `npm run vectors` writes and the drift test compares.
import { beacon } from './beacon.mjs';
import { deviceCodes } from './codes.mjs';
import { assignments, attestations, deviceResults, deviceSession, login, presence } from './device.mjs';
import { draw, genesis, seeds } from './election.mjs';
import { plain } from './kit.mjs';
import { certificates, claims, receipts, results, rounds } from './statements.mjs';
import { tickets } from './tickets.mjs';
import { transactions } from './transactions.mjs';
import { addresses, amounts, headers, merkle } from './wire.mjs';
import { assigned, misses, softMisses, votes } from './witnesses.mjs';

const FILES = {
  addresses,
  amounts,
  assigned,
  assignments,
  attestations,
  beacon,
  certificates,
  claims,
  'device-codes': deviceCodes,
  'device-results': deviceResults,
  'device-session': deviceSession,
  draw,
  genesis,
  headers,
  login,
  merkle,
  misses,
  presence,
  receipts,
  results,
  rounds,
  seeds,
  'soft-misses': softMisses,
  tickets,
  transactions,
  votes,
};

/**
 * The text of every file of spec/vectors/ by its name.
 * @returns {Map<string, string>}
 */
export function vectorFiles() {
  return new Map(
    Object.entries(FILES).map(([name, make]) => [
      `${name}.json`,
      `${JSON.stringify(plain(make()), null, 1)}\n`,
    ]),
  );
}
