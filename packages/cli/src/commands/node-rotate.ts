import { setTimeout as pause } from 'node:timers/promises';
import { processArguments } from '@iotw/adapters/cometbft/process-arguments';
import { fromHex, toHex } from '@iotw/kernel/bytes';
import { type KeyPair, keyPairFromSeed } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { networkId } from '@iotw/protocol/genesis';
import { getNetwork } from '@iotw/sdk/client/network';
import { keyRotate } from '@iotw/sdk/transaction/node-operations';
import type { NodeName } from '../node/key-file.js';
import type { NodeConfig, NodeKeys } from '../node/node-config.js';
import type { Answer } from '../output/print.js';
import { formatFields } from '../output/table.js';
import { type AddCommands, addVerb, type CommandContext } from './command.js';
import { act, connection, SUBMISSION_OPTIONS, type SubmissionOptions } from './submission.js';

interface RotateOptions extends Omit<SubmissionOptions, 'network' | 'wait'> {
  readonly config: string;
  readonly node?: string;
  readonly stopped?: boolean;
}

/** How long a running process may take to read its key file again, ms; and how often that is looked at. */
const HEAR_MS = 10_000;
const LOOK_MS = 100;
/** A trust node sends from its account, too: its next sequences are left to it. */
const ABOVE_OWN = 40;
const TRIES = 3;
const NODE_NAME = /^(trust|ledger):(0|[1-9]\d{0,3})$/;

/** `iotw node rotate`: new keys for a node, without a gap. */
export const addRotate: AddCommands = (noun, run) => {
  addVerb<RotateOptions>(noun, run, {
    usage: 'rotate',
    summary: 'replaces the signing and link keys of a node while it runs',
    examples: [
      'iotw node rotate --config trust-2/node.json',
      'iotw node rotate --config network/node.json --node ledger:0 --signer-key-file ledger-account.key',
    ],
    shared: ['api'],
    options: [
      { flags: '--config <file>', summary: 'configuration of the node', required: true },
      { flags: '--node <name>', summary: 'trust:N or ledger:N, where its process runs more than one' },
      { flags: '--stopped', summary: 'its process does not run: it takes the new keys at its start' },
      ...SUBMISSION_OPTIONS.filter(({ flags }) => !/^--(network|wait) /.test(flags)),
    ],
    notes: [
      'New seeds go into the key file beside the present ones, its process gets a SIGHUP and holds both, the rotation is',
      "sent from the node's account and waited for, then the key file keeps the new seeds alone.",
      "A trust node's account is in its key file; a ledger server's signs by a wallet or --signer-key-file. It pays the fee.",
      'Interrupted, or after a failure: the same command again goes on where it stopped.',
    ],
    run: rotate,
  });
};

async function rotate(context: CommandContext, options: RotateOptions): Promise<Result<Answer>> {
  const { nodeConfigSchema, nodeKeysSchema, readConfigFile } = await import('../node/node-config.js');
  const file = await import('../node/key-file.js');
  const { readGenesisFile } = await import('../node/genesis-file.js');
  const config = await readConfigFile(options.config, nodeConfigSchema);
  if (!config.ok) return config;
  const genesis = await readGenesisFile(config.value.genesis);
  if (!genesis.ok) return genesis;
  const { keys: path } = config.value;
  const read = await readConfigFile(path, nodeKeysSchema);
  if (!read.ok) return read;
  const named = nodeOf(config.value, read.value, options.node);
  if (!named.ok) return named;
  const node = named.value;
  const network = toHex(networkId(genesis.value));
  const listed = (): Promise<Result<string | undefined>> => listedKey(context, network, node);
  const before = await listed();
  if (!before.ok) return before;
  const step = file.stepOf(file.entryOf(read.value, node)!, before.value);
  if (!step.ok) return step;
  let keys = read.value;
  if (step.value === 'make') {
    keys = file.withNext(keys, node);
    const written = await file.replaceKeyFile(path, keys);
    if (!written.ok) return written;
  }
  const { next, ...present } = file.entryOf(keys, node)!;
  const nextKeys = keyPairFromSeed(fromHex(next!.seed, 32)!);
  let sent: object = {};
  if (step.value !== 'finish') {
    const heard = await processHolds(config.value, nameOf(node), toHex(nextKeys.publicKey), options.stopped);
    if (!heard.ok) return heard;
    const linkKey = keyPairFromSeed(fromHex(next!.linkSeed, 32)!).publicKey;
    const account = 'accountSeed' in present ? keyPairFromSeed(fromHex(present.accountSeed, 32)!) : undefined;
    const submitted = await submit(context, { ...options, network }, { ...node, linkKey }, nextKeys, account);
    if (!submitted.ok || submitted.value.failure !== undefined) {
      // Refused, or nobody knows: an earlier try may have come through all the same.
      const now = await listed();
      if (!now.ok || now.value !== toHex(nextKeys.publicKey)) return submitted;
    } else sent = submitted.value.json as object;
  }
  const finished = await file.replaceKeyFile(path, file.withNextInPlace(keys, node));
  if (!finished.ok) return finished;
  const answer = { ...sent, node: nameOf(node), key: toHex(nextKeys.publicKey), keyFile: path };
  return ok({
    json: answer,
    text: () => formatFields(Object.entries(answer).map(([name, value]) => [name, String(value)])),
  });
}

