import { fail, ok, type Result } from '@iotw/kernel/result';
import { MISBEHAVIOUR_HOURS } from '@iotw/protocol/limits';
import { MISBEHAVIOUR_KIND, type Misbehaviour, type RoundInput } from '@iotw/protocol/round';
import { maySpare } from './proposals/ledger-server-suspend.js';
import type { State } from './state.js';
import { NO_MORE_ACTS, SERVER_OUT } from './tables/nodes.js';

/**
 * Whether a round may name the acts that it names (spec: clause 9.14): a function of state and round alone. Whether the
 * engine proved them, and no others, is what its servers compare before they vote. Errors: `misbehaviour-order` and those
 * of checkMisbehaviour.
 */
export function checkMisbehaviours(
  state: State,
  { timeMs, misbehaviours }: Pick<RoundInput, 'timeMs' | 'misbehaviours'>,
): Result<void> {
  let last = -1;
  for (const act of misbehaviours) {
    if (act.server <= last) {
      return fail(
        'misbehaviour-order',
        'A round names one act of a ledger server, in the order of the servers.',
      );
    }
    last = act.server;
    const checked = checkMisbehaviour(state, act, timeMs);
    if (!checked.ok) return checked;
  }
  return ok(undefined);
}

/**
 * Whether an act counts in a round of that agreed time, ms. Errors: `misbehaviour-unknown` (no such ledger server, no such
 * act), `misbehaviour-time` (too old, or not in the past), `misbehaviour-known` (taken up already, or forgiven since).
 */
export function checkMisbehaviour(
  { ledgerServers }: Pick<State, 'ledgerServers'>,
  act: Misbehaviour,
  roundMs: number,
): Result<void> {
  const { server, kind, height, timeMs } = act;
  const data = { server, height };
  if (server >= ledgerServers.rows || kind > MISBEHAVIOUR_KIND.lightClientAttack) {
    return fail('misbehaviour-unknown', `There is no ledger server ${server}, or no act ${kind}.`, data);
  }
  if (timeMs > roundMs || roundMs - timeMs > MISBEHAVIOUR_HOURS * 3_600_000) {
    return fail(
      'misbehaviour-time',
      `What ledger:${server} did at height ${height} is more than ${MISBEHAVIOUR_HOURS} hours old, or still to come.`,
      data,
    );
  }
  if (timeMs <= ledgerServers.col.actsAfterMs[server]!) {
    return fail('misbehaviour-known', `What ledger:${server} did at height ${height} is settled.`, data);
  }
  return ok(undefined);
}

/**
 * Takes up the acts of a round that was found good: the server has no vote on rounds from now on. Its turn at seeds and its
 * share of the common key stay: else it could choose between its seed and the next one's by incriminating itself. Where
 * the network could not go on without it the act is recorded alone: the committee decides.
 */
export function recordMisbehaviours(state: State, acts: readonly Misbehaviour[]): void {
  const { ledgerServers, misbehaviours } = state;
  for (const act of acts) {
    const { server } = act;
    const before = ledgerServers.col.suspended[server]!;
    const suspended = before !== 0 || maySpare(state, server);
    misbehaviours.record(act, state.round, suspended);
    if (suspended) ledgerServers.set('suspended', server, before | SERVER_OUT.rounds);
    ledgerServers.set('actsAfterMs', server, suspended ? NO_MORE_ACTS : state.timeMs);
  }
}
