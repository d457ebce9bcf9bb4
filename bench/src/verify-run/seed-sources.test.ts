/** A run whose shared key is lost, that a public beacon's value helps across an epoch; published, verified, then changed. */

import { readFileSync } from 'node:fs';
import { PUBLIC_BEACONS, publicRoundMs } from '@iotw/assignment/public-beacons';
import { fromHex } from '@iotw/kernel/bytes';
import { POOL_TABLE, readPool } from '@iotw/nodes/ledger-server/epoch-records';
import { storedRounds } from '@iotw/nodes/ledger-server/round-record';
import { SEED_SOURCE } from '@iotw/protocol/parameters';
import { type PublicData, publicDataFromJson, publicDataToJson } from '@iotw/protocol/public-data';
import type { RoundHeader } from '@iotw/protocol/round';
import { publicOrigin, SEED_ORIGIN, seedOrigin } from '@iotw/protocol/seed-origin';
import { verifyPublicData } from '@iotw/sdk/verify/public/verify-data';
import { flipped } from '@iotw/sdk/verify/test-ledger';
import { loseShare } from '@iotw/simulator/beacon/lost-share';
import { calmNetwork, proposeOf } from '@iotw/simulator/test-calm-network';
import { describe, expect, it } from 'vitest';
import { publicHistory } from './simulated-history.js';

const [DEFAULT, QUICKNET] = PUBLIC_BEACONS as [(typeof PUBLIC_BEACONS)[0], (typeof PUBLIC_BEACONS)[0]];
const { round: ROUND, signature } = JSON.parse(
  readFileSync(new URL('../../../spec/vectors/external/drand_beacons.json', import.meta.url), 'utf8'),
).quicknet.rounds[0] as { round: number; signature: string };
const VALUE = fromHex(signature)!;

const { genesis, data, emergency } = run();
const by = (epoch: number) => data.epochs.findIndex((each) => each.epoch === epoch);

function run() {
  const { servers, keys, send, sendAs, run, world } = calmNetwork(
    'public seeds',
    { seedSource: SEED_SOURCE.threshold, beaconThreshold: 2, beaconStepMs: 500 },
    (made) => ({ ...made, timeMs: publicRoundMs(QUICKNET, ROUND) - 120_000 }),
    { ledgerServers: 3, devices: 12 },
  );
  const ledger = () => servers[0]!.ledger!;
  const until = (reached: () => boolean) => {
    for (let tries = 0; tries < 60 && !reached(); tries++) run(250);
    if (!reached()) throw new Error('the run did not get there');
  };
  until(() => ledger().epoch >= 3);
  for (const server of [1, 2]) {
    servers[server]!.crash();
    loseShare(servers[server]!.disk);
    servers[server]!.start();
  }
  run(2_500);
  const emergency = ledger().epoch + 1;
  const content = { epoch: emergency, chain: QUICKNET.chain, round: ROUND };
  send(0, proposeOf({ kind: 'emergencyBeacon', content }));
  run(500);
  send(1, { type: 'vote', proposal: 0, approve: 1 });
  run(500);
  const sequence = ledger().accounts.sequence(ledger().trustNodes.read(0)!.account);
  sendAs(keys.trust[0]!.account, sequence + 21, [{ type: 'publicValue', value: VALUE }]);
  until(() => ledger().epoch > emergency + 1);
  const histories = servers.map(({ disk }) => ({
    rounds: [...storedRounds(disk)],
    pools: disk.range(POOL_TABLE, {}).map(([, value]) => readPool(value)),
  }));
  const published = publicDataFromJson(
    JSON.parse(JSON.stringify(publicDataToJson(publicHistory(world.genesis, histories)))),
  );
  if (!published.ok) throw new Error(published.error.message);
  return { genesis: world.genesis, data: published.value, emergency };
}

function verify(changed: PublicData) {
  const report = verifyPublicData(changed, { genesis }, true);
  if (!report.ok) throw new Error(report.error.code);
  return report.value;
}

/** Every round of the epoch with its header changed: as if the servers had signed it. */
const headers = (epoch: number, change: (old: RoundHeader) => Partial<RoundHeader>): PublicData => ({
  ...data,
  rounds: data.rounds.map((old) =>
    old.header.epoch === epoch ? { ...old, header: { ...old.header, ...change(old.header) } } : old,
  ),
});
const proof = (epoch: number, made: Uint8Array): PublicData => ({
  ...data,
  epochs: data.epochs.map((old) => (old.epoch === epoch ? { ...old, proof: made } : old)),
});

