/** Changes of seeds, pools and their votes, as rows for tampering.test. */
import { flipped } from '@iotw/sdk/verify/test-ledger';
import { at, data, E, EPOCH, epoch, type Row, remade, whole, without } from './test-published-run.js';

export const EPOCH_ROWS: readonly Row[] = [
  ['the seed', epoch(({ seed }) => ({ seed: flipped(seed) })), E, 'seed-chain'],
  [
    'a bit of the seed proof',
    epoch(({ proof }) => ({ proof: flipped(proof, 40) })),
    E,
    'seed-chain',
    'seed-proof-invalid',
  ],
  [
    'the proof of another epoch',
    epoch(() => ({ proof: whole.epochs[EPOCH + 1]!.proof })),
    E,
    'seed-chain',
    'seed-proof-invalid',
  ],
  [
    'the round that opened the epoch',
    epoch(({ opened }) => ({ opened: opened - 1 })),
    `round ${data.epochs[EPOCH]!.opened}`,
    'round-opens',
  ],
  [
    'a key in the pool',
    epoch(({ pool }) => ({ pool: at(pool, 1, (d) => ({ ...d, key: flipped(d.key) })) })),
    E,
    'pool-root',
  ],
  ['a weight', epoch(({ pool }) => ({ pool: at(pool, 1, (d) => ({ ...d, weight: 2 })) })), E, 'pool-root'],
  [
    'a class',
    epoch(({ pool }) => ({ pool: at(pool, 1, (d) => ({ ...d, deviceClass: 3 })) })),
    E,
    'pool-root',
  ],
  [
    'a class, with the root made anew',
    epoch((old) => remade(old, { pool: at(old.pool, 1, (d) => ({ ...d, deviceClass: 3 - d.deviceClass })) })),
    E,
    'pool-classes',
  ],
  [
    'the order of the pool',
    epoch(({ pool }) => ({ pool: [pool[1]!, pool[0]!, ...pool.slice(2)] })),
    E,
    'pool-root',
  ],
  ['a device of the pool left out', epoch(({ pool }) => ({ pool: without(pool, 2) })), E, 'pool-root'],
  [
    'a parameter',
    epoch(({ parameters }) => ({ parameters: { ...parameters, witnesses: 0 } })),
    E,
    'pool-root',
  ],
  [
    'a trust node left out',
    epoch(({ trustNodes }) => ({ trustNodes: without(trustNodes, 0) })),
    E,
    'pool-root',
  ],
  [
    'a weight, with the root made anew',
    epoch((old) => remade(old, { pool: at(old.pool, 1, (d) => ({ ...d, weight: 2 })) })),
    E,
    'pool-weights',
  ],
  [
    'a host, with the root made anew',
    epoch((old) => remade(old, { pool: at(old.pool, 1, (d) => ({ ...d, host: 3 - d.host })) })),
    E,
    'pool-votes',
    'pool-vote-signature',
  ],
  ['the election mode', epoch(() => ({ mode: 1 })), E, 'pool-mode'],
  [
    'a pool vote by nobody',
    epoch(({ votes }) => ({ votes: at(votes, 0, (v) => ({ ...v, witness: 9 })) })),
    E,
    'pool-votes',
    'pool-vote-unknown',
  ],
  [
    'a pool vote twice',
    epoch(({ votes }) => ({ votes: [votes[0]!, ...votes] })),
    E,
    'pool-votes',
    'pool-vote-duplicate',
  ],
  [
    'a pool vote for another',
    epoch(({ votes }) => ({ votes: at(votes, 0, (v) => ({ ...v, signature: votes[1]!.signature })) })),
    E,
    'pool-votes',
    'pool-vote-signature',
  ],
];
