import { PUBLIC_BEACONS, publicRoundMs } from '@iotw/assignment/public-beacons';
import { toHex } from '@iotw/kernel/bytes';
import type { Ledger } from '@iotw/ledger/ledger';
import { SEED_SOURCE } from '@iotw/protocol/parameters';
import { z } from 'zod';
import { Count, Hex32, TimeMs } from './forms.js';

const RANDOMNESS = ['operator-trusted', 'vrf', 'threshold'] as const;

/** Who could have known or held back a seed: one operator alone, a designated server, no fewer than t together. */
function randomnessOf(ledgerServers: number, seedSource: number): (typeof RANDOMNESS)[number] {
  if (ledgerServers === 1) return 'operator-trusted';
  return seedSource === SEED_SOURCE.threshold ? 'threshold' : 'vrf';
}

export const RandomnessSchema = z
  .object({
    randomness: z.enum(RANDOMNESS),
    source: z
      .enum(['vrf', 'threshold', 'public'])
      .describe('what opens the next epoch; nothing stands in for it'),
    nextEpoch: Count,
    dueMs: TimeMs.describe('agreed time from which the next epoch may open'),
    waitsFor: z.string().describe('what the next epoch opens with; after dueMs it is what is missing'),
    sharedKey: z
      .object({
        key: z.string().describe('BLS12-381 public key, 48 bytes'),
        threshold: Count,
        holders: z.array(Count).describe('ledger servers that hold a share'),
        ceremony: Count.describe('number of the ceremony that made the shares'),
      })
      .nullable(),
    ceremony: z
      .object({
        number: Count,
        step: z.enum(['join', 'deal', 'check', 'justify']),
        sinceMs: TimeMs,
        joined: z.array(Count),
        dealt: z.array(Count),
        checked: z.array(Count),
      })
      .nullable()
      .describe('the key ceremony that runs'),
    emergency: z
      .object({ beacon: z.string(), chain: Hex32, round: Count, outMs: TimeMs, here: z.boolean() })
      .nullable()
      .describe('the public value that a vote named for the next epoch'),
  })
  .meta({ id: 'Randomness' });
export type RandomnessView = z.infer<typeof RandomnessSchema>;

/** Where seeds come from and what the next epoch waits for. */
export function randomnessView(ledger: Ledger): RandomnessView {
  const { beacon, parameters, ledgerServers } = ledger;
  const { epoch, source } = ledger.nextSeed();
  const { groupKey, phase } = beacon;
  return {
    randomness: randomnessOf(ledgerServers.rows, parameters.seedSource),
    source,
    nextEpoch: epoch,
    dueMs: ledger.epochs.startMs + parameters.epochMs,
    waitsFor: waitsFor(ledger),
    sharedKey:
      groupKey === undefined
        ? null
        : {
            key: toHex(groupKey),
            threshold: beacon.groupThreshold,
            holders: beacon.holders(),
            ceremony: beacon.generation,
          },
    ceremony:
      phase === 'idle'
        ? null
        : {
            number: beacon.ceremony,
            step: phase,
            sinceMs: beacon.col.phaseMs[0]!,
            joined: beacon.joined(),
            dealt: beacon.dealt(),
            checked: beacon.checked(),
          },
    emergency: emergencyView(ledger),
  };
}

function waitsFor(ledger: Ledger): string {
  const { source, server } = ledger.nextSeed();
  const { beacon } = ledger;
  if (source === 'vrf') return `the VRF proof of ledger server ${server}`;
  if (source === 'public') return 'the public value that a vote named';
  if (beacon.groupThreshold === 0) return 'the ledger servers’ key ceremony';
  return `signatures of ${beacon.groupThreshold} of ${beacon.holders().length} ledger servers`;
}

function emergencyView({ beacon }: Ledger): RandomnessView['emergency'] {
  const { emergency } = beacon;
  if (emergency === undefined) return null;
  const named = PUBLIC_BEACONS[emergency.beacon]!;
  return {
    beacon: named.name,
    chain: toHex(named.chain),
    round: emergency.round,
    outMs: publicRoundMs(named, emergency.round),
    here: beacon.emergencyValue !== undefined,
  };
}
