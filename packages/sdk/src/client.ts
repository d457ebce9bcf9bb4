import { type AccountName, getAccount, sequencesOf } from './client/accounts.js';
import { getCertifiedBlock } from './client/certified-block.js';
import { getBlock, getLane, getLanes, getRound } from './client/chain.js';
import { getCommittee, getProposal, listProposals } from './client/committee.js';
import { type ClientOptions, type Connection, connect } from './client/connection.js';
import { type DeviceName, getDevice, whyPaid } from './client/devices.js';
import { getElection } from './client/elections.js';
import { getEpoch } from './client/epochs.js';
import { type EventsOptions, events } from './client/events.js';
import { faucet } from './client/faucet.js';
import { getGenesis } from './client/genesis.js';
import { getNetwork, networkOf } from './client/network.js';
import type { PageOptions } from './client/pages.js';
import { getPool } from './client/pools.js';
import { getRandomness } from './client/randomness.js';
import { getReceipt, type WaitOptions, waitForReceipt } from './client/receipts.js';
import { search } from './client/search.js';
import { getParameters, getStatus } from './client/status.js';
import { type SubmitOptions, submit, submitBatch } from './client/submit.js';
import { getTransaction, listAccountTransactions } from './client/transactions.js';

/**
 * A typed client of one API server, in Node and browsers. Every function of client/ with the connection
 * filled in; programs that care for size import the functions themselves and `connect`.
 * Failures are Result values with the server's stable code or a `client-*` one; nothing throws.
 */
export function createClient(options: ClientOptions) {
  const c: Connection = connect(options);
  type Submission = Parameters<typeof submit>[1];
  return {
    connection: c,
    getNetwork: () => getNetwork(c),
    networkId: () => networkOf(c),
    getRandomness: () => getRandomness(c),
    getGenesis: () => getGenesis(c),
    getParameters: () => getParameters(c),
    getStatus: () => getStatus(c),
    search: (q: string) => search(c, q),
    getAccount: (account: AccountName) => getAccount(c, account),
    sequencesOf: (account: AccountName) => sequencesOf(c, account),
    submit: (signed: Submission, options?: SubmitOptions) => submit(c, signed, options),
    submitBatch: (batch: readonly Submission[], options?: SubmitOptions) => submitBatch(c, batch, options),
    getTransaction: (id: Uint8Array | string) => getTransaction(c, id),
    listAccountTransactions: (account: AccountName, options?: PageOptions) =>
      listAccountTransactions(c, account, options),
    getReceipt: (id: Uint8Array | string) => getReceipt(c, id),
    waitForReceipt: (id: Uint8Array | string, options?: WaitOptions) => waitForReceipt(c, id, options),
    getDevice: (device: DeviceName) => getDevice(c, device),
    whyPaid: (device: DeviceName, epoch: number) => whyPaid(c, device, epoch),
    getEpoch: (epoch: number) => getEpoch(c, epoch),
    getPool: (epoch: number) => getPool(c, epoch),
    getElection: (lane: number, height: number) => getElection(c, lane, height),
    getBlock: (lane: number, height: number) => getBlock(c, lane, height),
    getCertifiedBlock: (lane: number, height: number) => getCertifiedBlock(c, lane, height),
    getRound: (number: number) => getRound(c, number),
    getLanes: () => getLanes(c),
    getCommittee: () => getCommittee(c),
    getProposal: (number: number) => getProposal(c, number),
    listProposals: (options?: PageOptions) => listProposals(c, options),
    getLane: (lane: number) => getLane(c, lane),
    faucet: (account: string | Uint8Array, signal?: AbortSignal) => faucet(c, account, signal),
    events: (options?: EventsOptions) => events(c, options),
  };
}

export type Client = ReturnType<typeof createClient>;
