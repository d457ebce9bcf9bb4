import { linkKeyPair } from '@iotw/adapters/mesh/link-certificate';
import { utf8 } from '@iotw/kernel/bytes';
import type { Genesis } from '@iotw/protocol/genesis';
import { BASE_UNITS } from '@iotw/protocol/limits';
import { DEVICE_CLASS } from '@iotw/protocol/operations';
import { DEVNET_PARAMETERS, type Parameters } from '@iotw/protocol/parameters';
import { devnetKeys, devnetSeed, devnetVrfKeys } from './devnet-keys.js';

export const REGIONS = ['taipei', 'singapore', 'frankfurt', 'oregon'] as const;
export const CLOUDS = ['cloud-north', 'cloud-east', 'cloud-south'] as const;
export const MAKERS = [
  'Aurora Fans',
  'Borealis Kitchens',
  'Cobalt Meters',
  'Dahlia Climate',
  'Ember Lighting',
] as const;
/** Members of the steering committee; two of them decide. */
export const COMMITTEE_MEMBERS = 3;
/** The maker under which devices from outside join the running devnet. */
export const GUEST_MAKER = { maker: 100, batch: 1, name: 'Guest Devices' } as const;
/** Its batch for people who witness with an app (class user), with a quota of its own. */
export const GUEST_PEOPLE = { batch: 1_000, quota: 1_000 } as const;

/** One owner for about this many devices. */
const DEVICES_PER_OWNER = 4;
const OPERATOR_CREDIT = 100_000 * BASE_UNITS;
const OPERATOR_BOND = 100_000 * BASE_UNITS;
const REWARD_POOL = 4_000_000_000 * BASE_UNITS;
const FAUCET = 500_000_000 * BASE_UNITS;
const MAKER_QUOTA = 1_000_000;
const BATCH_QUOTA = 100_000;

/** Devices of one machine answer within milliseconds: a silent one need not hold a block up for long. */
const ANSWER_TIMEOUT_MS = 250;

export interface DevnetShape {
  /** 32 secret bytes that every key comes from. */
  readonly seed: Uint8Array;
  readonly timeMs: number;
  readonly trustNodes: number;
  readonly ledgerServers: number;
  /** Public keys of the fleet's devices, by index. */
  readonly deviceKeys: readonly Uint8Array[];
  /** Starting balances beside faucet and owners. */
  readonly accounts: readonly { readonly key: Uint8Array; readonly amount: number }[];
  readonly parameters?: Partial<Parameters>;
  /** Public keys of members and makers that a person acts with; by label from the seed where there are none. */
  readonly operators?: { readonly committee: readonly Uint8Array[]; readonly makers: readonly Uint8Array[] };
}

/** Trust node that hosts device `index`, and so its region. */
export function hostOf(index: number, trustNodes: number): number {
  return index % trustNodes;
}

export function regionOfTrustNode(trustNode: number): number {
  return trustNode % REGIONS.length;
}

/** The genesis of a devnet: makers, batches, devices with owners, operators, a faucet, the orders' people. */
export function devnetGenesis(shape: DevnetShape): Genesis {
  const { seed } = shape;
  const link = (label: string, index: number) => linkKeyPair(devnetSeed(seed, label, index)).publicKey;
  const operator = (label: string, index: number) => utf8(`${label} ${index}`);
  return {
    name: utf8('devnet'),
    testnet: 1,
    timeMs: shape.timeMs,
    entropy: devnetSeed(seed, 'entropy', 0),
    parameters: { ...DEVNET_PARAMETERS, answerTimeoutMs: ANSWER_TIMEOUT_MS, ...shape.parameters },
    regions: REGIONS.map(utf8),
    clouds: CLOUDS.map(utf8),
    committeeThreshold: 2,
    committee: Array.from(
      { length: COMMITTEE_MEMBERS },
      (_, member) => shape.operators?.committee[member] ?? devnetKeys(seed, 'committee', member).publicKey,
    ),
    trustNodes: Array.from({ length: shape.trustNodes }, (_, index) => ({
      key: devnetKeys(seed, 'trust', index).publicKey,
      linkKey: link('trust-link', index),
      account: devnetKeys(seed, 'trust-account', index).publicKey,
      region: regionOfTrustNode(index),
      cloud: index % CLOUDS.length,
      operator: operator('operator', index),
      credit: OPERATOR_CREDIT,
      bond: OPERATOR_BOND,
    })),
    ledgerServers: Array.from({ length: shape.ledgerServers }, (_, index) => ({
      key: devnetKeys(seed, 'ledger', index).publicKey,
      vrfKey: devnetVrfKeys(seed, index).publicKey,
      linkKey: link('ledger-link', index),
      account: devnetKeys(seed, 'ledger-account', index).publicKey,
      region: index % REGIONS.length,
      cloud: index % CLOUDS.length,
      operator: operator('ledger operator', index),
    })),
    apiServers: Array.from({ length: shape.ledgerServers }, (_, index) => ({
      key: devnetKeys(seed, 'api', index).publicKey,
      server: index,
      operator: operator('API operator', index),
    })),
    makers: [
      ...MAKERS.map((name, maker) => ({
        maker,
        key: shape.operators?.makers[maker] ?? devnetKeys(seed, 'maker', maker).publicKey,
        quota: MAKER_QUOTA,
        name: utf8(name),
      })),
      {
        maker: GUEST_MAKER.maker,
        key: devnetKeys(seed, 'maker', GUEST_MAKER.maker).publicKey,
        quota: MAKER_QUOTA,
        name: utf8(GUEST_MAKER.name),
      },
    ],
    batches: [
      ...[...MAKERS.keys(), GUEST_MAKER.maker].map((maker) => ({
        maker,
        batch: 1,
        key: devnetKeys(seed, 'batch', maker).publicKey,
        quota: BATCH_QUOTA,
        activationEpochs: 0,
      })),
      {
        maker: GUEST_MAKER.maker,
        ...GUEST_PEOPLE,
        key: devnetKeys(seed, 'people-batch').publicKey,
        activationEpochs: 0,
      },
    ],
    devices: shape.deviceKeys.map((key, index) => {
      const host = hostOf(index, shape.trustNodes);
      const maker = Math.floor(index / shape.trustNodes) % MAKERS.length;
      return {
        key,
        maker,
        batch: 1,
        region: regionOfTrustNode(host),
        deviceClass: maker === 2 ? DEVICE_CLASS.meter : DEVICE_CLASS.appliance,
        host,
        owner: devnetKeys(seed, 'owner', Math.floor(index / DEVICES_PER_OWNER)).publicKey,
      };
    }),
    accounts: [{ key: devnetKeys(seed, 'faucet').publicKey, amount: FAUCET }, ...shape.accounts],
    rewardPool: REWARD_POOL,
  };
}
