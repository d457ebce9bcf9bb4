import { firstSeed } from '@iotw/assignment/seed';
import { signingDigest } from '@iotw/kernel/signing';
import { DOMAIN } from '@iotw/protocol/domains';
import { NODE_ROLE } from '@iotw/protocol/operations';
import { seedOrigin } from '@iotw/protocol/seed-origin';
import { beginStakes, freeze } from './epoch-edge.js';
import { addDevice } from './operations/device-register.js';
import type { State } from './state.js';
import { packTables } from './state-hash.js';
import { POOL_LEAD } from './tables/epochs.js';

/**
 * Fills empty tables from the genesis (checked before): accounts by their order there, then those of
 * nodes, owners and devices; pools of the first POOL_LEAD epochs from its devices; epoch 0 begins.
 */
export function fillFromGenesis(state: State, supply: number): void {
  const { genesis, accounts, chain, epochs, rewards } = state;
  rewards.append();
  rewards.set('pool', 0, genesis.rewardPool);
  accounts.reserve(genesis.accounts.length);
  for (const { key, amount } of genesis.accounts) {
    const number = accounts.open(key);
    accounts.setBalance(number, amount);
  }
  state.committee.append();
  state.committee.change(genesis.committeeThreshold, genesis.committee);
  state.upgrades.begin();
  addNodes(state);
  addMakers(state);
  addDevices(state);

  beginStakes(state);
  const everyDevice = (): boolean => true;
  for (let epoch = 0; epoch < POOL_LEAD; epoch++) {
    epochs.freeze(freeze(state, epoch, genesis.parameters, everyDevice));
  }
  epochs.open(
    0,
    firstSeed(state.network, genesis.entropy),
    seedOrigin('genesis'),
    genesis.timeMs,
    0,
    () => 0,
  );

  chain.set('timeMs', 0, genesis.timeMs);
  chain.set('supply', 0, supply);
  chain.setBytes('stateHash', 0, signingDigest(DOMAIN.state, state.network, packTables(state)));
  for (const table of state.tables) table.endRound();
  chain.endRound();
}

function addNodes(state: State): void {
  const { genesis, trustNodes, ledgerServers, apiServers, lanes, nodeKeys } = state;
  for (const [index, node] of genesis.trustNodes.entries()) {
    trustNodes.append();
    trustNodes.setBytes('key', index, node.key);
    trustNodes.setBytes('linkKey', index, node.linkKey);
    trustNodes.set('account', index, state.accounts.findOrOpen(node.account));
    trustNodes.set('region', index, node.region);
    trustNodes.set('cloud', index, node.cloud);
    trustNodes.set('credit', index, node.credit);
    trustNodes.set('bond', index, node.bond);
    nodeKeys.record(NODE_ROLE.trust, index, node.key, 0);
    nodeKeys.record(NODE_ROLE.trust, index, node.linkKey, 0);
    lanes.append();
  }
  for (const [index, node] of genesis.ledgerServers.entries()) {
    ledgerServers.append();
    state.beacon.members.append();
    ledgerServers.setBytes('key', index, node.key);
    ledgerServers.setBytes('vrfKey', index, node.vrfKey);
    ledgerServers.setBytes('linkKey', index, node.linkKey);
    ledgerServers.set('account', index, state.accounts.findOrOpen(node.account));
    ledgerServers.set('region', index, node.region);
    ledgerServers.set('cloud', index, node.cloud);
    nodeKeys.record(NODE_ROLE.ledger, index, node.key, 0);
    nodeKeys.record(NODE_ROLE.ledger, index, node.linkKey, 0);
  }
  for (const { key, server } of genesis.apiServers) {
    const index = apiServers.admit(key, server);
    nodeKeys.record(NODE_ROLE.api, index, key, 0);
  }
}

function addMakers(state: State): void {
  const { genesis, makers } = state;
  for (const { maker, key, quota, name } of genesis.makers) makers.admit(maker, key, quota, name);
  for (const { maker, batch, key, quota, activationEpochs } of genesis.batches) {
    makers.batches.open(maker, batch, key, quota, activationEpochs);
    makers.add('allotted', makers.find(maker), quota);
  }
}

function addDevices(state: State): void {
  const { genesis, devices, makers } = state;
  devices.reserve(genesis.devices.length);
  for (const device of genesis.devices) {
    const batch = makers.batches.find(device.maker, device.batch);
    const number = addDevice(state, device, batch, makers.batches.col.activeFrom[batch]!);
    devices.set('host', number, device.host);
    if (device.owner.some((byte) => byte !== 0)) {
      devices.set('owner', number, state.accounts.findOrOpen(device.owner));
    }
  }
}
