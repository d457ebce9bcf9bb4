import { keyPairFromSeed, sign } from '@iotw/kernel/ed25519';
import { SignatureChecker } from '@iotw/kernel/signature-checker';
import { presenceDigest } from '@iotw/protocol/digests';
import type { Presence } from '@iotw/protocol/operations';
import { RESULT_CODES } from '@iotw/protocol/result';
import { decodeEnvelope } from '@iotw/protocol/transaction';
import { describe, expect, it } from 'vitest';
import { decide, type Submission } from '../intake/submission.js';
import { DEFAULT_TRUST_NODE_LIMITS, type TrustNodeContext } from './context.js';
import { OwnTransactions } from './own-transactions.js';

const network = new Uint8Array(32).fill(7);
const keyOf = (n: number) => keyPairFromSeed(new Uint8Array(32).fill(n));
const EPOCH = 3;

function own(): OwnTransactions {
  const context = {
    network,
    accountKeys: keyOf(200),
    checker: new SignatureChecker(64),
    view: { epoch: EPOCH, timeMs: 0 },
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

/** Sends what is due until nothing is left; the ledger refuses every transaction that holds a refused device. */
function deliver(node: OwnTransactions, refused: ReadonlySet<number>): { accepted: number[]; sent: number } {
  const accepted: number[] = [];
  let sent = 0;
  for (let submission = node.next(1_000); submission !== undefined; submission = node.next(1_000)) {
    const devices = devicesOf(submission);
    const bad = devices.some((device) => refused.has(device));
    decide(submission, 0, bad ? RESULT_CODES['presence-repeated'] : RESULT_CODES.ok);
    node.decided(submission);
    if (!bad) accepted.push(...devices);
    sent++;
  }
  return { accepted: accepted.sort((a, b) => a - b), sent };
}

describe('presence tickets', () => {
  it('travel together', () => {
    const node = own();
    for (let n = 1; n <= 100; n++) expect(node.addTicket(ticket(n), keyOf(n).publicKey, 0)).toBe(true);
    const { accepted, sent } = deliver(node, new Set());
    expect(accepted.length).toBe(100);
    expect(sent).toBe(1);
  });

  it.each([[[50]], [[1]], [[100]], [[3, 77]], [[20, 21, 22]]])(
    'of honest devices arrive though the ledger refuses those of %j',
    (refused) => {
      const node = own();
      for (let n = 1; n <= 100; n++) node.addTicket(ticket(n), keyOf(n).publicKey, 0);
      const { accepted, sent } = deliver(node, new Set(refused));
      expect(accepted).toEqual(
        Array.from({ length: 100 }, (_, i) => i + 1).filter((n) => !refused.includes(n)),
      );
      expect(sent).toBeLessThanOrEqual(1 + 14 * refused.length);
      expect(node.nextDeadlineMs()).toBeUndefined();
    },
  );

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
