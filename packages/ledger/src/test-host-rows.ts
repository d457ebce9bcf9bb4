/** Outcomes of the operations of trust nodes: keys, addresses, and hosts that makers wish for, as rows for operations.test. */
import { utf8 } from '@iotw/kernel/bytes';
import { makerHostsDigest } from '@iotw/protocol/digests';
import { MAX_ADDRESS_BYTES } from '@iotw/protocol/limits';
import type { MakerHosts, Operation } from '@iotw/protocol/operations';
import { publicKey, signAs, type TestNetwork } from './test-network.js';
import { NO_SIGNATURE, rotateOp } from './test-operations.js';
import { alice, by, type Row } from './test-rows.js';

export function makerHostsOp(
  t: TestNetwork,
  fields: Partial<MakerHosts> = {},
  signer = 'maker1',
): Extract<Operation, { type: 'makerHosts' }> {
  const content = { maker: 1, change: 1, hosts: [1, 0], ...fields };
  const signature = signAs(signer, makerHostsDigest(t.network, content));
  return { type: 'makerHosts', ...content, signature };
}

const address =
  (text: string, index = 0, sender = 'operator0') =>
  (t: TestNetwork) =>
    t.send(sender, { type: 'nodeAddress', index, address: utf8(text) }).code;
const hosts =
  (fields: Partial<MakerHosts> = {}, signer?: string) =>
  (t: TestNetwork) =>
    t.send('alice', makerHostsOp(t, fields, signer)).code;

export const HOST_ROWS: readonly Row[] = [
  ['new keys of a trust node', 'ok', by('operator0', (t) => rotateOp(t, 'operator0', 'fresh'))],
  [
    'new keys of a ledger server',
    'ok',
    by('operator0', (t) => rotateOp(t, 'operator0', 'fresh', { role: 1 })),
  ],
  [
    'new keys of no role',
    'node-unknown',
    by('operator0', (t) => rotateOp(t, 'operator0', 'fresh', { role: 2 })),
  ],
  [
    'new keys of no node',
    'node-unknown',
    by('operator0', (t) => rotateOp(t, 'operator0', 'fresh', { index: 9 })),
  ],
  ["new keys of another's node", 'node-not-account', alice((t) => rotateOp(t, 'alice', 'fresh'))],
  ["another node's key", 'node-key-in-use', by('operator0', (t) => rotateOp(t, 'operator0', 'trust1'))],
  [
    "another node's link key",
    'node-key-in-use',
    by('operator0', (t) => rotateOp(t, 'operator0', 'fresh', { linkKey: publicKey('trust-link1') })),
  ],
  [
    'a key that is not held',
    'node-signature',
    by('operator0', (t) => rotateOp(t, 'operator0', 'fresh', { signature: NO_SIGNATURE })),
  ],

  ["a trust node's address", 'ok', address('mqtt://trust-0.example.net:1883')],
  ['an address taken back', 'ok', address('')],
  ['the longest address', 'ok', address('mqtt://'.padEnd(MAX_ADDRESS_BYTES, 'x'))],
  ['an address of no trust node', 'node-unknown', address('mqtt://x:1', 9)],
  ["another's address", 'node-not-account', address('mqtt://x:1', 0, 'alice')],
  ['an address that is no MQTT URL', 'node-address', address('https://x')],
  ['an address with a blank', 'node-address', address('mqtt://x y')],
  ['an address that is no ASCII', 'node-address', address('mqtt://bücher')],
  ["a maker's hosts, by whoever pays", 'ok', hosts()],
  ['no hosts', 'ok', hosts({ hosts: [] })],
  ['hosts of no maker', 'maker-unknown', hosts({ maker: 9 })],
  ['hosts that are no trust nodes', 'maker-hosts', hosts({ hosts: [9] })],
  ['a host twice', 'maker-hosts', hosts({ hosts: [1, 1] })],
  ['hosts with another number than the next', 'maker-hosts', hosts({ change: 2 })],
  ['hosts signed by a batch', 'maker-signature', hosts({}, 'batch1')],
  [
    'hosts said again',
    'maker-hosts',
    (t) => {
      t.send('alice', makerHostsOp(t));
      return t.send('alice', makerHostsOp(t)).code;
    },
  ],
];
