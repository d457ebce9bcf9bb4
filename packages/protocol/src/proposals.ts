/** What the steering committee votes on (spec: clause 14): one kind and one SSZ form each. */
import { ContainerType, ListCompositeType, type ValueOf } from '@chainsafe/ssz';
import { fail, type Result } from '@iotw/kernel/result';
import { MAX_NAME_BYTES } from './limits.js';
import { Bytes32, bytesUpTo, decodeSsz, U8, U16, U32, U64 } from './ssz.js';

const Name = bytesUpTo(MAX_NAME_BYTES);
/** Members of the steering committee. */
export const MAX_COMMITTEE = 64;
/** Bytes of one parameter's name, and parameters in one proposal. */
export const MAX_PARAMETER_NAME_BYTES = 32;
export const MAX_PARAMETER_CHANGES = 64;

export const MakerAdmission = new ContainerType(
  { maker: U16, key: Bytes32, quota: U32, name: Name },
  { typeName: 'MakerAdmission' },
);
export const MakerQuota = new ContainerType({ maker: U16, quota: U32 }, { typeName: 'MakerQuota' });
export const MakerStanding = new ContainerType({ maker: U16 }, { typeName: 'MakerStanding' });
/** As a trust node stands in the genesis, without credit and bond: anybody funds its lane. */
export const TrustNodeAdmission = new ContainerType(
  { key: Bytes32, linkKey: Bytes32, account: Bytes32, region: U8, cloud: U8, operator: Name },
  { typeName: 'TrustNodeAdmission' },
);
export const LedgerServerAdmission = new ContainerType(
  {
    key: Bytes32,
    vrfKey: Bytes32,
    linkKey: Bytes32,
    account: Bytes32,
    region: U8,
    cloud: U8,
    operator: Name,
  },
  { typeName: 'LedgerServerAdmission' },
);
export const ApiServerAdmission = new ContainerType(
  { key: Bytes32, server: U16, operator: Name },
  { typeName: 'ApiServerAdmission' },
);
export const NodeStanding = new ContainerType({ index: U16 }, { typeName: 'NodeStanding' });
const ParameterChange = new ContainerType(
  { name: bytesUpTo(MAX_PARAMETER_NAME_BYTES), value: U64 },
  { typeName: 'ParameterChange' },
);
export const ParameterChanges = new ContainerType(
  { changes: new ListCompositeType(ParameterChange, MAX_PARAMETER_CHANGES) },
  { typeName: 'ParameterChanges' },
);
export const CommitteeChange = new ContainerType(
  { threshold: U8, members: new ListCompositeType(Bytes32, MAX_COMMITTEE) },
  { typeName: 'CommitteeChange' },
);
export const DeviceReinstatement = new ContainerType({ device: U32 }, { typeName: 'DeviceReinstatement' });
/** A round of a public beacon, by the hash of its chain, that gives the seed of `epoch`. Never a value. */
export const EmergencyBeacon = new ContainerType(
  { epoch: U32, chain: Bytes32, round: U64 },
  { typeName: 'EmergencyBeacon' },
);

/** The protocol's version from the first round of `epoch` on; the running version with epoch 0 takes back what is pending. */
export const Upgrade = new ContainerType({ version: U16, epoch: U32 }, { typeName: 'Upgrade' });

/** Kinds of proposals; the number is on the wire: append only. */
export const PROPOSAL_KIND = {
  makerAdmit: 0,
  makerSuspend: 1,
  makerReinstate: 2,
  trustNodeAdmit: 3,
  trustNodeSuspend: 4,
  trustNodeReinstate: 5,
  ledgerServerAdmit: 6,
  ledgerServerSuspend: 7,
  ledgerServerReinstate: 8,
  parameters: 9,
  committee: 10,
  deviceReinstate: 11,
  emergencyBeacon: 12,
  makerQuota: 13,
  apiServerAdmit: 14,
  apiServerSuspend: 15,
  apiServerReinstate: 16,
  upgrade: 17,
} as const;
export type ProposalKind = keyof typeof PROPOSAL_KIND;

export const PROPOSAL_TYPES = {
  makerAdmit: MakerAdmission,
  makerSuspend: MakerStanding,
  makerReinstate: MakerStanding,
  trustNodeAdmit: TrustNodeAdmission,
  trustNodeSuspend: NodeStanding,
  trustNodeReinstate: NodeStanding,
  ledgerServerAdmit: LedgerServerAdmission,
  ledgerServerSuspend: NodeStanding,
  ledgerServerReinstate: NodeStanding,
  parameters: ParameterChanges,
  committee: CommitteeChange,
  deviceReinstate: DeviceReinstatement,
  emergencyBeacon: EmergencyBeacon,
  makerQuota: MakerQuota,
  apiServerAdmit: ApiServerAdmission,
  apiServerSuspend: NodeStanding,
  apiServerReinstate: NodeStanding,
  upgrade: Upgrade,
} as const satisfies Record<ProposalKind, unknown>;

/** What a proposal of each kind says. */
export type ProposalContents = { readonly [K in ProposalKind]: ValueOf<(typeof PROPOSAL_TYPES)[K]> };

/** One proposal's content, tagged by its kind. */
export type ProposalContent = {
  [K in ProposalKind]: { readonly kind: K; readonly content: ProposalContents[K] };
}[ProposalKind];

const KINDS = new Map<number, ProposalKind>(
  Object.entries(PROPOSAL_KIND).map(([kind, n]) => [n, kind as ProposalKind]),
);

/** The name of a kind's number; undefined where this software knows none. */
export function proposalKind(kind: number): ProposalKind | undefined {
  return KINDS.get(kind);
}

/** The content as the operation `propose` carries it. */
export function encodeProposal({ kind, content }: ProposalContent): Uint8Array {
  return (PROPOSAL_TYPES[kind] as { serialize(value: unknown): Uint8Array }).serialize(content);
}

/** Errors: `malformed` (also where the kind is unknown). */
export function decodeProposal(kind: number, bytes: Uint8Array): Result<ProposalContent> {
  const name = KINDS.get(kind);
  if (name === undefined) return fail('malformed', `Proposals of kind ${kind} are unknown.`);
  const content = decodeSsz(PROPOSAL_TYPES[name] as never, bytes, name);
  return content.ok
    ? { ok: true, value: { kind: name, content: content.value } as ProposalContent }
    : content;
}
