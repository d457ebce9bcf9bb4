import { fail, ok, type Result } from '@iotw/kernel/result';
import type { Ledger } from '@iotw/ledger/ledger';
import { checkMisbehaviour } from '@iotw/ledger/misbehaviour';
import { type Misbehaviour, MisbehaviourType, type RoundInput } from '@iotw/protocol/round';
import type { Agreed } from './engine.js';

/**
 * Whether a block may be voted for, by what its servers agreed on (spec: clauses 9.5 and 9.14): its round has that time, or the
 * last round's where that is later, and names what counts of the acts that the engine proved with this block, no more and no
 * less. Where nothing counts, a block without a round will do. No clock is read: all servers say the same. `agreed`
 * undefined: the engine has nothing of the kind, and the proposer's clock is taken. Errors: `round-time`, `misbehaviour-differs`.
 */
export function checkAgreed(
  ledger: Pick<Ledger, 'ledgerServers' | 'timeMs'>,
  input: RoundInput | undefined,
  agreed: Agreed | undefined,
): Result<void> {
  const timeMs = Math.max(agreed?.timeMs ?? input?.timeMs ?? 0, ledger.timeMs);
  if (agreed !== undefined && input !== undefined && input.timeMs !== timeMs)
    return fail('round-time', `The round's time ${input.timeMs} is not the agreed one, ${agreed.timeMs}.`);
  const due = misbehavioursDue(ledger, agreed?.misbehaviours ?? [], timeMs);
  const named = input?.misbehaviours ?? [];
  if (due.length === named.length && due.every((act, place) => MisbehaviourType.equals(act, named[place]!)))
    return ok(undefined);
  return fail(
    'misbehaviour-differs',
    `The round names ${named.length} acts of ledger servers, and the engine proved ${due.length} that count, or others.`,
  );
}

/**
 * What a round of that agreed time, ms, has to name of the acts that an engine proved: those that count, the oldest one of
 * each ledger server, ascending by server.
 */
export function misbehavioursDue(
  ledger: Pick<Ledger, 'ledgerServers'>,
  proven: readonly Misbehaviour[],
  roundMs: number,
): Misbehaviour[] {
  const counting = proven
    .filter((act) => checkMisbehaviour(ledger, act, roundMs).ok)
    .sort((a, b) => a.server - b.server || a.height - b.height || a.kind - b.kind || a.timeMs - b.timeMs);
  return counting.filter(({ server }, place) => counting[place - 1]?.server !== server);
}
