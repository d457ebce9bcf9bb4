import type { RoundOutcome } from './round-outcome.js';
import type { State } from './state.js';

/**
 * What the nodes must hear of a round, read from the state as it stands now: what a transaction did
 * that was undone leaves no trace, beyond a lane named without need.
 */
export function roundChanges(state: State): RoundOutcome['changes'] {
  const { changes, nodeKeys, round } = state;
  const ascending = (set: Set<number>): number[] => [...set].sort((a, b) => a - b);
  return {
    lanes: ascending(changes.lanes).map((lane) => {
      const { incarnation, height, hash } = state.lanes.read(lane)!;
      const suspended = state.trustNodes.col.suspended[lane] !== 0;
      return { lane, incarnation, height, hash, suspended, softDebts: state.lanes.softDebtList(lane) };
    }),
    removed: ascending(changes.removed).filter((device) => state.removed(device, round)),
    reinstated: ascending(changes.reinstated).filter((device) => !state.removed(device, round + 1)),
    keys: changes.keys.filter(({ role, index }) => {
      for (let row = nodeKeys.rows - 1; row >= 0 && nodeKeys.col.round[row] === round; row--) {
        if (nodeKeys.col.role[row] === role && nodeKeys.col.index[row] === index) return true;
      }
      return false;
    }),
  };
}
