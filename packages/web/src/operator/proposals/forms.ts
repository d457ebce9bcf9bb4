import type { ProposalKind } from '@iotw/protocol/proposals';

/** How a field of a proposal is asked for. */
export type FieldForm = 'number' | 'text' | 'key' | 'maker' | 'region' | 'cloud' | 'addresses';
export type ProposalField = readonly [name: string, form: FieldForm];

const NODE: readonly ProposalField[] = [
  ...([
    ['key', 'key'],
    ['linkKey', 'key'],
  ] as const),
  ...([
    ['account', 'text'],
    ['region', 'region'],
    ['cloud', 'cloud'],
    ['operator', 'text'],
  ] as const),
];
const MAKER: readonly ProposalField[] = [['maker', 'maker']];
const INDEX: readonly ProposalField[] = [['index', 'number']];

/** What each kind of proposal asks for, in the order of the form (spec: 14.5). Parameters have a form of their own. */
export const FORMS: { readonly [K in Exclude<ProposalKind, 'parameters'>]: readonly ProposalField[] } = {
  makerAdmit: [
    ['maker', 'number'],
    ['name', 'text'],
    ['key', 'key'],
    ['quota', 'number'],
  ],
  makerSuspend: MAKER,
  makerReinstate: MAKER,
  makerQuota: [...MAKER, ['quota', 'number']],
  trustNodeAdmit: NODE,
  trustNodeSuspend: INDEX,
  trustNodeReinstate: INDEX,
  ledgerServerAdmit: [...NODE, ['vrfKey', 'key']],
  ledgerServerSuspend: INDEX,
  ledgerServerReinstate: INDEX,
  committee: [
    ['threshold', 'number'],
    ['members', 'addresses'],
  ],
  deviceReinstate: [['device', 'number']],
  emergencyBeacon: [
    ['epoch', 'number'],
    ['chain', 'key'],
    ['round', 'number'],
  ],
  apiServerAdmit: [
    ['key', 'key'],
    ['server', 'number'],
    ['operator', 'text'],
  ],
  apiServerSuspend: INDEX,
  apiServerReinstate: INDEX,
  upgrade: [
    ['version', 'number'],
    ['epoch', 'number'],
  ],
};

const NUMBERS: readonly FieldForm[] = ['number', 'maker', 'region', 'cloud'];

/** What was typed, as a proposal's JSON: numbers where numbers belong; what is none stays text and is refused by name. */
export function contentOf(fields: readonly ProposalField[], typed: Readonly<Record<string, string>>): object {
  return Object.fromEntries(
    fields.map(([name, form]) => {
      const text = (typed[name] ?? '').trim();
      if (form === 'addresses') return [name, text.split(/\s+/).filter((line) => line !== '')];
      return [name, NUMBERS.includes(form) && /^[0-9]{1,16}$/.test(text) ? Number(text) : text];
    }),
  );
}
