import { readFileSync } from 'node:fs';
import { emergencySeed, PUBLIC_BEACONS, publicRoundMs } from '@iotw/assignment/public-beacons';
import { fromHex } from '@iotw/kernel/bytes';
import { SEED_SOURCE } from '@iotw/protocol/parameters';
import { expect, it } from 'vitest';
import { calmNetwork, proposeOf } from '../test-calm-network.js';
import { loseShare } from './lost-share.js';

const BEACON = PUBLIC_BEACONS.find(({ name }) => name === 'drand quicknet')!;
/** A round that drand published, from its own files. */
const { round, signature } = JSON.parse(
  readFileSync(new URL('../../../../spec/vectors/external/drand_beacons.json', import.meta.url), 'utf8'),
).quicknet.rounds[0] as { round: number; signature: string };
const VALUE = fromHex(signature)!;
const OUT_MS = publicRoundMs(BEACON, round);
const SIZE = { ledgerServers: 3, devices: 12 };

it('epochs wait where too many members are gone, go on by the public value that a vote named, then by a new key', () => {
  const parameters = { seedSource: SEED_SOURCE.threshold, beaconThreshold: 2, beaconStepMs: 500 };
  const { servers, keys, send, sendAs, run, world } = calmNetwork(
    'emergency',
    parameters,
    (genesis) => ({ ...genesis, timeMs: OUT_MS - 120_000 }),
    SIZE,
  );
  const ledger = () => servers[0]!.ledger!;
  const until = (reached: () => boolean) => {
    for (let tries = 0; tries < 60 && !reached(); tries++) run(250);
    expect(reached()).toBe(true);
  };
  until(() => ledger().epoch >= 2);
  const { groupKey } = ledger().beacon;

  // Two of three lose their shares: two have to sign.
  for (const server of [1, 2]) {
    servers[server]!.crash();
    loseShare(servers[server]!.disk);
    servers[server]!.start();
  }
  run(2_500);
  const waiting = ledger().epoch;
  run(2_500);
  expect(ledger().epoch).toBe(waiting);
  expect(ledger().epochDue(ledger().timeMs)).toBe(true);
  // Nothing but the epoch stands still.
  const height = ledger().lanes.read(0)!.height;
  run(500);
  expect(ledger().lanes.read(0)!.height).toBeGreaterThan(height);

  const content = { epoch: waiting + 1, chain: BEACON.chain, round };
  send(0, proposeOf({ kind: 'emergencyBeacon', content }));
  run(500);
  send(1, { type: 'vote', proposal: 0, approve: 1 });
  run(500);
  expect(ledger().proposals.read(0)).toMatchObject({ state: 'executed', code: 0 });
  expect(ledger().nextSeed()).toMatchObject({ epoch: waiting + 1, source: 'public' });

  // Whoever is no operator, and whatever is not that round's, changes nothing.
  const before = ledger().epochs.seed;
  send(2, { type: 'publicValue', value: VALUE });
  const operator = keys.trust[0]!.account;
  const sequence = ledger().accounts.sequence(ledger().trustNodes.read(0)!.account);
  sendAs(operator, sequence + 20, [
    { type: 'publicValue', value: VALUE.map((b, i) => (i === 5 ? b ^ 1 : b)) },
  ]);
  run(500);
  expect(ledger().epoch).toBe(waiting);
  expect(ledger().beacon.emergencyValue).toBeUndefined();

  sendAs(operator, sequence + 21, [{ type: 'publicValue', value: VALUE }]);
  until(() => ledger().epoch > waiting);
  const seed = emergencySeed(world.id, before, waiting + 1, BEACON, round, VALUE);
  expect(ledger().epoch).toBe(waiting + 1);
  expect(seed).toEqual({ ok: true, value: ledger().epochs.seed });

  // The old key is not to be had any more: a ceremony makes another, and epochs go on with it.
  until(() => ledger().epoch > waiting + 1);
  expect(ledger().beacon.groupKey).not.toEqual(groupKey);
  expect(ledger().nextSeed().source).toBe('threshold');
});
