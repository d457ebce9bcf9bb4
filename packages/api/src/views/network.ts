import { toHex } from '@iotw/kernel/bytes';
import { trustThreshold } from '@iotw/protocol/certificate';
import { NETWORK_TOPIC_BYTES } from '@iotw/protocol/genesis';
import { parametersToJson } from '@iotw/protocol/genesis-json';
import { z } from 'zod';
import type { ApiContext } from '../context.js';
import { Count, Hex32, SpecObject, TimeMs } from './forms.js';
import { nameText } from './nodes.js';
import { RandomnessSchema, randomnessView } from './randomness.js';

export const NetworkSchema = z
  .object({
    name: z.string(),
    network: Hex32.describe('network id: the hash of the genesis; part of everything that is signed'),
    topic: z.string().describe('stands for the network in MQTT topics'),
    testnet: z.boolean(),
    addressPrefix: z.enum(['iotw', 'tiotw']),
    genesisTimeMs: TimeMs,
    round: Count,
    timeMs: TimeMs.describe('agreed time; expiries are compared with it'),
    epoch: Count,
    epochStartMs: TimeMs,
    laneKeys: z.array(Hex32).describe('signing keys of the trust nodes, by lane'),
    ledgerServerKeys: z.array(Hex32).describe('who signs rounds'),
    committeeSize: Count,
    trustThreshold: Count.describe('votes a certificate needs'),
    regions: z.array(z.string()),
    clouds: z.array(z.string()),
    parameters: SpecObject,
    randomness: RandomnessSchema,
  })
  .meta({ id: 'Network' });
export type NetworkView = z.infer<typeof NetworkSchema>;

/** What a device or wallet needs to begin. */
export function networkView(context: ApiContext): NetworkView {
  const { ledger, genesis, network } = context.backend;
  const id = toHex(network);
  const { parameters } = ledger;
  return {
    name: nameText(genesis.name),
    network: id,
    topic: id.slice(0, 2 * NETWORK_TOPIC_BYTES),
    testnet: genesis.testnet === 1,
    addressPrefix: context.prefix,
    genesisTimeMs: genesis.timeMs,
    round: context.rounds.latest,
    timeMs: ledger.timeMs,
    epoch: ledger.epoch,
    epochStartMs: ledger.epochs.startMs,
    laneKeys: ledger.trustNodes.keys().map(toHex),
    ledgerServerKeys: ledger.ledgerServers.keys().map(toHex),
    committeeSize: parameters.miners + parameters.witnesses,
    trustThreshold: trustThreshold(ledger.snapshotOf(ledger.epoch)!.trustNodes.length),
    regions: genesis.regions.map(nameText),
    clouds: genesis.clouds.map(nameText),
    parameters: parametersToJson(parameters),
    randomness: randomnessView(ledger),
  };
}
