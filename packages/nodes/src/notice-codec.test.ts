/** What a ledger server could send that is no notice and no view, though its SSZ is in order. */
import { TestNetwork } from '@iotw/ledger/test-network';
import { ATTESTATION_BYTES } from '@iotw/protocol/attestation';
import { describe, expect, it } from 'vitest';
import { viewOf } from './ledger-server/chain-state.js';
import { type ChainViewState, HOST_MOVE_BYTES, type NodeSet, type RoundNotice } from './messages.js';
import { decodeNotice, decodeView, encodeNotice, encodeView } from './notice-codec.js';

const t = new TestNetwork();
const view = viewOf(t.ledger);
const { header } = t.round([]);
const block = { lane: 0, incarnation: 0, height: 1, codes: new Uint16Array(2), answers: new Uint8Array(0) };
const lists = { signatures: [], blocks: [block], lanes: [], removed: [], reinstated: [] };
const notice: RoundNotice = { header, ...lists };
const { nodes } = view;
const named = (address: string): NodeSet => ({
  ...nodes,
  trust: nodes.trust.map((n) => ({ ...n, address })),
});

const codeOf = (read: ReturnType<typeof decodeNotice> | ReturnType<typeof decodeView>) =>
  read.ok ? 'ok' : read.error.code;

describe('a notice', () => {
  it.each<[string, string, Partial<RoundNotice>]>([
    ['of a round', 'ok', {}],
    ['with an answer', 'ok', { blocks: [{ ...block, answers: new Uint8Array(ATTESTATION_BYTES) }] }],
    ['with half an answer', 'malformed', { blocks: [{ ...block, answers: new Uint8Array(99) }] }],
    ['with a move', 'ok', { moves: new Uint8Array(HOST_MOVE_BYTES) }],
    ['with half a move', 'malformed', { moves: new Uint8Array(HOST_MOVE_BYTES - 1) }],
    ['with an address', 'ok', { nodes: named('mqtt://x:1') }],
    ['with a blank in an address', 'malformed', { nodes: named('mqtt://x 1') }],
    ['with an address beyond ASCII', 'malformed', { nodes: named('mqtt://ü') }],
    ['without nodes of one role', 'malformed', { nodes: { ...nodes, ledger: [] } }],
  ])('%s: %s', (_, code, change) => {
    expect(codeOf(decodeNotice(encodeNotice({ ...notice, ...change })))).toBe(code);
  });
});

describe('a view', () => {
  it.each<[string, string, Partial<ChainViewState>]>([
    ['of the ledger', 'ok', {}],
    ['with half a move', 'malformed', { moves: new Uint8Array(HOST_MOVE_BYTES + 1) }],
    ['with fewer lanes than trust nodes', 'malformed', { lanes: view.lanes.slice(1) }],
    ['with fewer trust nodes than lanes', 'malformed', { nodes: { ...nodes, trust: nodes.trust.slice(1) } }],
    ['without nodes', 'malformed', { nodes: { trust: [], ledger: [] }, lanes: [] }],
  ])('%s: %s', (_, code, change) => {
    expect(codeOf(decodeView(encodeView({ ...view, ...change })))).toBe(code);
  });
});

it('a standing is one of two bytes', () => {
  const standing = (value: boolean) =>
    encodeView({
      ...view,
      nodes: {
        ...nodes,
        trust: nodes.trust.map((node, i) => (i === 1 ? { ...node, standing: value } : node)),
      },
    });
  const bytes = standing(false);
  const places = [...standing(true)].flatMap((byte, at) => (byte === bytes[at] ? [] : [at]));
  expect(places).toHaveLength(1);
  const read = [0, 1, 2, 255].map((byte) => codeOf(decodeView(bytes.with(places[0]!, byte))));
  expect(read).toEqual(['ok', 'ok', 'malformed', 'malformed']);
});
