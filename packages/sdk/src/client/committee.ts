import type { Result } from '@iotw/kernel/result';
import { readAnswer, readResult } from './answer.js';
import type { Connection } from './connection.js';
import { eachEntry, getPage, type Page, type PageOptions } from './pages.js';
import { callJson, path } from './request.js';

export interface CommitteeInfo {
  /** Yes votes that adopt a proposal. */
  readonly threshold: number;
  /** Addresses. */
  readonly members: readonly string[];
  /** Numbers of open proposals, and of those that take effect at the running epoch's edge. */
  readonly open: readonly number[];
  readonly adopted: readonly number[];
}

export interface ProposalInfo {
  readonly number: number;
  readonly kind: string;
  /** By its kind (spec: 14.5). */
  readonly content: unknown;
  readonly state: 'open' | 'adopted' | 'executed' | 'refused' | 'expired' | 'void';
  /** Address of the member. */
  readonly proposer: string;
  readonly epoch: number;
  readonly round: number;
  /** Last epoch in which votes count. */
  readonly expiryEpoch: number;
  readonly decidedRound: number | null;
  /** First epoch that it changes. */
  readonly effectiveEpoch: number | null;
  /** Why it came to nothing when it was to take effect. */
  readonly code: string | null;
  readonly yes: number;
  readonly no: number;
  readonly threshold: number;
  readonly votes: readonly { readonly member: string; readonly approve: boolean; readonly round: number }[];
}

const PROPOSAL = {
  number: 'number',
  kind: 'string',
  content: 'any',
  state: 'string',
  proposer: 'string',
  epoch: 'number',
  round: 'number',
  expiryEpoch: 'number',
  decidedRound: 'any',
  effectiveEpoch: 'any',
  code: 'any',
  yes: 'number',
  no: 'number',
  threshold: 'number',
  votes: 'array',
} as const;

/** GET /v1/committee. Codes: those of a call. */
export async function getCommittee(connection: Connection): Promise<Result<CommitteeInfo>> {
  return readResult<CommitteeInfo>(await callJson(connection, { path: '/v1/committee' }), {
    threshold: 'number',
    members: 'array',
    open: 'array',
    adopted: 'array',
  });
}

/** What a key may do beside owning money. */
export interface RolesInfo {
  /** Of the steering committee. */
  readonly member: boolean;
  /** Makers whose root key it is, and batches whose key it is. */
  readonly makers: readonly { readonly maker: number; readonly name: string }[];
  readonly batches: readonly { readonly maker: number; readonly batch: number }[];
  /** Nodes that are paid to it. */
  readonly trustNodes: readonly number[];
  readonly ledgerServers: readonly number[];
}

/** GET /v1/roles/:address, by address or 64 hex characters of the key. Codes: those of a call and of addresses. */
export async function getRoles(connection: Connection, key: string): Promise<Result<RolesInfo>> {
  return readResult<RolesInfo>(await callJson(connection, { path: path`/v1/roles/${key}` }), {
    member: 'boolean',
    makers: 'array',
    batches: 'array',
    trustNodes: 'array',
    ledgerServers: 'array',
  });
}

/** GET /v1/proposals/:number. Codes: those of a call, `proposal-unknown`. */
export async function getProposal(connection: Connection, number: number): Promise<Result<ProposalInfo>> {
  return readResult<ProposalInfo>(
    await callJson(connection, { path: path`/v1/proposals/${number}` }),
    PROPOSAL,
  );
}

/** GET /v1/proposals, newest first, page after page. Codes: those of a call. */
export function listProposals(
  connection: Connection,
  options: PageOptions = {},
): AsyncIterable<Result<ProposalInfo>> {
  return eachEntry(connection, '/v1/proposals', options, (json) => readAnswer<ProposalInfo>(json, PROPOSAL));
}

/** GET /v1/proposals: one page, newest first. Codes: those of a call, `cursor-invalid`. */
export function getProposalPage(
  connection: Connection,
  options: PageOptions = {},
): Promise<Result<Page<ProposalInfo>>> {
  return getPage(connection, '/v1/proposals', options, (json) => readAnswer<ProposalInfo>(json, PROPOSAL));
}
