/** Proposals as JSON for people (spec: clauses 13 and 14). */
import { equalBytes, fromUtf8, utf8 } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { AddressPrefix } from './address.js';
import {
  account,
  bytes32,
  hex,
  type JsonField,
  JsonReading,
  list,
  named,
  pointerTo,
  readObject,
  record,
  text,
  u8,
  u16,
  u32,
  u64,
} from './json-fields.js';
import { MAX_NAME_BYTES, MAX_PROPOSAL_BYTES } from './limits.js';
import type { Propose } from './operations.js';
import { ELECTION_MODE, ParametersType } from './parameters.js';
import {
  decodeProposal,
  encodeProposal,
  MAX_COMMITTEE,
  MAX_PARAMETER_CHANGES,
  PROPOSAL_KIND,
  type ProposalContent,
  type ProposalContents,
  type ProposalKind,
  proposalKind,
} from './proposals.js';

const name = text(MAX_NAME_BYTES);
const electionMode = named(ELECTION_MODE, 0xff);
const MODE = 'electionMode';

/** New values by parameter: an object of names and numbers; the election mode by its name. */
const changes: JsonField<ProposalContents['parameters']['changes']> = {
  read: (json, pointer, reading) => {
    const object = readObject(json, pointer, reading);
    if (object === undefined) return undefined;
    const entries = Object.entries(object);
    if (entries.length === 0 || entries.length > MAX_PARAMETER_CHANGES) {
      return reading.refuse(pointer, `must name 1 to ${MAX_PARAMETER_CHANGES} parameters`);
    }
    const unknown = entries.find(([key]) => !Object.hasOwn(ParametersType.fields, key));
    if (unknown !== undefined) {
      const names = Object.keys(ParametersType.fields).join(', ');
      return reading.refuse(pointerTo(pointer, unknown[0]), `is no parameter: there are ${names}`);
    }
    const out = entries.map(([key, value]) => ({
      name: utf8(key),
      value: (key === MODE ? electionMode : u64).read(value, pointerTo(pointer, key), reading) as number,
    }));
    return reading.fault === undefined ? out : undefined;
  },
  write: (value, prefix) =>
    Object.fromEntries(
      value.map((change) => {
        const key = fromUtf8(change.name) ?? '';
        return [key, key === MODE ? electionMode.write(change.value, prefix) : change.value];
      }),
    ),
};

const maker = record({ maker: u16 });
const index = record({ index: u16 });
const node = { key: bytes32, linkKey: bytes32, account, region: u8, cloud: u8, operator: name };

const CONTENT_FIELDS: { readonly [K in ProposalKind]: JsonField<ProposalContents[K]> } = {
  makerAdmit: record({ maker: u16, key: bytes32, quota: u32, name }),
  makerQuota: record({ maker: u16, quota: u32 }),
  makerSuspend: maker,
  makerReinstate: maker,
  trustNodeAdmit: record(node),
  trustNodeSuspend: index,
  trustNodeReinstate: index,
  ledgerServerAdmit: record({ ...node, vrfKey: bytes32 }),
  ledgerServerSuspend: index,
  ledgerServerReinstate: index,
  parameters: record({ changes }),
  committee: record({ threshold: u8, members: list(account, MAX_COMMITTEE) }),
  deviceReinstate: record({ device: u32 }),
  apiServerAdmit: record({ key: bytes32, server: u16, operator: name }),
  apiServerSuspend: index,
  apiServerReinstate: index,
  upgrade: record({ version: u16, epoch: u32 }),
  emergencyBeacon: record({ epoch: u32, chain: bytes32, round: u64 }),
};

const raw = hex({ max: MAX_PROPOSAL_BYTES });

function contentField(number: number): JsonField<Uint8Array> {
  const kind = proposalKind(number);
  return {
    read: (json, pointer, reading) => {
      if (kind === undefined || typeof json === 'string') return raw.read(json, pointer, reading);
      const content = CONTENT_FIELDS[kind].read(json, pointer, reading);
      return content === undefined ? undefined : encodeProposal({ kind, content } as ProposalContent);
    },
    write: (bytes, prefix) => {
      const decoded = decodeProposal(number, bytes);
      if (!decoded.ok) return raw.write(bytes, prefix);
      const field = CONTENT_FIELDS[decoded.value.kind] as JsonField<unknown>;
      const shown = field.write(decoded.value.content, prefix);
      // What can be encoded and not written (a parameter twice, a name that is no text) stays hex.
      const content = field.read(shown, '', new JsonReading(prefix));
      const back = content === undefined ? undefined : encodeProposal({ kind, content } as ProposalContent);
      return back !== undefined && equalBytes(back, bytes) ? shown : raw.write(bytes, prefix);
    },
  };
}

const kindField = named(PROPOSAL_KIND, 0xff);
const frame = record({ kind: kindField, expiryEpoch: u32 }, ['type', 'content']);

/** The operation `propose`: its content as an object by its kind, or as hex where it is none of that kind. */
export const proposeField: JsonField<Propose> = {
  read: (json, pointer, reading) => {
    const read = frame.read(json, pointer, reading);
    if (read === undefined) return undefined;
    const { content: given } = json as Record<string, unknown>;
    const at = pointerTo(pointer, 'content');
    if (given === undefined) return reading.refuse(at, 'is missing');
    const content = contentField(read.kind).read(given, at, reading);
    return content === undefined ? undefined : { ...read, content };
  },
  write: (operation, prefix) => ({
    ...(frame.write(operation, prefix) as object),
    content: contentField(operation.kind).write(operation.content, prefix),
  }),
};

/** What a proposal says as JSON by its kind; hex where it can't be shown so. */
export function proposalToJson(kind: number, content: Uint8Array, prefix: AddressPrefix): unknown {
  return contentField(kind).write(content, prefix);
}

/** Reads what a proposal of `kind` says. Errors: `proposal-json` (data.pointer). */
export function proposalFromJson(
  kind: ProposalKind,
  json: unknown,
  prefix: AddressPrefix,
): Result<ProposalContent> {
  const reading = new JsonReading(prefix);
  const content = CONTENT_FIELDS[kind].read(json, '', reading);
  if (content !== undefined) return ok({ kind, content } as ProposalContent);
  const { pointer, message } = reading.fault ?? { pointer: '', message: 'is wrong' };
  return fail('proposal-json', `The proposal's field ${pointer || '(the whole)'} ${message}.`, { pointer });
}
