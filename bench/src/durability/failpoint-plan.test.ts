import { FAILPOINTS } from '@iotw/adapters/failpoints/failpoint-names';
import { parseFailpoints } from '@iotw/adapters/failpoints/failpoints';
import { describe, expect, test } from 'vitest';
import { failpointRuns, linkRuns } from './failpoint-plan.js';

describe.each(['each', 'all'] as const)('the plan of %s', (which) => {
  const whole = failpointRuns(which);
  const split = linkRuns(which);

  test('plays every registered failpoint', () => {
    const played = new Set([...whole, ...split].map(({ name }) => name));
    expect([...played].sort()).toEqual(Object.keys(FAILPOINTS).sort());
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
  const played = new Set([...failpointRuns('all').map(({ name, action }) => `${name}=${action}`), ...split]);
  const known = Object.entries(FAILPOINTS).flatMap(([name, { actions }]) =>
    actions.map((action) => `${name}=${action}`),
  );
  expect([...played].sort()).toEqual(known.sort());
});
