import { keyPairFromSeed, verify } from '@iotw/kernel/ed25519';
import { batchDigest, registerDigest, revokeDigest } from '@iotw/protocol/digests';
import type { Operation } from '@iotw/protocol/operations';
import { encodeTransaction } from '@iotw/protocol/transaction';
import { describe, expect, it } from 'vitest';
import { describeTransaction } from './describe.ts';
import type { NetworkCard } from './network-card.ts';
import { withStatements } from './statements.ts';

const NETWORK = new Uint8Array(32).fill(7);
const ROOT = keyPairFromSeed(new Uint8Array(32).fill(1));
const EMPTY = new Uint8Array(64);
const key = (fill: number) => keyPairFromSeed(new Uint8Array(32).fill(fill)).publicKey;

const batch = { type: 'makerBatch', maker: 3, batch: 7, key: key(2), quota: 9, activationEpochs: 3 } as const;
const device = (
  fill: number,
  region = 0,
  batchSignature = EMPTY,
): Extract<Operation, { type: 'deviceRegister' }> => ({
  type: 'deviceRegister',
  ...{ key: key(fill), maker: 3, batch: 7, region, deviceClass: 0 },
  ...{ batchSignature, deviceSignature: new Uint8Array(64).fill(fill) },
});

function transactionOf(operations: readonly Operation[]) {
  return {
    sender: ROOT.publicKey,
    sequence: 1,
    expiryMs: 1,
    operations: [...operations],
    memo: new Uint8Array(0),
  };
}

describe('statements of makers', () => {
  it('are made where they are empty, and only there', () => {
    const revoke = { type: 'deviceRevoke', maker: 3, kind: 1, device: new Uint8Array(32), batch: 7 } as const;
    const others = new Uint8Array(64).fill(8);
    const done = withStatements(
      NETWORK,
      transactionOf([
        { ...batch, signature: EMPTY },
        { ...revoke, signature: EMPTY },
        device(4),
        device(5, 0, others),
      ]),
      ROOT,
    ).operations as readonly [
      Extract<Operation, { type: 'makerBatch' }>,
      Extract<Operation, { type: 'deviceRevoke' }>,
      ...Extract<Operation, { type: 'deviceRegister' }>[],
    ];
    expect(verify(done[0].signature, batchDigest(NETWORK, batch), ROOT.publicKey)).toBe(true);
    expect(verify(done[1].signature, revokeDigest(NETWORK, revoke), ROOT.publicKey)).toBe(true);
    expect(verify(done[2]!.batchSignature, registerDigest(NETWORK, device(4)), ROOT.publicKey)).toBe(true);
    expect(done[2]!.deviceSignature).toEqual(new Uint8Array(64).fill(4));
    expect(done[3]!.batchSignature).toEqual(others);
  });
});

describe('what is shown of a delivery', () => {
  const card: NetworkCard = {
    network: NETWORK,
    name: 'devnet',
    prefix: 'tiotw',
    ...{ feeFloor: 1, feePerOperation: 1, feeBps: 0 },
    app: 'http://localhost:1',
  };
  const shownOf = (operations: readonly Operation[]) => {
    const shown = describeTransaction(encodeTransaction(transactionOf(operations)), ROOT.publicKey, card);
    if (!shown.ok) throw new Error(shown.error.message);
    return shown.value.shown.operations;
  };

  it('is one entry for devices that are alike, with every key and signature in it', () => {
    const shown = shownOf([device(4), device(5), device(6, 1)]);
    expect(shown.map(({ alike }) => alike?.length)).toEqual([2, 1]);
    expect(shown[0]!.fields).toContainEqual({
      label: 'batchSignature',
      value: '00'.repeat(64),
      word: 'made',
    });
    expect(JSON.stringify(shown)).toContain('05'.repeat(64));
  });

  it('tells whose signature stands already', () => {
    const [shown] = shownOf([device(4, 0, new Uint8Array(64).fill(9))]);
    expect(shown!.alike![0]).toContain('09'.repeat(64));
    expect(JSON.stringify(shown)).not.toContain('made');
    const [opened] = shownOf([{ ...batch, signature: EMPTY }]);
    expect(opened!.fields).toContainEqual({ label: 'signature', value: '00'.repeat(64), word: 'made' });
  });
});
