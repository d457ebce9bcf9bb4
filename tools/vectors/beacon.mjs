// Vectors of clauses 6.6 to 6.8: a shared key, the words of its ceremony, seeds of signatures and public values.
import { readFileSync } from 'node:fs';
import { emergencySeed, PUBLIC_BEACONS } from '@iotw/assignment/public-beacons';
import { beaconMessage, seedFromSignature } from '@iotw/assignment/seed';
import {
  combineCommitments,
  combineShares,
  commitmentsOf,
  dealerWeights,
  polynomialFrom,
  publicShare,
  recoverSignature,
  sharePlace,
  valueAt,
} from '@iotw/assignment/shared-key';
import { blsSign } from '@iotw/kernel/bls';
import { scalarBytes } from '@iotw/kernel/bls-group';
import { concatBytes, fromHex } from '@iotw/kernel/bytes';
import { sign } from '@iotw/kernel/ed25519';
import { boxPublicKey, sealBox } from '@iotw/kernel/sealed';
import {
  BEACON_KIND,
  BeaconMessageType,
  beaconDigest,
  encodeAccused,
  encodeOpenShares,
  sealedShareContext,
} from '@iotw/protocol/beacon';
import { bytesOf, codeOf, goodOf, keyOf, NETWORK, OTHER_NETWORK, patched } from './kit.mjs';

const SERVERS = [0, 1, 2];
const DEALERS = [0, 2];
const THRESHOLD = 2;
const EPOCH = 9;

function word(server, kind, body) {
  const content = { ceremony: 1, server, kind: BEACON_KIND[kind], body };
  const signature = sign(beaconDigest(NETWORK, content), keyOf(`ledger server ${server}`).secretKey);
  const message = { ...content, signature };
  return {
    kind,
    key: keyOf(`ledger server ${server}`).publicKey,
    message,
    encoded: BeaconMessageType.serialize(message),
  };
}

function publicValues() {
  const published = JSON.parse(
    readFileSync(new URL('../../spec/vectors/external/drand_beacons.json', import.meta.url), 'utf8'),
  );
  const previousSeed = bytesOf('seed before');
  return [published.default, published.quicknet].map((chain, i) => {
    const [value] = chain.rounds;
    const proof = concatBytes(fromHex(value.signature), fromHex(value.previous_signature ?? ''));
    const seed = goodOf(emergencySeed(NETWORK, previousSeed, EPOCH, PUBLIC_BEACONS[i], value.round, proof));
    return { chain: chain.chain_hash, round: value.round, previousSeed, epoch: EPOCH, proof, seed };
  });
}

export function beacon() {
  const polynomials = DEALERS.map((dealer) => polynomialFrom(bytesOf(`polynomial ${dealer}`), THRESHOLD));
  const dealt = polynomials.map(commitmentsOf);
  const weights = dealerWeights(DEALERS.map(sharePlace), false);
  const group = combineCommitments(dealt, weights);
  const shares = SERVERS.map((server) =>
    combineShares(
      polynomials.map((p) => scalarBytes(valueAt(p, sharePlace(server)))),
      weights,
    ),
  );
  const groupKey = group.slice(0, 48);
  const message = beaconMessage(NETWORK, EPOCH);
  const partials = shares.map((share, server) => ({
    server,
    share,
    publicShare: publicShare(group, sharePlace(server)),
    signature: blsSign(share, message),
  }));
  const signature = recoverSignature(
    [0, 2].map((server) => ({ place: sharePlace(server), signature: partials[server].signature })),
  );
  const boxSecrets = SERVERS.map((server) => bytesOf(`box ${server}`));
  const boxes = SERVERS.map((member) => {
    const context = sealedShareContext(NETWORK, 1, 0, member);
    const share = scalarBytes(valueAt(polynomials[0], sharePlace(member)));
    const box = sealBox(boxSecrets[0], boxPublicKey(boxSecrets[member]), context, share);
    return { dealer: 0, member, share, context, box };
  });
  const invalid = [
    ['another epoch', EPOCH + 1, signature],
    ['one member alone', EPOCH, partials[0].signature],
    ['a changed bit', EPOCH, patched(signature, 95, signature[95] ^ 1)],
    ['the identity', EPOCH, patched(new Uint8Array(96), 0, 0xc0)],
    ['not compressed', EPOCH, patched(signature, 0, signature[0] & 0x7f)],
    ['cut short', EPOCH, signature.slice(0, 95)],
  ];
  return {
    clause: '6.6',
    network: NETWORK,
    threshold: THRESHOLD,
    dealers: DEALERS.map((server, i) => ({
      server,
      coefficients: polynomials[i].map(scalarBytes),
      commitments: dealt[i],
    })),
    group: { commitments: group, key: groupKey },
    boxSecrets,
    boxes,
    words: [
      word(0, 'join', boxPublicKey(boxSecrets[0])),
      word(0, 'deal', concatBytes(dealt[0], ...boxes.map(({ box }) => box))),
      word(1, 'check', encodeAccused([0])),
      word(0, 'justify', encodeOpenShares([{ server: 1, share: boxes[1].share }])),
    ],
    seed: {
      epoch: EPOCH,
      message,
      partials,
      signature,
      seed: goodOf(seedFromSignature(NETWORK, groupKey, EPOCH, signature)),
    },
    publicValues: publicValues(),
    invalid: [
      ...invalid.map(([name, epoch, bytes]) => ({ name, network: NETWORK, epoch, signature: bytes })),
      { name: 'another network', network: OTHER_NETWORK, epoch: EPOCH, signature },
    ].map((v) => ({ ...v, code: codeOf(seedFromSignature(v.network, groupKey, v.epoch, v.signature)) })),
  };
}
