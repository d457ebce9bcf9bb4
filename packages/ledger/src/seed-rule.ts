import { emergencySeed, isPublicValue, PUBLIC_BEACONS, publicRoundMs } from '@iotw/assignment/public-beacons';
import { designatedServer, SEED_SOURCES } from '@iotw/assignment/seed';
import { assert } from '@iotw/kernel/assert';
import { equalBytes } from '@iotw/kernel/bytes';
import { fail, type Result } from '@iotw/kernel/result';
import { SEED_SOURCE } from '@iotw/protocol/parameters';
import { publicOrigin, type SeedOrigin, seedOrigin } from '@iotw/protocol/seed-origin';
import type { State } from './state.js';

/** What opens the next epoch. */
export interface NextSeed {
  readonly epoch: number;
  readonly previousSeed: Uint8Array;
  /** The ledger server whose VRF proves it, where the source is `vrf`. */
  readonly server: number;
  readonly source: 'vrf' | 'threshold' | 'public';
}

export function nextSeed(state: State): NextSeed {
  const epoch = state.epoch + 1;
  const serving = state.ledgerServers.serving();
  return {
    epoch,
    previousSeed: state.epochs.seed,
    server: serving[designatedServer(epoch, serving.length)]!,
    source:
      state.beacon.emergency?.epoch === epoch
        ? 'public'
        : state.parameters.seedSource === SEED_SOURCE.threshold
          ? 'threshold'
          : 'vrf',
  };
}

/**
 * The next epoch's seed (32 bytes) from a round's proof, by the one source that holds for it: no other stands in
 * for one that is late (spec: 6.5 to 6.8). Errors: `seed-proof-invalid`, `seed-key-missing`.
 */
export function seedOf(state: State, proof: Uint8Array): Result<Uint8Array> {
  const { network } = state;
  const { epoch, previousSeed, server, source } = nextSeed(state);
  if (source === 'vrf') {
    const key = state.ledgerServers.bytes('vrfKey', server);
    return SEED_SOURCES.vrf.seed(network, key, previousSeed, epoch, proof);
  }
  if (source === 'threshold') {
    const key = state.beacon.groupKey;
    if (key === undefined) {
      return fail('seed-key-missing', `Epoch ${epoch} waits until the ledger servers have made their key.`, {
        epoch,
      });
    }
    return SEED_SOURCES.threshold.seed(network, key, previousSeed, epoch, proof);
  }
  const { beacon, round } = state.beacon.emergency!;
  return emergencySeed(network, previousSeed, epoch, PUBLIC_BEACONS[beacon]!, round, proof);
}

/** What the next epoch's seed is checked by, as the round that opens it names it (spec: 9.5). */
export function nextOrigin(state: State): SeedOrigin {
  const { server, source } = nextSeed(state);
  if (source === 'vrf') return seedOrigin('vrf', state.ledgerServers.bytes('vrfKey', server));
  if (source === 'threshold') return seedOrigin('threshold', state.beacon.groupKey);
  const { beacon, round } = state.beacon.emergency!;
  return publicOrigin(PUBLIC_BEACONS[beacon]!.chain, round);
}

/**
 * Has the next epoch open with a public beacon's value, as a committee's vote decided: `chain` is drand's chain
 * hash, and `round` must come out at least an epoch's length after now, so that nobody who voted could know it.
 * Errors: `emergency-chain`, `emergency-round`, `emergency-pending`.
 */
export function checkEmergency(state: State, chain: Uint8Array, round: number): Result<() => void> {
  const place = PUBLIC_BEACONS.findIndex((known) => equalBytes(known.chain, chain));
  if (place === -1)
    return fail('emergency-chain', 'No public beacon that this software knows has this chain hash.');
  const least = state.timeMs + state.parameters.epochMs;
  if (!Number.isSafeInteger(round) || round < 1 || publicRoundMs(PUBLIC_BEACONS[place]!, round) < least) {
    return fail(
      'emergency-round',
      'Name a round that comes out an epoch from now or later: nobody may know it yet.',
    );
  }
  if (state.beacon.emergency !== undefined) {
    return fail('emergency-pending', 'The next epoch opens with the value of another round already.');
  }
  const { beacon } = state;
  return {
    ok: true,
    value: () => {
      beacon.set('emergencyBeacon', 0, place + 1);
      beacon.set('emergencyRound', 0, round);
      beacon.set('emergencyEpoch', 0, state.epoch + 1);
      beacon.set('emergencyLength', 0, 0);
      // Until there is another key: the epoch may open before a ceremony is through.
      beacon.set('lost', 0, 1);
    },
  };
}

/** Whether `value` is the one the emergency waits for; keeps it, so that any ledger server can open the epoch. */
export function takePublicValue(state: State, value: Uint8Array): boolean {
  const { beacon } = state;
  const { emergency } = beacon;
  if (emergency === undefined || beacon.emergencyValue !== undefined) return false;
  if (!isPublicValue(PUBLIC_BEACONS[emergency.beacon]!, emergency.round, value)) return false;
  beacon.setBytes('emergencyValue', 0, value);
  beacon.set('emergencyLength', 0, value.length);
  return true;
}

/** At an epoch's edge: what the emergency was for is done. */
export function closeEmergency(state: State): void {
  const { beacon } = state;
  if (beacon.emergency === undefined) return;
  assert(beacon.emergency.epoch <= state.epoch, 'an emergency is for the next epoch');
  beacon.set('emergencyBeacon', 0, 0);
  beacon.set('emergencyLength', 0, 0);
}
