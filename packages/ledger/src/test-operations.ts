/** Well-formed operations for tests, signed by the named keys of test-network. */
import { utf8 } from '@iotw/kernel/bytes';
import { vrfProve } from '@iotw/kernel/vrf';
import { attestationDigest, encodeAttestation } from '@iotw/protocol/attestation';
import { voteDigest } from '@iotw/protocol/certificate';
import {
  batchDigest,
  claimDigest,
  countersignDigest,
  handoverDigest,
  possessionDigest,
  presenceDigest,
  registerDigest,
  revokeDigest,
  rotateDigest,
  ticketAlpha,
} from '@iotw/protocol/digests';
import { encodeSignedHeader, encodeVote } from '@iotw/protocol/evidence';
import { type BlockHeader, blockHash } from '@iotw/protocol/header';
import { EVIDENCE_KIND, type Operation, type OperationName, REVOKE_KIND } from '@iotw/protocol/operations';
import { encodeProposal, PROPOSAL_KIND, type ProposalContent } from '@iotw/protocol/proposals';
import { attestation, keys, publicKey, signAs, type TestNetwork } from './test-network.js';

type Op<Name extends OperationName> = Extract<Operation, { type: Name }>;
type Fields<Name extends OperationName> = Partial<Op<Name>>;

export const ZEROS = new Uint8Array(32);
export const NO_SIGNATURE = new Uint8Array(64);

export function transferOp(to: number, amount: number): Op<'transfer'> {
  return { type: 'transfer', to, amount };
}

export function transferToKeyOp(to: string, amount: number): Op<'transferToKey'> {
  return { type: 'transferToKey', to: publicKey(to), amount };
}

export function tradeOp(counterparty: string, amount: number, fields: Fields<'trade'> = {}): Op<'trade'> {
  return {
    type: 'trade',
    side: 0,
    counterparty: publicKey(counterparty),
    amount,
    quantity: 1,
    deliveryMs: 0,
    warrantyDays: 0,
    terms: ZEROS,
    item: utf8('lamp'),
    data: new Uint8Array(0),
    countersignature: new Uint8Array(0),
    ...fields,
  };
}

/** The trade with its counterparty's signature, as operation `place` of sender's transaction. */
export function countersigned(
  t: TestNetwork,
  trade: Op<'trade'>,
  sender: string,
  counterparty: string,
  place = 0,
): Op<'trade'> {
  const digest = countersignDigest(t.network, trade, publicKey(sender), t.nextSequence(sender), place);
  return { ...trade, countersignature: signAs(counterparty, digest) };
}

export function refundOp(transaction: Uint8Array, operation: number, amount: number): Op<'refund'> {
  return { type: 'refund', transaction, operation, amount };
}

export function proposeOp(proposal: ProposalContent, expiryEpoch = 5): Op<'propose'> {
  const kind = PROPOSAL_KIND[proposal.kind];
  return { type: 'propose', kind, expiryEpoch, content: encodeProposal(proposal) };
}

/** Admits maker `maker` with root key `maker<number>`. */
export function makerProposal(maker: number): ProposalContent {
  const content = { maker, key: publicKey(`maker${maker}`), quota: 5, name: utf8('New') };
  return { kind: 'makerAdmit', content };
}

export function voteOp(proposal: number, approve = 1): Op<'vote'> {
  return { type: 'vote', proposal, approve };
}

export function makerBatchOp(t: TestNetwork, fields: Fields<'makerBatch'> = {}, signer = 'maker1') {
  const { signature, ...rest } = { signature: undefined, ...fields };
  const content = { maker: 1, batch: 9, key: publicKey('batch9'), quota: 7, activationEpochs: 3, ...rest };
  return {
    ...content,
    type: 'makerBatch' as const,
    signature: signature ?? signAs(signer, batchDigest(t.network, content)),
  };
}

export function registerOp(
  t: TestNetwork,
  device: string,
  fields: Fields<'deviceRegister'> = {},
): Op<'deviceRegister'> {
  const content = { key: publicKey(device), maker: 1, batch: 1, region: 0, deviceClass: 0, ...fields };
  return {
    batchSignature: signAs(`batch${content.batch}`, registerDigest(t.network, content)),
    deviceSignature: signAs(device, possessionDigest(t.network, content)),
    ...content,
    type: 'deviceRegister',
  };
}

export function claimOp(t: TestNetwork, device: string, owner: string): Op<'deviceClaim'> {
  const number = t.device(device);
  const changes = number === -1 ? 0 : t.ledger.devices.read(number)!.changes;
  const digest = claimDigest(t.network, publicKey(device), publicKey(owner), changes);
  return { type: 'deviceClaim', device: publicKey(device), deviceSignature: signAs(device, digest) };
}

