import { readFileSync } from 'node:fs';
import { emergencySeed, PUBLIC_BEACONS, publicRoundMs } from '@iotw/assignment/public-beacons';
import { concatBytes, fromHex } from '@iotw/kernel/bytes';
import { SignatureChecker } from '@iotw/kernel/signature-checker';
import { networkId } from '@iotw/protocol/genesis';
import { RESULT_CODES, type ResultCode } from '@iotw/protocol/result';
import { seedOrigin } from '@iotw/protocol/seed-origin';
import { describe, expect, it } from 'vitest';
import { fillFromGenesis } from './genesis-state.js';
import { publicValue } from './operations/public-value.js';
import { checkEmergency, closeEmergency, nextSeed, seedOf, takePublicValue } from './seed-rule.js';
import { State } from './state.js';
import { publicKey, testGenesis } from './test-network.js';

const published = JSON.parse(
  readFileSync(new URL('../../../spec/vectors/external/drand_beacons.json', import.meta.url), 'utf8'),
) as Record<string, { rounds: { round: number; signature: string; previous_signature?: string }[] }>;

/** The place of a public beacon in the table, a round of it that is published, and its value. */
const KNOWN = ['default', 'quicknet'].map((name, place) => {
  const [value] = published[name]!.rounds;
  const proof = concatBytes(fromHex(value!.signature)!, fromHex(value!.previous_signature ?? '')!);
  return { name, beacon: PUBLIC_BEACONS[place]!, round: value!.round, proof };
});

/** A state just before the named round could come out. */
function stateBefore(ms: number): State {
  const genesis = { ...testGenesis(), timeMs: ms };
  const state = new State(networkId(genesis), genesis, new SignatureChecker(16), new Uint8Array(32));
  fillFromGenesis(state, 0);
  state.beginRound(1, ms);
  return state;
}

describe.each(KNOWN)('an emergency by drand $name', ({ beacon, round, proof }) => {
  const early = publicRoundMs(beacon, round) - 60_000;
  const adopted = () => {
    const state = stateBefore(early);
    const checked = checkEmergency(state, beacon.chain, round);
    if (!checked.ok) throw new Error(checked.error.message);
    checked.value();
    return state;
  };

  it('opens the next epoch with the named round of a public beacon, and with nothing else', () => {
    const state = adopted();
    expect(nextSeed(state)).toMatchObject({ epoch: 1, source: 'public' });
    expect(state.beacon.lost).toBe(true);
    const seed = emergencySeed(state.network, state.epochs.seed, 1, beacon, round, proof);
    expect(seedOf(state, proof)).toEqual(seed);
    for (const other of [new Uint8Array(80), new Uint8Array(96), proof.map((b) => b ^ 1)]) {
      const refused = seedOf(state, other);
      expect(refused.ok ? 'ok' : refused.error.code).toBe('seed-proof-invalid');
    }
  });

  it('keeps the value that anybody brings, if it is the one', () => {
    const state = adopted();
    expect(takePublicValue(state, new Uint8Array(48))).toBe(false);
    expect(takePublicValue(state, proof)).toBe(true);
    expect(state.beacon.emergencyValue).toEqual(proof);
    expect(takePublicValue(state, proof)).toBe(false);
  });

  it.each([
    ['of no operator', 'node-not-account', 'alice', proof],
    ['that is another', 'emergency-value', 'operator1', proof.map((b, i) => (i === 9 ? b ^ 1 : b))],
    ['that is the one', undefined, 'operator1', proof],
  ])('takes a value %s', (_, code, sender, value) => {
    const state = adopted();
    state.sender = state.accounts.find(publicKey(sender));
    expect(publicValue(state, { value })).toBe(code === undefined ? 0 : RESULT_CODES[code as ResultCode]);
    if (code === undefined) expect(publicValue(state, { value })).toBe(RESULT_CODES['emergency-none']);
  });

  it('is for one epoch', () => {
    const state = adopted();
    const again = checkEmergency(state, beacon.chain, round + 5);
    expect(again.ok ? 'ok' : again.error.code).toBe('emergency-pending');
    state.epochs.open(1, new Uint8Array(32), seedOrigin('genesis'), early, 1, () => 0);
    closeEmergency(state);
    expect(nextSeed(state)).toMatchObject({ epoch: 2, source: 'vrf' });
    expect(takePublicValue(state, proof)).toBe(false);
  });

  it.each([
    ['an unknown beacon', 'emergency-chain', new Uint8Array(32), round],
    ['a round that is out', 'emergency-round', beacon.chain, round - 1_000],
    [
      'a round less than an epoch away',
      'emergency-round',
      beacon.chain,
      round - Math.ceil(55 / beacon.period),
    ],
    ['round 0', 'emergency-round', beacon.chain, 0],
  ])('a vote that names %s', (_, code, chain, named) => {
    const checked = checkEmergency(stateBefore(early), chain, named);
    expect(checked.ok ? 'ok' : checked.error.code).toBe(code);
  });
});