describe('seeds of a shared key and of a public beacon', () => {
  it('are verified from public data alone, whatever opened each epoch', () => {
    const { failed, unchecked, all } = verify(data);
    expect(failed).toEqual([]);
    expect(unchecked.filter(({ name }) => name.startsWith('seed-'))).toEqual([]);
    const sources = all
      .filter(({ name }) => name === 'seed-source')
      .map(({ reason }) => reason.split(' ')[4]);
    expect(new Set(sources)).toEqual(new Set(['threshold,', 'public,']));
    expect(
      all.find(({ subject, name }) => subject === `epoch ${emergency}` && name === 'seed-chain'),
    ).toMatchObject({
      state: 'pass',
    });
  });

  it('believe no key and no public value that no signed round names', () => {
    const alone = { ...data, rounds: [], blocks: [] };
    const { unchecked } = verify(alone);
    const open = unchecked.filter(({ name }) => name === 'seed-chain').map(({ subject }) => subject);
    expect(open).toEqual(data.epochs.slice(1).map(({ epoch }) => `epoch ${epoch}`));
  });
});

const threshold = 2;
const other = data.epochs[by(3)]!.proof;
const rows: readonly (readonly [string, PublicData, number, string, string])[] = [
  [
    'another group key',
    headers(threshold, () => seedOrigin('threshold', data.rounds.at(-1)!.header.seedKey)),
    threshold,
    'seed-chain',
    'seed-proof-invalid',
  ],
  [
    'the group signature of another epoch',
    proof(threshold, other),
    threshold,
    'seed-chain',
    'seed-proof-invalid',
  ],
  [
    'the kind: said to be a VRF’s',
    headers(threshold, () => ({ seedSource: SEED_ORIGIN.vrf })),
    threshold,
    'seed-chain',
    'seed-source-mismatch',
  ],
  [
    'the kind: another source than the parameters’',
    headers(threshold, () => ({ seedSource: SEED_ORIGIN.vrf })),
    threshold,
    'seed-source',
    'seed-source-mismatch',
  ],
  [
    'the key of a forged ceremony',
    headers(3, ({ seedKey }) => ({ seedKey: flipped(seedKey) })),
    3,
    'seed-source',
    'seed-key-changed',
  ],
  [
    'the public beacon’s round',
    headers(emergency, () => publicOrigin(QUICKNET.chain, ROUND + 1)),
    emergency,
    'seed-chain',
    'seed-public-value',
  ],
  [
    'a round that no vote named',
    headers(emergency, () => publicOrigin(QUICKNET.chain, ROUND + 1)),
    emergency,
    'seed-source',
    'seed-vote-mismatch',
  ],
  [
    'another public beacon',
    headers(emergency, () => publicOrigin(DEFAULT.chain, ROUND)),
    emergency,
    'seed-chain',
    'seed-public-value',
  ],
  [
    'a public beacon that nobody knows',
    headers(emergency, () => publicOrigin(flipped(QUICKNET.chain), ROUND)),
    emergency,
    'seed-chain',
    'seed-beacon-unknown',
  ],
  ['the public value', proof(emergency, flipped(VALUE)), emergency, 'seed-chain', 'seed-public-value'],
  [
    'a value of another beacon',
    proof(emergency, new Uint8Array(192)),
    emergency,
    'seed-chain',
    'seed-public-value',
  ],
  [
    'a group signature for the public value',
    proof(emergency, other),
    emergency,
    'seed-chain',
    'seed-source-mismatch',
  ],
];

describe('tampering with what made a seed is refused, by name', () => {
  it.each(rows.map((row) => [row[0], row] as const))('%s', (_, [, changed, epoch, check, code]) => {
    const { genuine, failed } = verify(changed);
    expect(genuine).toBe(false);
    const named = failed.filter(({ subject, name }) => subject === `epoch ${epoch}` && name === check);
    expect(
      named.map((finding) => finding.code),
      JSON.stringify(failed.slice(0, 4)),
    ).toEqual([code]);
    if (!changed.rounds.every((each, i) => each === data.rounds[i])) {
      expect(failed.some(({ name }) => name === 'round-signatures')).toBe(true);
    }
  });
});