/** `owner` hands the device to `to`, who accepts. */
export function handoverOp(
  t: TestNetwork,
  device: string,
  owner: string,
  to: string,
  signer = to,
): Op<'deviceHandover'> {
  const number = t.device(device);
  const changes = number === -1 ? 0 : t.ledger.devices.read(number)!.changes;
  const digest = handoverDigest(t.network, publicKey(device), publicKey(owner), publicKey(to), changes);
  return {
    type: 'deviceHandover',
    device: publicKey(device),
    to: publicKey(to),
    acceptance: signAs(signer, digest),
  };
}

export function revokeOp(t: TestNetwork, fields: Fields<'deviceRevoke'>, signer = 'maker1') {
  const content = { maker: 1, kind: REVOKE_KIND.device, device: ZEROS, batch: 0, ...fields };
  const op = { ...content, type: 'deviceRevoke' as const };
  return { ...op, signature: signAs(signer, revokeDigest(t.network, content)) };
}

export function presenceOp(t: TestNetwork, device: string, fields: Fields<'presence'> = {}): Op<'presence'> {
  const content = { device: t.device(device), epoch: t.ledger.epoch, host: 0, ...fields };
  const digest = presenceDigest(t.network, content.device, content.epoch, content.host);
  return { signature: signAs(device, digest), ...content, type: 'presence' };
}

export function rotateOp(
  t: TestNetwork,
  sender: string,
  key: string,
  fields: Fields<'keyRotate'> = {},
): Op<'keyRotate'> {
  const content = { role: 0, index: 0, key: publicKey(key), linkKey: publicKey(`${key}-link`), ...fields };
  const digest = rotateDigest(t.network, content, publicKey(sender), t.nextSequence(sender));
  return { signature: signAs(key, digest), ...content, type: 'keyRotate' };
}

export function header(fields: Partial<BlockHeader> = {}): BlockHeader {
  return {
    lane: 1,
    incarnation: 0,
    height: 5,
    previous: ZEROS,
    root: ZEROS,
    count: 1,
    timeMs: 1,
    epoch: 0,
    refRound: 0,
    ...fields,
  };
}

export function signedHeader(t: TestNetwork, h: BlockHeader, signer = `trust${h.lane}`): Uint8Array {
  return encodeSignedHeader({ header: h, signature: signAs(signer, blockHash(t.network, h)) });
}

export function signedVote(
  t: TestNetwork,
  hash: number,
  witness = 2,
  signer = `trust${witness}`,
): Uint8Array {
  const vote = { lane: 1, incarnation: 0, height: 5, hash: new Uint8Array(32).fill(hash), witness };
  return encodeVote({ ...vote, signature: signAs(signer, voteDigest(t.network, vote)) });
}

export function signedAttestation(
  t: TestNetwork,
  fields: Parameters<typeof attestation>[1] = {},
  signer = 'device3',
): Uint8Array {
  const content = attestation(3, fields);
  const signature = signAs(signer, attestationDigest(t.network, content));
  return encodeAttestation({ ...content, signature });
}

export function evidenceOp(
  kind: keyof typeof EVIDENCE_KIND,
  first: Uint8Array,
  second: Uint8Array,
): Op<'evidence'> {
  return { type: 'evidence', kind: EVIDENCE_KIND[kind], first, second };
}

/** Proof that trust node 1 signed two blocks at one height. */
export function headerEvidence(t: TestNetwork, height = 5): Op<'evidence'> {
  return evidenceOp(
    'headerEquivocation',
    signedHeader(t, header({ height })),
    signedHeader(t, header({ height, timeMs: 2 })),
  );
}

/** Proof that device 3 signed a hash that is not that of the header it cites. */
export function lieOp(t: TestNetwork): Op<'evidence'> {
  const attested = signedAttestation(t, {
    cited: blockHash(t.network, header()),
    hash: utf8('another hash of 32 bytes exactly'),
  });
  return evidenceOp('falseAttestation', attested, signedHeader(t, header()));
}

export function ticketOp(t: TestNetwork, device: string, fields: Fields<'ticket'> = {}): Op<'ticket'> {
  const content = { device: t.device(device), epoch: t.ledger.epoch, ...fields };
  const alpha = ticketAlpha(t.network, t.ledger.epochs.seed, content.epoch, content.device);
  return { proof: vrfProve(keys(device).secretKey, alpha), ...content, type: 'ticket' };
}
