import { sign } from '@iotw/kernel/ed25519';
import { merkleRoot } from '@iotw/kernel/merkle';
import { SignatureChecker } from '@iotw/kernel/signature-checker';
import { keys, TestNetwork } from '@iotw/ledger/test-network';
import { transferOp } from '@iotw/ledger/test-operations';
import { encodeBody } from '@iotw/protocol/body';
import { voteDigest } from '@iotw/protocol/certificate';
import { type BlockHeader, blockHash } from '@iotw/protocol/header';
import { describe, expect, it } from 'vitest';
import { ChainView } from '../chain-view.js';
import { HeldKeys } from '../held-keys.js';
import { viewOf } from '../ledger-server/chain-state.js';
import type { ProposedBlock } from '../messages.js';
import { DEFAULT_TRUST_NODE_LIMITS, type TrustNodeContext } from './context.js';
import type { VoteRecord } from './records.js';
import { SilentHosts } from './silent-hosts.js';
import { Witness } from './witness.js';

const t = new TestNetwork();
const tx = t.transaction('alice', [transferOp(t.account('bob'), 1)]);
const other = t.transaction('alice', [transferOp(t.account('bob'), 2)]);

function context(): TrustNodeContext {
  return {
    network: t.network,
    index: 1,
    held: new HeldKeys(keys('trust1')),
    keys: keys('trust1'),
    accountKeys: keys('operator1'),
    keptByRounds: false,
    limits: DEFAULT_TRUST_NODE_LIMITS,
    checker: new SignatureChecker(256),
    view: new ChainView(viewOf(t.ledger)),
    silentHosts: new SilentHosts(() => 1_500),
  };
}

/** A block of lane 0 as its trust node would sign it, after `fields`. */
function proposed(fields: Partial<BlockHeader> = {}, transactions = [tx], signer = 'trust0'): ProposedBlock {
  const ids = transactions[0] === undefined ? new Uint8Array(0) : transactions[0].id;
  const header: BlockHeader = {
    lane: 0,
    incarnation: 0,
    height: 1,
    previous: t.ledger.lanes.read(0)!.hash,
    root: merkleRoot(ids, transactions.length, 1024),
    count: 1,
    timeMs: t.ledger.timeMs,
    epoch: 0,
    refRound: 0,
    ...fields,
  };
  const hash = blockHash(t.network, header);
  const body = encodeBody(transactions.map(({ envelope }) => envelope));
  return { header, hash, signature: sign(hash, keys(signer).secretKey), body, ids };
}

describe('a witness', () => {
  it('votes for a good block, once it is durable, and again when asked again', () => {
    const witness = new Witness(context(), []);
    const block = proposed();
    const verdict = witness.judge(block);
    if (verdict.kind !== 'vote') throw new Error(verdict.kind);
    expect(witness.judge(block).kind).toBe('waiting');
    witness.noteDurable(verdict.record);
    expect(witness.judge(block).kind).toBe('repeat');
    const vote = witness.sign(verdict.record);
    expect(
      new SignatureChecker(4).verify(vote.signature, voteDigest(t.network, vote), keys('trust1').publicKey),
    ).toBe(true);
  });

  it.each<[what: string, block: ProposedBlock]>([
    ['signed by another trust node', proposed({}, [tx], 'trust2')],
    ['of a lane that is not', proposed({ lane: 7 })],
    ['with the root of other transactions', proposed({ root: merkleRoot(other.id, 1, 1024) })],
    ['with another count than its body', proposed({ count: 2 })],
    ['whose body is not the ids', { ...proposed(), body: encodeBody([tx.envelope, other.envelope]) }],
    ['without its body', { ...proposed(), body: encodeBody([]) }],
    ['that stands on another block', proposed({ previous: new Uint8Array(32).fill(9) })],
    ['at or below the cursor', proposed({ height: 0 })],
    ['far above the cursor', proposed({ height: 1_000 })],
    ['of another incarnation', proposed({ incarnation: 1 })],
    ['of an epoch that is not open', proposed({ epoch: 2 })],
  ])('refuses a block %s', (_what, block) => {
    const witness = new Witness(context(), []);
    expect(witness.judge(block).kind).toBe('refused');
    // And is bound to nothing by it.
    expect(witness.judge(proposed()).kind).toBe('vote');
  });

  it('keeps a block that came before the one it stands on, and votes in order', () => {
    const witness = new Witness(context(), []);
    const first = proposed();
    const second = proposed({ height: 2, previous: first.hash });
    expect(witness.judge(second).kind).toBe('waiting');
    expect(witness.judge(first).kind).toBe('vote');
    expect(witness.nextWaiting(0, 2)).toBe(second);
    expect(witness.judge(second).kind).toBe('vote');
  });

  it('votes for one content of a height only, and the second signed header is evidence', () => {
    const witness = new Witness(context(), []);
    expect(witness.judge(proposed()).kind).toBe('vote');
    const verdict = witness.judge(proposed({}, [other]));
    if (verdict.kind !== 'evidence') throw new Error(verdict.kind);
    // The ledger takes it for what it is.
    const ledger = new TestNetwork();
    expect(ledger.send('alice', { type: 'evidence', ...verdict.evidence }).code).toBe('ok');
    expect(ledger.ledger.trustNodes.read(0)).toMatchObject({ suspended: true, bond: 90_000 });
  });

  it('a second header that nobody signed is no evidence', () => {
    const witness = new Witness(context(), []);
    expect(witness.judge(proposed()).kind).toBe('vote');
    expect(witness.judge(proposed({}, [other], 'trust2')).kind).toBe('refused');
  });

  it('is bound by what it voted before a crash', () => {
    const { lane, incarnation, height } = proposed().header;
    const record: VoteRecord = { lane, incarnation, height, hash: proposed().hash };
    const witness = new Witness(context(), [record]);
    expect(witness.judge(proposed({}, [other])).kind).toBe('refused');
    expect(witness.judge(proposed()).kind).toBe('repeat');
  });
});
