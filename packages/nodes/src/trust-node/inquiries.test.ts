import { TestNetwork } from '@iotw/assignment/test-network';
import { sign } from '@iotw/kernel/ed25519';
import { merkleRoot } from '@iotw/kernel/merkle';
import { encodeAssignment } from '@iotw/protocol/assignment';
import { MISS_KIND, silenceDigest } from '@iotw/protocol/certificate';
import { blockHash } from '@iotw/protocol/header';
import { beforeEach, describe, expect, it } from 'vitest';
import { type PeerMessage, trustPeer } from '../messages.js';
import type { TrustNodeContext, TrustNodeEffect } from './context.js';
import { Inquiries } from './inquiries.js';
import { SilentHosts } from './silent-hosts.js';

const LIMIT_MS = 1_500;
/** Lane 0 asks; this node is a witness that neither leads the lane nor hosts the device at rank 0. */
const n = new TestNetwork();
const seat = n.draw.at(0)!;
const { host } = seat;
const index = [1, 2, 3].find((node) => node !== host)!;
const ids = new Uint8Array(32 * n.header.count).fill(5);
const header = { ...n.header, root: merkleRoot(ids, n.header.count, 1024) };
const signature = sign(blockHash(n.network, header), n.trustKeys[0]!.secretKey);
const { lane, incarnation, height } = header;
const slot = { lane, incarnation, height, attempt: 0, rank: 0, device: seat.device };
const assignment = encodeAssignment({ header, signature, ids, ...slot });
const relay = { kind: 'relay', slot, host, key: seat.key, assignment } as const;

let hosts: SilentHosts;
let inquiries: Inquiries;
let effects: TrustNodeEffect[];

beforeEach(() => {
  hosts = new SilentHosts(() => LIMIT_MS);
  effects = [];
  inquiries = new Inquiries({
    network: n.network,
    index,
    keys: n.trustKeys[index]!,
    checker: n.context.checker,
    silentHosts: hosts,
    view: { trustKeys: n.context.trustNodeKeys, snapshot: () => n.context.snapshot },
  } as unknown as TrustNodeContext);
});

/** What was sent since the last look, as `kind to`. */
function sent(): string[] {
  const list = effects.map((effect) =>
    effect.kind === 'send' ? `${effect.message.kind} ${effect.to}` : effect.kind,
  );
  effects = [];
  return list;
}
const silence = `silence ${trustPeer(0)}`;
const question = `assign ${trustPeer(host)}`;

describe('a witness that is asked to ask a host', () => {
  it('asks it, and says that it was silent only after its time', () => {
    inquiries.onRelay(relay, 0, effects);
    expect(sent()).toEqual([question]);
    inquiries.tick(LIMIT_MS - 1, effects);
    expect(sent()).toEqual([]);
    expect(inquiries.nextDeadlineMs()).toBe(LIMIT_MS);
    inquiries.tick(LIMIT_MS, effects);
    const [effect] = effects;
    if (effect?.kind !== 'send' || effect.message.kind !== 'silence') throw new Error('no statement');
    const said = effect.message.silence;
    expect(said).toMatchObject({ ...slot, host, witness: index });
    const { checker } = n.context;
    expect(
      checker.verify(said.signature, silenceDigest(n.network, said), n.trustKeys[index]!.publicKey),
    ).toBe(true);
    expect(inquiries.nextDeadlineMs()).toBeUndefined();
    expect(inquiries.signed).toBe(1);
  });

  it('passes on what the host says and says nothing itself', () => {
    inquiries.onRelay(relay, 0, effects);
    sent();
    inquiries.onHostSays(trustPeer(host), n.miss(0, 0), effects);
    expect(sent()).toEqual([`miss ${trustPeer(0)}`]);
    inquiries.onHostSays(trustPeer(host), n.attest(0, 0), effects);
    expect(sent()).toEqual([`answer ${trustPeer(0)}`]);
    inquiries.tick(10 * LIMIT_MS, effects);
    expect(sent()).toEqual([]);
    // Asked again, it knows.
    inquiries.onRelay(relay, 20, effects);
    expect(sent()).toEqual([`answer ${trustPeer(0)}`]);
  });

  it('does not take a soft miss for the last word', () => {
    inquiries.onRelay(relay, 0, effects);
    sent();
    inquiries.onHostSays(trustPeer(host), n.miss(0, 0, { kind: MISS_KIND.soft }), effects);
    expect(sent()).toEqual([`miss ${trustPeer(0)}`]);
    inquiries.tick(LIMIT_MS, effects);
    expect(sent()).toEqual([silence]);
    inquiries.onHostSays(trustPeer(host), n.miss(0, 0), effects);
    inquiries.onHostSays(trustPeer(host), n.miss(0, 0, { kind: MISS_KIND.soft }), effects);
    expect(sent()).toEqual([`miss ${trustPeer(0)}`]);
  });

  it('takes the word of the host alone for the host', () => {
    inquiries.onRelay(relay, 0, effects);
    sent();
    const another = [1, 2, 3].find((node) => node !== host && node !== index)!;
    inquiries.onHostSays(trustPeer(another), n.miss(0, 0), effects);
    expect(sent()).toEqual([]);
  });

  it('does not wait for a host that is known to be silent, until it speaks', () => {
    hosts.asked(trustPeer(host), 0);
    inquiries.onRelay(relay, LIMIT_MS, effects);
    expect(sent()).toEqual([question, silence]);
    hosts.heard(trustPeer(host));
    const next = { ...relay, slot: { ...slot, rank: 4 } };
    const other = n.draw.at(4)!;
    const place = { ...slot, rank: 4, device: other.device };
    const bytes = encodeAssignment({ header, signature, ids, ...place });
    inquiries.onRelay(
      { ...next, slot: place, host: other.host, key: other.key, assignment: bytes },
      LIMIT_MS,
      effects,
    );
    expect(sent()).toEqual(other.host === index ? [] : [`assign ${trustPeer(other.host)}`]);
  });

  const others = n.draw.at(1)!;
  it.each<[string, Partial<Extract<PeerMessage, { kind: 'relay' }>>]>([
    ['about itself', { host: index }],
    ["about the lane's own trust node", { host: 0 }],
    ['about a trust node that is not', { host: 9 }],
    [
      'about a host that has not the device',
      { host: [1, 2, 3].find((node) => node !== host && node !== index)! },
    ],
    ['for a device under another key', { key: others.key }],
    ['for another device than it shows', { slot: { ...slot, device: others.device }, key: others.key }],
    ['for another rank than it shows', { slot: { ...slot, rank: 1 } }],
    [
      'with a header that the lane did not sign',
      { assignment: encodeAssignment({ header, signature: new Uint8Array(64), ids, ...slot }) },
    ],
    [
      'with other transactions than the signed ones',
      { assignment: encodeAssignment({ header, signature, ids: ids.map((b) => b + 1), ...slot }) },
    ],
    ['that can not be read', { assignment: new Uint8Array(200) }],
  ])('asks nothing and says nothing for a question %s', (_what, change) => {
    hosts.asked(trustPeer(host), 0);
    inquiries.onRelay({ ...relay, ...change }, LIMIT_MS, effects);
    inquiries.tick(10 * LIMIT_MS, effects);
    expect(sent()).toEqual([]);
  });
});
