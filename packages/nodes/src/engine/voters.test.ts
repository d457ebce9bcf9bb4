import { utf8 } from '@iotw/kernel/bytes';
import { sha256 } from '@iotw/kernel/sha256';
import { vrfKeyPairFromSeed } from '@iotw/kernel/vrf';
import { keys, publicKey } from '@iotw/ledger/test-network';
import { rotateOp } from '@iotw/ledger/test-operations';
import { adopt, committeeNetwork, newNode, of } from '@iotw/ledger/test-proposals';
import { expect, it } from 'vitest';
import { votersOf } from './voters.js';

const SERVERS = 2;

it('are the ledger servers of the genesis, without those suspended, from the edge at which a vote takes effect', () => {
  const t = committeeNetwork();
  const voting = () => votersOf(t.ledger, SERVERS).map(({ server }) => server);
  adopt(t, of('ledgerServerSuspend', { index: 0 }));
  expect(voting()).toEqual([0, 1]);
  t.endEpoch();
  expect(voting()).toEqual([1]);
  adopt(t, of('ledgerServerReinstate', { index: 0 }));
  expect(voting()).toEqual([1]);
  t.endEpoch();
  expect(voting()).toEqual([0, 1]);
});

it('vote with the key that they have now', () => {
  const t = committeeNetwork();
  expect(votersOf(t.ledger, SERVERS)).toEqual([
    { server: 0, key: keys('ledger0').publicKey },
    { server: 1, key: keys('ledger1').publicKey },
  ]);
  const code = t.send('operator0', rotateOp(t, 'operator0', 'fresh', { role: 1 })).code;
  expect(code).toBe('ok');
  expect(votersOf(t.ledger, SERVERS)[0]).toEqual({ server: 0, key: publicKey('fresh') });
});

it('are of the servers that were admitted later those that took part: who only was admitted would be missed', () => {
  const t = committeeNetwork();
  const vrfKey = vrfKeyPairFromSeed(sha256(utf8('vrf2'))).publicKey;
  adopt(t, of('ledgerServerAdmit', { ...newNode('ledger2'), vrfKey }));
  const voting = (origin: number) => votersOf(t.ledger, origin).map(({ server }) => server);
  // Epoch 2 is its turn: its proof opens it.
  t.endEpoch();
  expect(t.ledger.ledgerServers.rows).toBe(3);
  expect(t.ledger.nextSeed()).toMatchObject({ epoch: 2, server: 2 });
  expect([voting(SERVERS), voting(3)]).toEqual([
    [0, 1],
    [0, 1, 2],
  ]);
  t.endEpoch();
  expect(voting(SERVERS)).toEqual([0, 1, 2]);
});

it('are not those that were suspended before they took part, until they have, and a vote reinstates them', () => {
  const t = committeeNetwork();
  const vrfKey = vrfKeyPairFromSeed(sha256(utf8('vrf2'))).publicKey;
  adopt(t, of('ledgerServerAdmit', { ...newNode('ledger2'), vrfKey }));
  t.endEpoch();
  const voting = () => votersOf(t.ledger, SERVERS).map(({ server }) => server);
  adopt(t, of('ledgerServerSuspend', { index: 2 }));
  t.endEpoch();
  expect(voting()).toEqual([0, 1]);
  adopt(t, of('ledgerServerReinstate', { index: 2 }));
  t.endEpoch();
  expect(voting()).toEqual([0, 1, 2]);
});
