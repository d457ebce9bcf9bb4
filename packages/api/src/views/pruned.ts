import { fail, type Result } from '@iotw/kernel/result';
import type { ApiContext } from '../context.js';

/** Whether a round was decided and is not on this disk: it was pruned, or came before the snapshot that the server joined by. */
export function isPruned({ backend }: Pick<ApiContext, 'backend'>, round: number): boolean {
  return round >= 1 && round < backend.kept.first;
}

/** The refusal of what was there. */
export function pruned({ backend }: Pick<ApiContext, 'backend'>, what: string): Result<never> {
  const { first } = backend.kept;
  return fail(
    'pruned',
    `${what} is not kept here: the first round that is kept is ${first}. Ask a server that keeps all.`,
    { first },
  );
}
