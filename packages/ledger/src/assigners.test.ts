import { utf8 } from '@iotw/kernel/bytes';
import { MAX_API_SERVERS } from '@iotw/protocol/limits';
import { ASSIGNER } from '@iotw/protocol/parameters';
import { expect, it } from 'vitest';
import { publicKey } from './test-network.js';
import { proposeOp } from './test-operations.js';
import { adopt, changes, committeeNetwork, newNode, of } from './test-proposals.js';

const api = (key: string, server = 0) =>
  of('apiServerAdmit', { key: publicKey(key), server, operator: utf8('x') });

/** Number and server of each assigner of the pool that is frozen next. */
function frozenNext(t: ReturnType<typeof committeeNetwork>): number[][] {
  t.endEpoch();
  const { assigners } = t.ledger.frozenPool(t.ledger.epoch + 2)!;
  for (const { index, key } of assigners)
    if (t.ledger.parameters.assigner === ASSIGNER['api-server'])
      expect(key).toEqual(t.ledger.apiServers.read(index)!.key);
  return assigners.map(({ index, server }) => [index, server]);
}

it('API servers assign in the pools that are frozen with them and name them, those voted out do not', () => {
  const t = committeeNetwork();
  expect(t.send('member0', proposeOp(changes({ assigner: ASSIGNER['api-server'] }))).code).toBe(
    'proposal-undecidable',
  );
  adopt(t, api('api0'));
  adopt(t, api('api1', 1));
  expect(frozenNext(t)).toEqual([]);
  adopt(t, changes({ assigner: ASSIGNER['api-server'] }));
  expect(frozenNext(t)).toEqual([
    [0, 0],
    [1, 1],
  ]);
  adopt(t, of('apiServerSuspend', { index: 0 }));
  expect(frozenNext(t)).toEqual([[1, 1]]);
  adopt(t, of('apiServerReinstate', { index: 0 }));
  adopt(t, of('apiServerSuspend', { index: 1 }));
  expect(frozenNext(t)).toEqual([[0, 0]]);
  adopt(t, of('apiServerSuspend', { index: 0 }));
  expect(frozenNext(t)).toEqual([]);
});

it('ledger servers assign in the pools that name them, suspended ones do not', () => {
  const t = committeeNetwork();
  const vrfKey = publicKey('vrf2');
  adopt(t, of('ledgerServerAdmit', { ...newNode('ledger2'), vrfKey }));
  adopt(t, changes({ assigner: ASSIGNER['ledger-server'] }));
  const { length } = frozenNext(t);
  expect(length).toBe(t.ledger.ledgerServers.rows);
  adopt(t, of('ledgerServerSuspend', { index: length - 1 }));
  expect(frozenNext(t)).toEqual(Array.from({ length: length - 1 }, (_, i) => [i, i]));
});

it('there is room for so many API servers, and each runs beside a ledger server under a key of its own', () => {
  const t = committeeNetwork();
  const code = (proposal: ReturnType<typeof api>) => t.send('member0', proposeOp(proposal)).code;
  expect(code(api('api0', t.ledger.ledgerServers.rows))).toBe('proposal-reference');
  for (let i = 0; i < MAX_API_SERVERS; i++) adopt(t, api(`api${i}`));
  t.endEpoch();
  expect(t.ledger.apiServers.rows).toBe(MAX_API_SERVERS);
  expect(code(api('more'))).toBe('proposal-reference');
});

it('a key that any node ever had is no key of an API server', () => {
  const t = committeeNetwork();
  expect(t.send('member0', proposeOp(api('trust0'))).code).toBe('node-key-in-use');
  adopt(t, api('api0'));
  t.endEpoch();
  expect(t.send('member0', proposeOp(api('api0'))).code).toBe('node-key-in-use');
});
