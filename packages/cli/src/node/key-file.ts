import { randomBytes } from 'node:crypto';
import { open, realpath, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fromHex, toHex } from '@iotw/kernel/bytes';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { NodeKeys } from './node-config.js';

/** A node by its role and number. */
export interface NodeName {
  readonly role: 'trust' | 'ledger';
  readonly index: number;
}

type Entry = NodeKeys['trust'][number] | NonNullable<NodeKeys['ledger']>;

/** The node's entry in a key file; undefined: it has none. */
export function entryOf(keys: NodeKeys, { role, index }: NodeName): Entry | undefined {
  return role === 'ledger'
    ? keys.ledger?.index === index
      ? keys.ledger
      : undefined
    : keys.trust.find((node) => node.index === index);
}

/** The key file with new random seeds as the node's next ones. */
export function withNext(keys: NodeKeys, node: NodeName): NodeKeys {
  const fresh = (): string => toHex(new Uint8Array(randomBytes(32)));
  const next = { seed: fresh(), linkSeed: fresh() };
  return changed(keys, node, () => ({ next }));
}

/** The key file with the node's next seeds in the place of the present ones. */
export function withNextInPlace(keys: NodeKeys, node: NodeName): NodeKeys {
  return changed(keys, node, ({ next }) => ({ ...next, next: undefined }));
}

type Seeds = Pick<Entry, 'seed' | 'linkSeed' | 'next'>;

/** Members that are undefined leave the file. */
function changed(
  keys: NodeKeys,
  { role, index }: NodeName,
  change: (entry: Seeds) => Partial<Seeds>,
): NodeKeys {
  const { ledger } = keys;
  if (role === 'ledger')
    return ledger === undefined ? keys : { ...keys, ledger: { ...ledger, ...change(ledger) } };
  const trust = keys.trust.map((entry) => (entry.index === index ? { ...entry, ...change(entry) } : entry));
  return { ...keys, trust };
}

/** What a rotation that may have begun before has left to do. */
export type RotationStep = 'make' | 'submit' | 'finish';

/**
 * The next step by the key file and by the signing key (hex) that the ledger lists for the node. Error: `node-key-wrong`
 * (the ledger lists neither the file's present nor its next key).
 */
export function stepOf({ seed, next }: Entry, listed: string | undefined): Result<RotationStep> {
  if (next !== undefined && publicKeyOf(next.seed) === listed) return ok('finish');
  if (publicKeyOf(seed) === listed) return ok(next === undefined ? 'make' : 'submit');
  return fail(
    'node-key-wrong',
    'The ledger lists neither the present nor the next key of this node in the key file: use its own key file.',
  );
}

/** Public key (hex) of a seed that the schema has checked. */
export function publicKeyOf(seed: string): string {
  return toHex(keyPairFromSeed(fromHex(seed, 32)!).publicKey);
}

/**
 * Puts other keys in the place of a key file, so that whatever happens either the old or the new content is there, on
 * disk. Owner and rights stay; a link is followed. Error: `file-unwritable`.
 */
export async function replaceKeyFile(path: string, keys: NodeKeys): Promise<Result<void>> {
  try {
    const target = await realpath(path);
    const old = await open(target, 'r');
    const { mode, uid, gid } = await old.stat().finally(() => old.close());
    const fresh = await open(`${target}.new`, 'w', 0o600);
    try {
      // One that a crash left behind may have other rights.
      await fresh.chmod(mode & 0o777);
      const made = await fresh.stat();
      if (made.uid !== uid || made.gid !== gid) await fresh.chown(uid, gid);
      await fresh.writeFile(`${JSON.stringify(keys, undefined, 2)}\n`);
      await fresh.sync();
    } finally {
      await fresh.close();
    }
    await rename(`${target}.new`, target);
    const folder = await open(dirname(target), 'r');
    await folder.sync().finally(() => folder.close());
    return ok(undefined);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return fail('file-unwritable', `${path} can't be written (${code ?? error}): check path and rights.`, {
      path,
    });
  }
}
