import type { AddCommands } from './command.js';

/** A noun of `iotw <noun> <verb>`; its module is loaded only when it is asked for. */
export interface Noun {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly addCommands: AddCommands }>;
}

/** Every noun, in the order of the help. */
export const NOUNS: readonly Noun[] = [
  {
    name: 'devnet',
    summary: 'a whole network on this machine, fed with real orders',
    load: () => import('./devnet.js'),
  },
  { name: 'node', summary: 'one process of a network', load: () => import('./node.js') },
  { name: 'genesis', summary: 'what a network starts from', load: () => import('./genesis.js') },
  {
    name: 'doctor',
    summary: 'what this machine lacks, and how to mend it',
    load: () => import('./doctor.js'),
  },
  { name: 'wallet', summary: 'encrypted key files', load: () => import('./wallet.js') },
  { name: 'faucet', summary: 'test money for an account', load: () => import('./faucet.js') },
  { name: 'send', summary: 'money to an address or account number', load: () => import('./send.js') },
  { name: 'buy', summary: 'a trade: pay a merchant for an item', load: () => import('./buy.js') },
  { name: 'refund', summary: 'give back part or all of a trade', load: () => import('./refund.js') },
  { name: 'tx', summary: 'transactions', load: () => import('./tx.js') },
  { name: 'block', summary: 'transaction blocks', load: () => import('./block.js') },
  {
    name: 'lane',
    summary: 'lanes and their trust nodes: skip rates, answers left out',
    load: () => import('./lane.js'),
  },
  {
    name: 'server',
    summary: 'ledger servers: who votes on rounds, and why one does not',
    load: () => import('./server.js'),
  },
  { name: 'account', summary: 'balances and history', load: () => import('./account.js') },
  {
    name: 'proposal',
    summary: 'proposals and votes of the steering committee',
    load: () => import('./proposal.js'),
  },
  {
    name: 'beacon',
    summary: 'where seeds come from, and a value in an emergency',
    load: () => import('./beacon.js'),
  },
  { name: 'maker', summary: 'makers of devices and their batch keys', load: () => import('./maker.js') },
  { name: 'device', summary: 'device nodes: register, claim, explain', load: () => import('./device.js') },
  { name: 'epoch', summary: 'epochs: pool, seed, settlement', load: () => import('./epoch.js') },
  {
    name: 'verify',
    summary: 'check receipts and blocks without trusting a server',
    load: () => import('./verify.js'),
  },
  {
    name: 'audit',
    summary: 'what witnesses signed, held against what became final',
    load: () => import('./audit.js'),
  },
  {
    name: 'security',
    summary: 'how likely corrupt witnesses forge or stall a block',
    load: () => import('./security.js'),
  },
  { name: 'ledger', summary: "a node's stored ledger", load: () => import('./ledger.js') },
];
