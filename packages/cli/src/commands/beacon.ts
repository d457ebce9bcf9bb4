import { isPublicValue, PUBLIC_BEACONS, publicRoundMs } from '@iotw/assignment/public-beacons';
import { concatBytes, fromHex, toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { type EmergencyInfo, getRandomness } from '@iotw/sdk/client/randomness';
import { publicValue } from '@iotw/sdk/transaction/node-operations';
import { time } from '../output/forms.js';
import type { Answer } from '../output/print.js';
import { formatFields } from '../output/table.js';
import { type AddCommands, addVerb, type CommandContext, integer } from './command.js';
import { act, connection, SUBMISSION_OPTIONS, type SubmissionOptions } from './submission.js';

interface SubmitValueOptions extends SubmissionOptions {
  readonly round?: number;
  readonly signature?: string;
  readonly previous?: string;
  readonly from?: string;
}

/** A public HTTP relay of drand. */
const RELAY = 'https://api.drand.sh';
const FETCH_MS = 10_000;

/** `iotw beacon status|submit`. */
export const addCommands: AddCommands = (noun, run) => {
  addVerb(noun, run, {
    usage: 'status',
    summary: 'where seeds come from, and what the next epoch waits for',
    examples: ['iotw beacon status', 'iotw beacon status --json'],
    shared: ['api'],
    notes: [
      'With the rounds of public beacons that a vote could name now: they come out an epoch from now or later.',
    ],
    run: status,
  });
  addVerb<SubmitValueOptions>(noun, run, {
    usage: 'submit',
    summary: "bring the public beacon's value that a vote named, as the operator of a node",
    examples: [
      'iotw beacon submit --wallet operator',
      'iotw beacon submit --round 1000 --signature b446... --wallet operator',
    ],
    shared: ['api'],
    options: [
      {
        flags: '--round <n>',
        summary: 'the round expected: refuse if the vote named another',
        parse: integer(1, 2 ** 47),
      },
      { flags: '--signature <hex>', summary: "drand's signature of that round (default: asked of --from)" },
      {
        flags: '--previous <hex>',
        summary: 'the signature before, where the chain is chained (drand default)',
      },
      { flags: '--from <url>', summary: `HTTP relay of drand (default: ${RELAY})` },
      ...SUBMISSION_OPTIONS,
    ],
    notes: ["Checked against the beacon's key before it is sent: a relay can't lie."],
    run: submitValue,
  });
};

async function status(context: CommandContext): Promise<Result<Answer>> {
  const info = await getRandomness(connection(context));
  if (!info.ok) return info;
  const { randomness, source, nextEpoch, dueMs, waitsFor, sharedKey, ceremony, emergency, timeMs } =
    info.value;
  const late = timeMs - dueMs;
  const nameable = namedFrom(timeMs + Math.max(0, dueMs - timeMs) + MARGIN_MS);
  return ok({
    json: { ...info.value, nameable },
    text: () =>
      formatFields([
        ['randomness', randomness],
        ['next epoch', `${nextEpoch}, due ${time(dueMs)}${late > 0 ? `, waiting for ${late} ms` : ''}`],
        ['opens with', `${waitsFor} (${source})`],
        [
          'shared key',
          sharedKey === null
            ? 'none'
            : `${sharedKey.key.slice(0, 16)}..., ${sharedKey.threshold} of servers ${sharedKey.holders.join(', ')}`,
        ],
        ...(ceremony === null
          ? []
          : [
              [
                'ceremony',
                `${ceremony.number}, step ${ceremony.step}, joined: ${ceremony.joined.join(', ')}`,
              ] as const,
            ]),
        ['emergency', emergency === null ? 'none' : describe(emergency)],
        ...nameable.map(
          ({ beacon, round, outMs }) => [beacon, `round ${round} comes out ${time(outMs)}`] as const,
        ),
      ]),
  });
}

/** Votes take a while: rounds are shown that come out this much later than they must. */
const MARGIN_MS = 600_000;

function namedFrom(ms: number): { beacon: string; chain: string; round: number; outMs: number }[] {
  return PUBLIC_BEACONS.map((beacon) => {
    const round = Math.ceil((ms / 1_000 - beacon.genesisTime) / beacon.period) + 1;
    return { beacon: beacon.name, chain: toHex(beacon.chain), round, outMs: publicRoundMs(beacon, round) };
  });
}

function describe({ beacon, round, outMs, here }: EmergencyInfo): string {
  return `${beacon}, round ${round}, out ${time(outMs)}: ${here ? 'its value is here' : 'its value is missing'}`;
}

async function submitValue(context: CommandContext, options: SubmitValueOptions): Promise<Result<Answer>> {
  const info = await getRandomness(connection(context, options.network));
  if (!info.ok) return info;
  const { emergency } = info.value;
  if (emergency === null || emergency.here) {
    return fail(
      'emergency-none',
      'No public value is awaited, or it is here already: see iotw beacon status.',
    );
  }
  if (options.round !== undefined && options.round !== emergency.round) {
    return fail('beacon-round', `The vote named round ${emergency.round} of ${emergency.beacon}.`, {
      round: emergency.round,
    });
  }
  const beacon = PUBLIC_BEACONS.find(({ chain }) => toHex(chain) === emergency.chain);
  if (beacon === undefined)
    return fail('emergency-chain', `This software does not know the beacon ${emergency.beacon}.`);
  const { signature, previous } = options;
  const given =
    signature === undefined ? await fetchValue(emergency, options.from) : read(signature, previous);
  if (!given.ok) return given;
  const [value, before] = given.value;
  if (!isPublicValue(beacon, emergency.round, concatBytes(value, before))) {
    return fail(
      'beacon-value',
      `That is not the signature of round ${emergency.round} of ${emergency.beacon}.`,
    );
  }
  return act(context, options, () => ok([publicValue(value, before)]));
}

type Value = readonly [signature: Uint8Array, previous: Uint8Array];

function read(signature: unknown, previous: unknown): Result<Value> {
  const value = typeof signature === 'string' ? fromHex(signature) : undefined;
  const before = typeof previous === 'string' ? fromHex(previous) : new Uint8Array(0);
  if (value === undefined || before === undefined)
    return fail('beacon-value', 'Signatures are hex, as drand gives them.');
  return ok([value, before]);
}

/** As drand's relays answer: {"round", "signature", "previous_signature"}. */
async function fetchValue({ chain, round }: EmergencyInfo, from = RELAY): Promise<Result<Value>> {
  const url = `${from.replace(/\/+$/, '')}/${chain}/public/${round}`;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(FETCH_MS) });
    if (!answer.ok) return unreachable(url, `status ${answer.status}: the round may not be out yet`);
    const json = (await answer.json()) as Record<string, unknown>;
    return read(json.signature, json.previous_signature);
  } catch (error) {
    return unreachable(url, error instanceof Error ? error.message : String(error));
  }
}

function unreachable(url: string, why: string): Result<never> {
  return fail(
    'beacon-unreachable',
    `${url} gave no value (${why}): try another --from, or give --signature.`,
  );
}