/** The node that is meant: the one that `--node` names, else the only one of the configured roles. */
function nodeOf({ roles }: NodeConfig, keys: NodeKeys, name: string | undefined): Result<NodeName> {
  const nodes: NodeName[] = [
    ...(roles.includes('trust') ? keys.trust.map(({ index }) => ({ role: 'trust' as const, index })) : []),
    ...(roles.includes('ledger') && keys.ledger !== undefined
      ? [{ role: 'ledger' as const, index: keys.ledger.index }]
      : []),
  ];
  const meant = name === undefined && nodes.length === 1 ? nodes[0] : nodes.find((n) => nameOf(n) === name);
  if (meant !== undefined) return ok(meant);
  const names = nodes.map(nameOf).join(', ');
  if (name !== undefined && !NODE_NAME.test(name))
    return fail('rotate-node', `A node is written trust:N or ledger:N, not ${name}.`);
  return fail(
    'rotate-node',
    `Say with --node which one of ${names || 'no node at all'}: these are configured.`,
  );
}

function nameOf({ role, index }: NodeName): string {
  return `${role}:${index}`;
}

/** The signing key (hex) that the ledger lists for the node now. */
async function listedKey(
  context: CommandContext,
  network: string,
  { role, index }: NodeName,
): Promise<Result<string | undefined>> {
  const info = await getNetwork(connection(context, network));
  if (!info.ok) return info;
  return ok((role === 'trust' ? info.value.laneKeys : info.value.ledgerServerKeys)[index]);
}

/**
 * Waits until the node's process holds the next key, so that there is no gap; SIGHUP tells it. Errors:
 * `rotate-node-away` (no such process is seen here), `rotate-node-deaf` (it does not take the keys).
 */
async function processHolds(
  { data }: NodeConfig,
  self: string,
  key: string,
  stopped = false,
): Promise<Result<void>> {
  const { readHeldKeys } = await import('../node/held-keys-file.js');
  const holds = async (): Promise<boolean> => (await readHeldKeys(data))?.nodes[self]?.includes(key) === true;
  if (stopped || (await holds())) return ok(undefined);
  const pid = (await readHeldKeys(data))?.pid;
  // No other program may get the signal: it would end.
  if (pid === undefined || !/ node (.* )?--config\b/.test(await processArguments(pid)) || !hangUp(pid)) {
    return fail(
      'rotate-node-away',
      `No process of ${self} is seen here: send SIGHUP to it where it runs, or start it, and run this again; add --stopped where it is to stay stopped.`,
    );
  }
  for (let waited = 0; waited < HEAR_MS; waited += LOOK_MS) {
    if (await holds()) return ok(undefined);
    await pause(LOOK_MS);
  }
  return fail(
    'rotate-node-deaf',
    `Process ${pid} was told and does not hold the next keys of ${self}: see what it says, then run this again.`,
    { pid },
  );
}

function hangUp(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGHUP');
  } catch {
    return false;
  }
}

async function submit(
  context: CommandContext,
  options: SubmissionOptions,
  node: Parameters<typeof keyRotate>[1],
  nextKeys: KeyPair,
  account: KeyPair | undefined,
): Promise<Result<Answer>> {
  const own = options.wallet === undefined && options.signerKeyFile === undefined ? account : undefined;
  const signer = own === undefined ? undefined : async (): Promise<Result<KeyPair>> => ok(own);
  for (let tried = 1; ; tried++) {
    const sent = await act(
      context,
      options,
      ({ network, keys, sequence }) =>
        ok([keyRotate(network, node, { sender: keys.publicKey, sequence }, nextKeys)]),
      signer,
      node.role === 'trust' ? ABOVE_OWN : 1,
    );
    const code = sent.ok ? sent.value.failure?.code : sent.error.code;
    if (code !== 'sequence-used' || tried === TRIES) return sent;
  }
}
