import { utf8, writeU32 } from '@iotw/kernel/bytes';
import { type KeyPair, keyPairFromSeed } from '@iotw/kernel/ed25519';
import type { Prng } from '@iotw/kernel/prng';
import { vrfKeyPairFromSeed } from '@iotw/kernel/vrf';
import type { Genesis } from '@iotw/protocol/genesis';
import { BASE_UNITS } from '@iotw/protocol/limits';
import { DEVICE_CLASS } from '@iotw/protocol/operations';
import { DEVNET_PARAMETERS, type Parameters } from '@iotw/protocol/parameters';
import type { Ownership } from './scenario.js';

/** How large a simulated network is. */
export interface WorldSize {
  readonly trustNodes: number;
  readonly ledgerServers: number;
  readonly devices: number;
  readonly accounts: number;
  /** Each maker's second batch is of people: devices of class user. */
  readonly people?: boolean;
}

/** Every key of a simulated network. */
export interface WorldKeys {
  readonly trust: readonly { readonly keys: KeyPair; readonly account: KeyPair }[];
  readonly ledger: readonly { readonly keys: KeyPair; readonly vrf: KeyPair }[];
  /** Of the API server beside each ledger server. */
  readonly api: readonly KeyPair[];
  readonly devices: readonly KeyPair[];
  readonly accounts: readonly KeyPair[];
  /** Accounts of adversaries. */
  readonly attackers: readonly KeyPair[];
  /** Root keys of the makers. */
  readonly makers: readonly KeyPair[];
  /** Members of the steering committee. */
  readonly committee: readonly KeyPair[];
  /** Account of who shows the ledger what it was not told. */
  readonly watcher: KeyPair;
}

const MAKERS = 5;
const REGIONS = 4;
const ATTACKERS = 3;
const COMMITTEE = 3;
const COMMITTEE_THRESHOLD = 2;
/** What every account has at first, base units. */
export const START_MONEY = 1_000 * BASE_UNITS;
export const START_MS = 1_700_000_000_000;

/** Epochs of a second: a run of ten and more takes little time to simulate. */
export const SIMULATED_PARAMETERS: Parameters = {
  ...DEVNET_PARAMETERS,
  epochMs: 1_000,
  ranksPerAttempt: 12,
  answerTimeoutMs: 80,
  blocksInFlight: 8,
  stallRounds: 12,
  blacklistEpochs: 2,
};

export function worldKeys(size: WorldSize, prng: Prng): WorldKeys {
  const make = (label: string, count: number): KeyPair[] => {
    const source = prng.fork(label);
    return Array.from({ length: count }, () => keyPairFromSeed(source.bytes(32)));
  };
  const account = make('trust-accounts', size.trustNodes);
  const vrf = prng.fork('vrf');
  return {
    trust: make('trust', size.trustNodes).map((keys, i) => ({ keys, account: account[i]! })),
    ledger: make('ledger', size.ledgerServers).map((keys) => ({
      keys,
      vrf: vrfKeyPairFromSeed(vrf.bytes(32)),
    })),
    api: make('api', size.ledgerServers),
    devices: make('devices', size.devices),
    accounts: make('accounts', size.accounts),
    attackers: make('attackers', ATTACKERS),
    makers: make('makers', MAKERS),
    committee: make('committee', COMMITTEE),
    watcher: make('watcher', 1)[0]!,
  };
}

export function worldGenesis(
  size: WorldSize,
  keys: WorldKeys,
  parameters: Parameters,
  prng: Prng,
  ownership: Ownership = 'diverse',
): Genesis {
  const alike = ownership === 'alike';
  const random = prng.fork('genesis');
  const name = (text: string) => utf8(text);
  const perMaker = Math.ceil(size.devices / (alike ? 1 : MAKERS)) + 1;
  return {
    name: name('simulated'),
    testnet: 1,
    timeMs: START_MS,
    entropy: random.bytes(32),
    parameters,
    regions: Array.from({ length: REGIONS }, (_, i) => name(`region ${i}`)),
    clouds: [name('a'), name('b'), name('c')],
    committeeThreshold: COMMITTEE_THRESHOLD,
    committee: keys.committee.map(({ publicKey }) => publicKey),
    trustNodes: keys.trust.map(({ keys: pair, account }, i) => ({
      key: pair.publicKey,
      linkKey: linkKey(1, i),
      account: account.publicKey,
      region: i % REGIONS,
      cloud: i % 3,
      operator: name(`trust ${i}`),
      credit: 10 * BASE_UNITS,
      bond: 1_000 * BASE_UNITS,
    })),
    ledgerServers: keys.ledger.map(({ keys: pair, vrf }, i) => ({
      key: pair.publicKey,
      vrfKey: vrf.publicKey,
      linkKey: linkKey(2, i),
      account: pair.publicKey,
      region: i % REGIONS,
      cloud: i % 3,
      operator: name(`ledger ${i}`),
    })),
    apiServers: keys.api.map(({ publicKey }, server) => ({
      key: publicKey,
      server,
      operator: name(`api ${server}`),
    })),
    makers: keys.makers.map(({ publicKey }, maker) => ({
      maker,
      key: publicKey,
      quota: 2 * perMaker,
      name: name(`maker ${maker}`),
    })),
    // Two batches each, so that one can be revoked.
    batches: keys.makers.flatMap(({ publicKey }, maker) =>
      [0, 1].map((batch) => ({ maker, batch, key: publicKey, quota: perMaker, activationEpochs: 0 })),
    ),
    devices: keys.devices.map(({ publicKey }, i) => ({
      key: publicKey,
      maker: alike ? 0 : i % MAKERS,
      batch: Math.floor(i / MAKERS) % 4 === 0 ? 1 : 0,
      region: alike ? 0 : random.below(REGIONS),
      deviceClass:
        size.people === true && Math.floor(i / MAKERS) % 4 === 0 ? DEVICE_CLASS.user : DEVICE_CLASS.appliance,
      host: i % size.trustNodes,
      owner: ownerOf(ownership, keys, size.accounts, random),
    })),
    accounts: [...keys.accounts, ...keys.attackers, ...keys.committee, keys.watcher].map(({ publicKey }) => ({
      key: publicKey,
      amount: START_MONEY,
    })),
    rewardPool: 1_000_000 * BASE_UNITS,
  };
}

/** Key of the owner's account; zeros: unclaimed. */
function ownerOf(ownership: Ownership, keys: WorldKeys, accounts: number, random: Prng): Uint8Array {
  if (ownership === 'alike' || (ownership === 'whale' && random.chance(3, 5)))
    return keys.accounts[0]!.publicKey;
  return random.chance(1, 4) ? new Uint8Array(32) : keys.accounts[random.below(accounts)]!.publicKey;
}

/** Links are not simulated: nobody needs the secret half. */
function linkKey(role: number, index: number): Uint8Array {
  const seed = new Uint8Array(32).fill(role);
  writeU32(seed, 0, index + 1);
  return keyPairFromSeed(seed).publicKey;
}
