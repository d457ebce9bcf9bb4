// Vectors of clauses 3, 6 and 7: genesis, seeds, pools and draws.
import { RankedDraw } from '@iotw/assignment/draw';
import { firstSeed, seedAlpha, seedFromProof } from '@iotw/assignment/seed';
import { utf8 } from '@iotw/kernel/bytes';
import { sha256 } from '@iotw/kernel/sha256';
import { vrfKeyPairFromSeed, vrfProve } from '@iotw/kernel/vrf';
import { GenesisType, networkId } from '@iotw/protocol/genesis';
import { genesisFromJson, genesisToJson } from '@iotw/protocol/genesis-json';
import { DEVNET_PARAMETERS, ParametersType } from '@iotw/protocol/parameters';
import { encodeEpochAssigner, encodeEpochTrustNode, encodePoolDevice, poolRoot } from '@iotw/protocol/pool';
import { bytesOf, codeOf, keyOf, NETWORK, OTHER_NETWORK, patched } from './kit.mjs';

const key = (label) => keyOf(label).publicKey;

function smallGenesis() {
  const node = (label) => ({
    account: key(`${label} account`),
    region: 0,
    cloud: 0,
    operator: utf8('operator'),
  });
  return {
    name: utf8('vectors'),
    testnet: 1,
    timeMs: 1_700_000_000_000,
    entropy: bytesOf('entropy'),
    parameters: DEVNET_PARAMETERS,
    regions: [utf8('europe'), utf8('asia')],
    clouds: [utf8('cloud-a')],
    committeeThreshold: 1,
    committee: [key('member 0')],
    trustNodes: [
      {
        key: key('trust node 0'),
        linkKey: key('trust node 0 link'),
        ...node('trust node 0'),
        credit: 1_000_000,
        bond: 2_000_000,
      },
    ],
    ledgerServers: [
      {
        key: key('ledger server 0'),
        vrfKey: key('ledger server 0 vrf'),
        linkKey: key('ledger server 0 link'),
        ...node('ledger server 0'),
      },
    ],
    apiServers: [{ key: key('api server 0'), server: 0, operator: utf8('operator') }],
    makers: [{ maker: 7, key: key('maker'), quota: 1000, name: utf8('Müller Geräte') }],
    batches: [{ maker: 7, batch: 1, key: key('batch'), quota: 100, activationEpochs: 0 }],
    devices: [
      { key: key('device'), maker: 7, batch: 1, region: 1, deviceClass: 0, host: 0, owner: key('owner') },
      {
        key: key('device 2'),
        maker: 7,
        batch: 1,
        region: 0,
        deviceClass: 1,
        host: 0,
        owner: new Uint8Array(32),
      },
    ],
    accounts: [
      { key: key('sender'), amount: 5_000_000_000 },
      { key: key('owner'), amount: 0 },
    ],
    rewardPool: 1_000_000_000_000,
  };
}

export function genesis() {
  const whole = smallGenesis();
  const json = genesisToJson(whole);
  const changed = (path, value) => {
    const copy = structuredClone(json);
    let at = copy;
    for (const step of path.slice(0, -1)) at = at[step];
    if (value === undefined) delete at[path.at(-1)];
    else at[path.at(-1)] = value;
    return copy;
  };
  const invalid = [
    ['a list', []],
    ['without a name', changed(['name'])],
    ['testnet as a number', changed(['testnet'], 1)],
    ['an unknown election mode', changed(['parameters', 'electionMode'], 'lottery')],
    ['an amount above 2^53-1', changed(['accounts', 0, 'amount'], '9007199254740992')],
    [
      'an address of another network',
      changed(['accounts', 1, 'key'], 'iotw1qqqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50p73lxycq'),
    ],
    ['a short key', changed(['trustNodes', 0, 'key'], 'ab')],
    ['an unknown field', changed(['devices', 0, 'colour'], 'white')],
    ['a name of 65 bytes', changed(['makers', 0, 'name'], 'x'.repeat(65))],
  ].map(([name, bad]) => {
    const result = genesisFromJson(bad);
    return { name, json: bad, code: codeOf(result), pointer: result.error.data.pointer };
  });
  return {
    clause: '3.3',
    valid: [{ json, bytes: GenesisType.serialize(whole), networkId: networkId(whole) }],
    invalid,
  };
}

