import { keyPairFromSeed, sign } from '@iotw/kernel/ed25519';
import { SignatureChecker } from '@iotw/kernel/signature-checker';
import { vrfProve } from '@iotw/kernel/vrf';
import { presenceDigest, ticketAlpha } from '@iotw/protocol/digests';
import type { Presence, Ticket } from '@iotw/protocol/operations';
import { decodeEnvelope } from '@iotw/protocol/transaction';
import { describe, expect, it } from 'vitest';
import type { Submission } from '../intake/submission.js';
import { DEFAULT_TRUST_NODE_LIMITS, type TrustNodeContext } from './context.js';
import { OwnTransactions } from './own-transactions.js';

const network = new Uint8Array(32).fill(7);
const keyOf = (n: number) => keyPairFromSeed(new Uint8Array(32).fill(n));
const EPOCH = 3;

function own(tickets?: { seed: Uint8Array; bits: number }, epoch = () => EPOCH): OwnTransactions {
  const context = {
    network,
    accountKeys: keyOf(200),
    checker: new SignatureChecker(64),
    view: {
      get epoch() {
        return epoch();
      },
      timeMs: 0,
      tickets,
    },
    limits: DEFAULT_TRUST_NODE_LIMITS,
  } as unknown as TrustNodeContext;
  return new OwnTransactions(context, 0);
}

function ticket(device: number, signer = device, epoch = EPOCH): Presence {
  const signature = sign(presenceDigest(network, device, epoch, 0), keyOf(signer).secretKey);
  return { device, epoch, host: 0, signature };
}

function devicesOf(submission: Submission): number[] {
  const decoded = decodeEnvelope(submission.run.bytes);
  if (!decoded.ok) throw new Error(decoded.error.message);
  return decoded.value.transaction.operations.map((o) => (o.type === 'presence' ? o.device : -1));
}

describe('presence tickets', () => {
  it('travel together', () => {
    const node = own();
    for (let n = 1; n <= 100; n++) expect(node.addTicket(ticket(n), keyOf(n).publicKey, 0)).toBe(true);
    const submission = node.next(1_000);
    expect(devicesOf(submission!)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(node.next(2_000)).toBeUndefined();
  });

  it('of an epoch that is over are not sent, and those behind them do not wait for it', () => {
    let epoch = EPOCH;
    const node = own(undefined, () => epoch);
    const { ticketsPerTransaction } = DEFAULT_TRUST_NODE_LIMITS;
    for (let n = 1; n <= ticketsPerTransaction; n++) node.addTicket(ticket(n), keyOf(n).publicKey, 0);
    epoch += 1;
    expect(node.addTicket(ticket(7, 7, epoch), keyOf(7).publicKey, 1_000)).toBe(true);
    expect(devicesOf(node.next(2_000)!)).toEqual([7]);
    expect(node.next(3_000)).toBeUndefined();
  });

  it('wait for the linger, or until a transaction is full', () => {
    const node = own();
    node.addTicket(ticket(1), keyOf(1).publicKey, 0);
    expect(node.nextDeadlineMs()).toBe(DEFAULT_TRUST_NODE_LIMITS.ticketLingerMs);
    expect(node.next(DEFAULT_TRUST_NODE_LIMITS.ticketLingerMs - 1)).toBeUndefined();
    expect(node.next(DEFAULT_TRUST_NODE_LIMITS.ticketLingerMs)).toBeDefined();
  });

  it('stop at so many undecided transactions that their sequences stay within the window', () => {
    const node = own();
    const sent: Submission[] = [];
    for (let n = 1; n <= 40; n++) {
      node.addTicket(ticket(n), keyOf(n).publicKey, n * 1_000);
      sent.push(...[node.next(n * 1_000 + 500) ?? []].flat());
    }
    expect(sent.length).toBe(16);
    node.decided(sent[0]!);
    expect(node.next(99_000)).toBeDefined();
  });

  it("under the number of another device do not use up that device's own", () => {
    const node = own();
    expect(node.addTicket(ticket(5, 66), keyOf(66).publicKey, 0)).toBe(true);
    expect(node.addTicket(ticket(5), keyOf(5).publicKey, 0)).toBe(true);
  });

  it('are taken once per device and epoch, for this epoch, signed by the device', () => {
    const node = own();
    expect(node.addTicket(ticket(5), keyOf(5).publicKey, 0)).toBe(true);
    expect(node.addTicket(ticket(5), keyOf(5).publicKey, 0)).toBe(false);
    expect(node.addTicket(ticket(6, 6, EPOCH + 1), keyOf(6).publicKey, 0)).toBe(false);
    expect(node.addTicket(ticket(7, 8), keyOf(7).publicKey, 0)).toBe(false);
  });
});

describe('election tickets', () => {
  const seed = new Uint8Array(32).fill(9);
  const drawn = (device: number, signer = device, epoch = EPOCH): Ticket => ({
    device,
    epoch,
    proof: vrfProve(keyOf(signer).secretKey, ticketAlpha(network, seed, epoch, device)),
  });

  it('travel with presence tickets, once per device and epoch', () => {
    const node = own({ seed, bits: 0 });
    expect(node.addTicket(ticket(5), keyOf(5).publicKey, 0)).toBe(true);
    expect(node.addElectionTicket(drawn(5), keyOf(5).publicKey, 0)).toBe(true);
    expect(node.addElectionTicket(drawn(5), keyOf(5).publicKey, 0)).toBe(false);
    const sent = decodeEnvelope(node.next(1_000)!.run.bytes);
    if (!sent.ok) throw new Error(sent.error.message);
    expect(sent.value.transaction.operations.map(({ type }) => type)).toEqual(['presence', 'ticket']);
  });

  it.each([
    ['that nobody asks for', undefined, drawn(5)],
    ['for another epoch', { seed, bits: 0 }, drawn(5, 5, EPOCH + 1)],
    ['of another device', { seed, bits: 0 }, drawn(5, 6)],
    ['over another seed', { seed: network, bits: 0 }, drawn(5)],
    ['that have lost', { seed, bits: 30 }, drawn(5)],
  ])('%s are not taken', (_, asked, content) => {
    expect(own(asked).addElectionTicket(content, keyOf(5).publicKey, 0)).toBe(false);
  });

  it('of a device with a bad proof are not looked at again', () => {
    const node = own({ seed, bits: 0 });
    expect(node.addElectionTicket(drawn(5, 6), keyOf(5).publicKey, 0)).toBe(false);
    expect(node.addElectionTicket(drawn(5), keyOf(5).publicKey, 0)).toBe(false);
    expect(node.addElectionTicket(drawn(6), keyOf(6).publicKey, 0)).toBe(true);
  });
});
