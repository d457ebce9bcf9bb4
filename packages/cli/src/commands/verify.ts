import type { AddCommands, OptionSpec } from './command.js';
import { addVerb, integer } from './command.js';
import { readPlace } from './place.js';
import { LIGHT } from './verify-light.js';
import { beacon, block, committee, data, election, type PublicOptions } from './verify-public.js';
import { blockFile, type ReceiptOptions, receipt } from './verify-receipt.js';

const TRUST: readonly OptionSpec[] = [
  {
    flags: '--genesis <file>',
    summary: 'genesis to trust (default: ask the server, which --network must vouch for)',
  },
  { flags: '--network <id>', summary: 'network id (hex) that the genesis must have' },
];

const POOL: OptionSpec = {
  flags: '--pool',
  summary: "for a file: fetch the epoch's pool, so that the device committee is checked too",
};

const SIGNERS: OptionSpec = {
  flags: '--signers <file>',
  summary: 'for a file: public data (of verify block --save) with the changes of who signs since the genesis',
};

const SAVE_RECEIPT: OptionSpec = {
  flags: '--save <file>',
  summary: 'keep the receipt, with the commits that lead to it, to be checked without any server',
};

const PUBLIC: readonly OptionSpec[] = [
  ...TRUST,
  { flags: '--from <file>', summary: 'read public data from a file instead of asking the server' },
  { flags: '--save <file>', summary: 'keep the public data that was asked for, to be checked elsewhere' },
  {
    flags: '--seed-epoch <n>',
    summary: 'begin the seed chain at this epoch instead of the genesis',
    parse: integer(0, 0xffff_ffff),
  },
  { flags: '--seed <hex>', summary: 'the seed of that epoch, known from elsewhere' },
];

const NOTES: readonly string[] = [
  'With a file and --genesis nothing is asked of any server. A check that lacks what it takes is "unchecked".',
  'Without --network and --genesis the server names its own keys: that only shows that it is consistent.',
];

/** `iotw verify receipt|block|election|committee|beacon|data`. */
export const addCommands: AddCommands = (noun, run) => {
  addVerb<ReceiptOptions>(noun, run, {
    usage: 'receipt <file-or-id>',
    summary: 'does a receipt prove that a transaction took effect?',
    examples: [
      'iotw verify receipt receipt.json --genesis network/genesis.json',
      'iotw verify receipt 5f0c...e1 --network 91ab...07 --save receipt.json',
      'iotw verify receipt receipt.json --genesis genesis.json --trust-height 120 --trust-hash 7A41...C0',
    ],
    shared: ['api'],
    options: [...TRUST, POOL, SIGNERS, ...LIGHT, SAVE_RECEIPT],
    notes: NOTES,
    run: receipt,
  });
  addVerb<PublicOptions>(noun, run, {
    usage: 'block <file-or-lane/height>',
    summary: 'is a block certified, in its round, and with the results it is said to have?',
    examples: ['iotw verify block block.ssz --genesis network/genesis.json', 'iotw verify block 0/12'],
    shared: ['api'],
    options: [...PUBLIC, POOL, SIGNERS],
    notes: NOTES,
    run: (context, options, source) =>
      readPlace(source!).ok ? block(context, options, source!) : blockFile(context, options, source!),
  });
  const verbs = [
    [
      'election <lane/height>',
      'whom does the seed elect for a block, and whom did its certificate name?',
      election,
      '0/12',
    ],
    [
      'committee <lane/height>',
      'did the elected devices and enough trust nodes make this block?',
      committee,
      '0/12',
    ],
    [
      'beacon <epoch>',
      'does the chain of proofs lead to this seed, and who vouches for its pool?',
      beacon,
      '7',
    ],
  ] as const;
  for (const [usage, summary, verify, example] of verbs) {
    const [name] = usage.split(' ');
    addVerb<PublicOptions>(noun, run, {
      usage,
      summary,
      examples: [
        `iotw verify ${name} ${example} --network 91ab...07`,
        `iotw verify ${name} ${example} --from data.json --genesis network/genesis.json`,
      ],
      shared: ['api'],
      options: PUBLIC,
      notes: NOTES,
      run: (context, options, what) => verify(context, options, what!),
    });
  }
  addVerb<PublicOptions>(noun, run, {
    usage: 'data <file>',
    summary: 'check a file of public data whole: every epoch, round and block in it',
    examples: ['iotw verify data data.json --genesis network/genesis.json'],
    shared: ['api'],
    options: PUBLIC.filter(({ flags }) => !/--(from|save)/.test(flags)),
    notes: NOTES,
    run: (context, options, file) => data(context, { ...options, from: file! }),
  });
};
