import { fail, ok, type Result } from '@iotw/kernel/result';
import { FAILPOINTS, type FailAction, type FailpointName } from './failpoint-names.js';

/**
 * Armed failpoints. Adapters take `Failpoints | undefined` and write `failpoints?.hit('name')`: with
 * nothing armed that is one comparison with undefined, so the points stay in production code.
 */
export interface Failpoints {
  /**
   * Counts a pass through the point. `undefined`: carry on. `exit` does not return. Any other action
   * is for the place to play; it fires on one pass only, or on every pass from it on (see the grammar).
   */
  hit(name: FailpointName): Exclude<FailAction, 'exit'> | undefined;
}

interface Armed {
  readonly action: FailAction;
  readonly from: number;
  readonly repeat: boolean;
  passes: number;
}

const ENTRY = /^([a-z0-9-]+)=(exit|eio|enospc|torn|lost)(?:@([1-9][0-9]{0,8}))?(\+)?$/;

/** SIGKILL of this process: neither exit handlers nor pending I/O callbacks run afterwards. */
export function killSelf(): never {
  process.kill(process.pid, 'SIGKILL');
  // The signal to oneself is delivered before kill(2) returns; should a platform differ, never go on.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
}

/**
 * Reads `name=action@n`, comma separated: the action fires at the n-th pass (default the first) and,
 * with a trailing `+`, at every pass after it too. Example: `store-commit-before-sync=exit@3,store-get=eio+`.
 * Code `failpoint-syntax`: an entry that does not parse, names an unknown point, or an action the
 * point can not play. `kill` is what `exit` calls (tests hand in their own).
 */
export function parseFailpoints(text: string, kill: () => never = killSelf): Result<Failpoints> {
  const armed = new Map<string, Armed>();
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const match = ENTRY.exec(entry);
    if (match === null) {
      return fail('failpoint-syntax', `"${entry}" is not name=action, name=action@n or name=action@n+`, {
        entry,
      });
    }
    const [, name, action, from, repeat] = match as unknown as [string, string, FailAction, string?, string?];
    if (!Object.hasOwn(FAILPOINTS, name)) {
      return fail('failpoint-syntax', `no failpoint is named "${name}": see failpoint-names.ts`, { entry });
    }
    const actions: readonly FailAction[] = FAILPOINTS[name as FailpointName].actions;
    if (!actions.includes(action)) {
      return fail('failpoint-syntax', `"${name}" can play ${actions.join(', ')}, not ${action}`, { entry });
    }
    armed.set(name, { action, from: Number(from ?? 1), repeat: repeat !== undefined, passes: 0 });
  }
  return ok({
    hit(name) {
      const point = armed.get(name);
      if (point === undefined) return undefined;
      point.passes++;
      if (point.passes < point.from || (point.passes > point.from && !point.repeat)) return undefined;
      return point.action === 'exit' ? kill() : point.action;
    },
  });
}

/**
 * The failpoints of the environment variable IOTW_FAILPOINTS; the value is `undefined` where it is
 * unset or empty. Read once by whoever wires the adapters, never by the adapters themselves.
 */
export function failpointsFromEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Result<Failpoints | undefined> {
  const text = environment.IOTW_FAILPOINTS;
  if (text === undefined || text.trim() === '') return ok(undefined);
  return parseFailpoints(text);
}
