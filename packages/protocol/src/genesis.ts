import { ContainerType, ListCompositeType, type ValueOf } from '@chainsafe/ssz';
import { signingDigest } from '@iotw/kernel/signing';
import { DOMAIN } from './domains.js';
import {
  MAX_API_SERVERS,
  MAX_LEDGER_SERVERS,
  MAX_NAME_BYTES,
  MAX_POOL_DEVICES,
  MAX_TRUST_NODES,
} from './limits.js';
import { ParametersType } from './parameters.js';
import { Bytes32, bytesUpTo, U8, U16, U32, U64 } from './ssz.js';

const Name = bytesUpTo(MAX_NAME_BYTES);

export const GenesisTrustNodeType = new ContainerType(
  {
    /** Signs headers, votes, misses. */
    key: Bytes32,
    /** Authenticates its mesh links. */
    linkKey: Bytes32,
    /** Account that is paid and that pays for presence tickets. */
    account: Bytes32,
    /** Index into `regions` and `clouds`. */
    region: U8,
    cloud: U8,
    operator: Name,
    credit: U64,
    bond: U64,
  },
  { typeName: 'GenesisTrustNode' },
);

export const GenesisLedgerServerType = new ContainerType(
  {
    key: Bytes32,
    vrfKey: Bytes32,
    linkKey: Bytes32,
    account: Bytes32,
    region: U8,
    cloud: U8,
    operator: Name,
  },
  { typeName: 'GenesisLedgerServer' },
);

/** An API server runs beside a ledger server, in its process; nodes reach it there. */
export const GenesisApiServerType = new ContainerType(
  {
    /** Signs what it assigns. */
    key: Bytes32,
    /** The ledger server beside which it runs. */
    server: U16,
    operator: Name,
  },
  { typeName: 'GenesisApiServer' },
);

export const GenesisMakerType = new ContainerType(
  { maker: U16, key: Bytes32, quota: U32, name: Name },
  { typeName: 'GenesisMaker' },
);

export const GenesisBatchType = new ContainerType(
  { maker: U16, batch: U32, key: Bytes32, quota: U32, activationEpochs: U16 },
  { typeName: 'GenesisBatch' },
);

export const GenesisDeviceType = new ContainerType(
  {
    key: Bytes32,
    maker: U16,
    batch: U32,
    region: U8,
    deviceClass: U8,
    host: U16,
    /** Zeros: unclaimed. */ owner: Bytes32,
  },
  { typeName: 'GenesisDevice' },
);

export const GenesisAccountType = new ContainerType(
  { key: Bytes32, amount: U64 },
  { typeName: 'GenesisAccount' },
);

/** Everything a network starts from; its hash is the network id (spec: clause 3). */
export const GenesisType = new ContainerType(
  {
    name: Name,
    /** 1: addresses begin with `tiotw`. */
    testnet: U8,
    /** Start of epoch 0, ms. */
    timeMs: U64,
    /** Public bytes that seed(0) is derived from together with the network id. */
    entropy: Bytes32,
    parameters: ParametersType,
    regions: new ListCompositeType(Name, 256),
    clouds: new ListCompositeType(Name, 256),
    committeeThreshold: U8,
    committee: new ListCompositeType(Bytes32, 64),
    trustNodes: new ListCompositeType(GenesisTrustNodeType, MAX_TRUST_NODES),
    ledgerServers: new ListCompositeType(GenesisLedgerServerType, MAX_LEDGER_SERVERS),
    apiServers: new ListCompositeType(GenesisApiServerType, MAX_API_SERVERS),
    makers: new ListCompositeType(GenesisMakerType, 65_535),
    batches: new ListCompositeType(GenesisBatchType, 1 << 20),
    devices: new ListCompositeType(GenesisDeviceType, MAX_POOL_DEVICES),
    accounts: new ListCompositeType(GenesisAccountType, 1 << 24),
    rewardPool: U64,
  },
  { typeName: 'Genesis' },
);

export type Genesis = ValueOf<typeof GenesisType>;
export type GenesisTrustNode = ValueOf<typeof GenesisTrustNodeType>;
export type GenesisLedgerServer = ValueOf<typeof GenesisLedgerServerType>;

/** The network id: 32 bytes. */
export function networkId(genesis: Genesis): Uint8Array {
  return signingDigest(DOMAIN.genesis, new Uint8Array(32), GenesisType.serialize(genesis));
}

/** The 16 hex characters that stand for the network in MQTT topics are the first 8 bytes of its id. */
export const NETWORK_TOPIC_BYTES = 8;
