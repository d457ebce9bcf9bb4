/** Outcomes of the operations around hosts, as rows for operations.test. */
import { utf8 } from '@iotw/kernel/bytes';
import { makerHostsDigest } from '@iotw/protocol/digests';
import { MAX_ADDRESS_BYTES } from '@iotw/protocol/limits';
import type { MakerHosts, Operation } from '@iotw/protocol/operations';
import type { ResultCode } from '@iotw/protocol/result';
import { signAs, type TestNetwork } from './test-network.js';

type Row = readonly [name: string, expected: ResultCode, run: (t: TestNetwork) => ResultCode];

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
