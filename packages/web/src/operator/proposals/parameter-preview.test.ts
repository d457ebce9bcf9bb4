import { parametersToJson } from '@iotw/protocol/genesis-json';
import { DEVNET_PARAMETERS as NOW } from '@iotw/protocol/parameters';
import { proposalFromJson } from '@iotw/protocol/proposal-json';
import { describe, expect, it } from 'vitest';
import {
  changesToJson,
  NAMED,
  PARAMETER_NAMES,
  previewChanges,
  readParameters,
  unitOf,
} from './parameter-preview.ts';

describe('the preview of a change of parameters', () => {
  it.each<[string, string, object]>([
    ['epochMs', '20000', { before: 10_000, after: 20_000, least: 1, most: 86_400_000, fault: undefined }],
    ['epochMs', ' 20000 ', { after: 20_000, fault: undefined }],
    ['epochMs', '', { after: undefined, fault: 'number' }],
    ['epochMs', '1e3', { after: undefined, fault: 'number' }],
    ['epochMs', '-1', { fault: 'number' }],
    ['epochMs', '2.5', { fault: 'number' }],
    ['epochMs', '99999999999999999999', { fault: 'number' }],
    ['epochMs', '0', { fault: 'bounds' }],
    ['epochMs', '86400001', { fault: 'bounds' }],
    ['epochMs', '10000', { fault: 'same' }],
    ['feeBps', '10001', { fault: 'bounds' }],
  ])('%s: %s', (name, text, row) => {
    const { rows, isGood } = previewChanges(NOW, { [name]: text }, 1);
    expect(rows[0]).toMatchObject(row);
    expect(isGood).toBe(rows[0]!.fault === undefined);
  });

  it('says what the ledger would refuse of several together', () => {
    expect(previewChanges(NOW, { dataShareBps: '501' }, 1)).toMatchObject({
      isGood: false,
      broken: 'shares are together at most 10,000 basis points',
    });
    const both = previewChanges(NOW, { dataShareBps: '501', minerShareBps: '3999' }, 1);
    expect(both).toMatchObject({ isGood: true, broken: undefined });
    expect(previewChanges(NOW, { beaconThreshold: '2' }, 1).broken).toMatch(/ledger servers/);
    expect(previewChanges(NOW, {}, 1).isGood).toBe(false);
  });

  it('becomes a proposal that the protocol reads', () => {
    const { rows } = previewChanges(NOW, { electionMode: '1', epochMs: '20000' }, 1);
    const changes = changesToJson(rows);
    expect(changes).toEqual({ electionMode: 'reputation', epochMs: 20_000 });
    expect(proposalFromJson('parameters', { changes }, 'tiotw').ok).toBe(true);
  });
});

it('reads the parameters as the server writes them, and none that it does not know', () => {
  const told = parametersToJson(NOW) as Record<string, unknown>;
  expect(readParameters(told)).toEqual(NOW);
  expect(readParameters({ ...told, electionMode: 'coin' })).toBeUndefined();
  expect(readParameters({ ...told, epochMs: null })).toBeUndefined();
  expect(PARAMETER_NAMES).toHaveLength(Object.keys(NOW).length);
});

it('knows what numbers mean', () => {
  expect(
    ['epochMs', 'feeBps', 'poolDecayPpt', 'feeFloor', 'assigner', 'miners'].map((name) =>
      unitOf(name as never),
    ),
  ).toEqual([...['ms', 'bps', 'ppt', 'iotw', 'named', 'count']]);
  expect(Object.keys(NAMED)).toHaveLength(6);
});