export function seeds() {
  const vrf = vrfKeyPairFromSeed(bytesOf('ledger server 0 vrf'));
  const entropy = bytesOf('entropy');
  let previousSeed = firstSeed(NETWORK, entropy);
  const first = { entropy, seed: previousSeed };
  const valid = [1, 2, 3].map((epoch) => {
    const alpha = seedAlpha(NETWORK, previousSeed, epoch);
    const proof = vrfProve(vrf.secretKey, alpha);
    const seed = seedFromProof(NETWORK, vrf.publicKey, previousSeed, epoch, proof).value;
    const out = { epoch, previousSeed, alpha, proof, seed };
    previousSeed = seed;
    return out;
  });
  const [one, two] = valid;
  const refused = (name, network, vrfKey, seed, epoch, proof) => ({
    name,
    network,
    vrfKey,
    previousSeed: seed,
    epoch,
    proof,
    code: codeOf(seedFromProof(network, vrfKey, seed, epoch, proof)),
  });
  const invalid = [
    refused('another network', OTHER_NETWORK, vrf.publicKey, one.previousSeed, 1, one.proof),
    refused('another epoch', NETWORK, vrf.publicKey, one.previousSeed, 2, one.proof),
    refused('another previous seed', NETWORK, vrf.publicKey, two.previousSeed, 1, one.proof),
    refused('another key', NETWORK, key('ledger server 1 vrf'), one.previousSeed, 1, one.proof),
    refused('a small-order key', NETWORK, patched(new Uint8Array(32), 0, 1), one.previousSeed, 1, one.proof),
    refused(
      'a bit flipped',
      NETWORK,
      vrf.publicKey,
      one.previousSeed,
      1,
      patched(one.proof, 40, one.proof[40] ^ 1),
    ),
    refused('79 bytes', NETWORK, vrf.publicKey, one.previousSeed, 1, one.proof.slice(0, 79)),
  ];
  return {
    clause: '6.5',
    network: NETWORK,
    vrfSeed: bytesOf('ledger server 0 vrf'),
    vrfKey: vrf.publicKey,
    first,
    valid,
    invalid,
  };
}

/** A pool of `count` devices; weights and attributes from their numbers. */
function poolOf(count, weight) {
  return Array.from({ length: count }, (_, i) => ({
    device: 3 * i + 1,
    key: sha256(utf8(`pool device ${i}`)),
    host: i % 4,
    maker: i % 5,
    region: i % 3,
    owner: 100 + (i % 7),
    weight: weight(i),
    // Every sixth is a person's.
    deviceClass: i % 6 === 5 ? 3 : i % 3,
  }));
}

export function draw() {
  const trustNodes = [0, 1, 3].map((index) => ({ index, key: key(`trust node ${index}`) }));
  const pools = [
    { name: 'equal weights', mode: 'random', devices: poolOf(24, () => 1) },
    { name: 'weights', mode: 'reputation', devices: poolOf(24, (i) => 1 + 41_000 * i) },
    {
      name: 'three devices of one maker',
      mode: 'uptime',
      devices: poolOf(3, (i) => 60 + i).map((d) => ({ ...d, maker: 1 })),
    },
    { name: 'nobody', mode: 'random', devices: [] },
  ];
  const assigners = [0, 1].map((index) => ({ index, server: index, key: key(`assigner ${index}`) }));
  const seed = bytesOf('draw seed');
  const cases = pools.flatMap(({ name, mode, devices }) => {
    const snapshot = { epoch: 5, mode, seed, devices, parameters: DEVNET_PARAMETERS, trustNodes, assigners };
    return [
      { lane: 0, height: 1, committeeSize: 4 },
      { lane: 2, height: 9, committeeSize: 4, excludeHost: 2 },
      { lane: 1, height: 2 ** 40, committeeSize: 1, excludeHost: 1 },
    ].map(({ excludeHost, ...place }) => {
      const ranked = new RankedDraw(snapshot, NETWORK, place.lane, place.height, {
        committeeSize: place.committeeSize,
        excludeHost,
      });
      const devicesByRank = Array.from({ length: ranked.eligible }, (_, rank) => ranked.at(rank).device);
      return { pool: name, ...place, excludeHost: excludeHost ?? null, devicesByRank };
    });
  });
  return {
    clause: '7',
    network: NETWORK,
    seed,
    parameters: ParametersType.serialize(DEVNET_PARAMETERS),
    trustNodes: trustNodes.map((node) => ({ ...node, encoded: encodeEpochTrustNode(node) })),
    assigners: assigners.map((assigner) => ({ ...assigner, encoded: encodeEpochAssigner(assigner) })),
    pools: pools.map(({ name, mode, devices }) => ({
      name,
      mode,
      devices,
      encoded: devices.slice(0, 2).map(encodePoolDevice),
      root: poolRoot({ devices, parameters: DEVNET_PARAMETERS, trustNodes, assigners }),
    })),
    cases,
  };
}
