import { fromHex } from '@iotw/kernel/bytes';
import { MAX_SUPPLY } from '@iotw/protocol/limits';
import { describe, expect, it } from 'vitest';
import { checkGenesis } from './genesis-check.js';
import { Ledger } from './ledger.js';
import { type TestOptions, testGenesis } from './test-network.js';

const base = testGenesis();
const device = base.devices[0]!;
const node = base.trustNodes[0]!;

const server = base.ledgerServers[0]!;
/** Of order 8, and one that is on no curve. */
const SMALL_ORDER = fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 32)!;
const OFF_CURVE = new Uint8Array(32).fill(2);

const ROWS: readonly (readonly [code: string, options: TestOptions])[] = [
  ['ok', {}],
  ['genesis-parameters', { genesis: { ledgerServers: [] } }],
  ['genesis-parameters', { parameters: { epochMs: 0 } }],
  ['genesis-parameters', { parameters: { electionMode: 9 } }],
  ['genesis-parameters', { parameters: { miners: 0 } }],
  ['genesis-parameters', { parameters: { ranksPerAttempt: 3 } }],
  ['genesis-parameters', { parameters: { minActivationEpochs: 20_161 } }],
  ['ok', { parameters: { minActivationEpochs: 20_160 } }],
  ['genesis-parameters', { parameters: { feeFloor: MAX_SUPPLY } }],
  ['genesis-parameters', { parameters: { feeBps: 10_001 } }],
  ['genesis-parameters', { parameters: { poolDecayPpt: 1_000_000_000_001 } }],
  ['genesis-parameters', { parameters: { minerShareBps: 9_000 } }],
  ['genesis-parameters', { parameters: { ownerCapBps: 0 } }],
  ['genesis-parameters', { parameters: { batchCapBps: 10_001 } }],
  ['genesis-parameters', { parameters: { ticketTarget: 0 } }],
  ['genesis-parameters', { parameters: { ticketTarget: 513 } }],
  ['genesis-parameters', { parameters: { ticketWeight: 4 } }],
  ['genesis-parameters', { genesis: { committeeThreshold: 4 } }],
  ['genesis-supply', { genesis: { rewardPool: MAX_SUPPLY } }],
  ['genesis-supply', { genesis: { accounts: [{ key: node.key, amount: Number.MAX_SAFE_INTEGER }] } }],
  ['genesis-duplicate', { genesis: { accounts: [base.accounts[0]!, base.accounts[0]!] } }],
  ['genesis-duplicate', { genesis: { devices: [device, device] } }],
  ['genesis-duplicate', { genesis: { trustNodes: [{ ...node, linkKey: node.key }] } }],
  ['genesis-duplicate', { genesis: { makers: [base.makers[0]!, base.makers[0]!] } }],
  ['genesis-duplicate', { genesis: { batches: [base.batches[1]!, base.batches[1]!] } }],
  ['genesis-duplicate', { genesis: { committee: [node.key, node.key] } }],
  ['genesis-key', { genesis: { trustNodes: [{ ...node, key: SMALL_ORDER }] } }],
  ['genesis-key', { genesis: { trustNodes: [{ ...node, linkKey: OFF_CURVE }] } }],
  ['genesis-key', { genesis: { ledgerServers: [{ ...server, vrfKey: SMALL_ORDER }] } }],
  ['genesis-key', { genesis: { committee: [node.key, node.linkKey, OFF_CURVE] } }],
  ['genesis-key', { genesis: { makers: [{ ...base.makers[0]!, key: SMALL_ORDER }], batches: [] } }],
  ['genesis-key', { genesis: { batches: [{ ...base.batches[0]!, key: new Uint8Array(32) }] } }],
  ['genesis-reference', { genesis: { trustNodes: [{ ...node, region: 9 }] } }],
  ['genesis-reference', { genesis: { trustNodes: [{ ...node, cloud: 9 }] } }],
  ['genesis-reference', { genesis: { batches: [{ ...base.batches[0]!, maker: 9 }] } }],
  ['genesis-reference', { genesis: { batches: [{ ...base.batches[0]!, quota: 21 }] } }],
  ['genesis-reference', { genesis: { devices: [{ ...device, batch: 9 }] } }],
  ['genesis-reference', { genesis: { batches: [{ ...base.batches[0]!, quota: 1 }] } }],
  ['genesis-reference', { genesis: { devices: [{ ...device, host: 3 }] } }],
  ['genesis-reference', { genesis: { devices: [{ ...device, region: 2 }] } }],
  ['genesis-reference', { genesis: { devices: [{ ...device, deviceClass: 4 }] } }],
  ['genesis-reference', { genesis: { devices: [device, { ...base.devices[1]!, deviceClass: 3 }] } }],
  ['ok', { genesis: { devices: [device, { ...base.devices[1]!, batch: 2, deviceClass: 3 }] } }],
  ['genesis-parameters', { parameters: { userSeats: 65 } }],
  ['genesis-parameters', { parameters: { userShareBps: 10_001 } }],
];

describe('a genesis', () => {
  it.each(ROWS)('%s (%#)', (code, options) => {
    const checked = checkGenesis(testGenesis(options));
    expect(checked.ok ? 'ok' : checked.error.code).toBe(code);
  });

  it('that is not good is a bug of the caller', () => {
    expect(() => Ledger.genesis(testGenesis({ parameters: { miners: 0 } }))).toThrow('miners');
  });

  it('gives its supply and its pools', () => {
    const ledger = Ledger.genesis(base);
    expect(ledger.countSupply()).toBe(ledger.chain.supply);
    expect(ledger.chain.supply).toBe(1_000_000_000 + 2_500_050 + 330_000);
    expect(ledger.snapshotOf(0)?.devices).toHaveLength(8);
    expect(ledger.frozenPool(1)?.devices).toHaveLength(8);
    expect(ledger.frozenPool(2)?.devices).toHaveLength(8);
    expect(ledger.frozenPool(3)).toBeUndefined();
    expect(ledger.snapshotOf(1)).toBeUndefined();
  });
});
