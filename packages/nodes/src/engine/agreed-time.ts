import { fail, ok, type Result } from '@iotw/kernel/result';

/**
 * Whether a proposed round has the time that its servers agreed on (spec: clause 9.5): `agreedMs`, or the last round's where
 * that is later. No clock is read: all servers say the same. `agreedMs` undefined: the engine has no such time, and the
 * proposer's clock is taken. Errors: `round-time`.
 */
export function checkAgreedTime(
  timeMs: number,
  agreedMs: number | undefined,
  lastRoundMs: number,
): Result<void> {
  if (agreedMs === undefined || timeMs === Math.max(agreedMs, lastRoundMs)) return ok(undefined);
  return fail('round-time', `The round's time ${timeMs} is not the agreed one, ${agreedMs}.`);
}
