import { FAILPOINTS } from '@iotw/adapters/failpoints/failpoint-names';
import { parseFailpoints } from '@iotw/adapters/failpoints/failpoints';
import { describe, expect, test } from 'vitest';
import { failpointRuns, JOINING_ONLY, linkRuns, PRUNING_ONLY } from './failpoint-plan.js';

/** Those that a lone node, or one split in two, passes. */
const played = Object.entries(FAILPOINTS).filter(
  ([name]) => !JOINING_ONLY.test(name) && !PRUNING_ONLY.test(name),
);

describe.each(['each', 'all'] as const)('the plan of %s', (which) => {
  const whole = failpointRuns(which);
  const split = linkRuns(which);

  test('plays every registered failpoint but those of a server that joins', () => {
    const names = new Set([...whole, ...split].map(({ name }) => name));
    expect([...names].sort()).toEqual(played.map(([name]) => name).sort());
  });

  test('arms only what a node takes', () => {
    const armed = [
      ...whole.map(({ name, action, pass }) => `${name}=${action}@${pass}`),
      ...split.map(({ name, pass }) => `${name}=exit@${pass}`),
    ];
    for (const text of armed) expect(parseFailpoints(text).ok, text).toBe(true);
  });
});

test('the plan of all plays every action', () => {
  const split = new Set(linkRuns('all').map(({ name }) => `${name}=exit`));
  const runs = new Set([...failpointRuns('all').map(({ name, action }) => `${name}=${action}`), ...split]);
  const known = played.flatMap(([name, { actions }]) => actions.map((action) => `${name}=${action}`));
  expect([...runs].sort()).toEqual(known.sort());
});
