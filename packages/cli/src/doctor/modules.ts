import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bad, type Finding, good } from './check.js';

const REINSTALL =
  'run npm ci again with Node 20 or later on this very machine (prebuilt binaries are fetched per platform)';

/** The native parts by use, not by name: whatever does not load or counts wrongly is found. */
export async function checkModules(directory: string): Promise<Finding[]> {
  return [
    await part('signatures', 'signed and verified', signAndVerify),
    await part('hashing', 'a Merkle root is right', hash),
    await part('verify workers', 'a worker thread answered', work),
    await part('store', 'written and read back', () => store(directory)),
  ];
}

async function part(name: string, found: string, use: () => Promise<boolean>): Promise<Finding> {
  try {
    if (await use()) return good(name, found);
    return bad(name, 'it loads but gives a wrong result', REINSTALL);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return bad(name, text.split('\n', 1)[0]!, REINSTALL);
  }
}

async function signAndVerify(): Promise<boolean> {
  const { keyPairFromSeed, sign, verify } = await import('@iotw/kernel/ed25519');
  const { publicKey, secretKey } = keyPairFromSeed(new Uint8Array(32).fill(7));
  const message = new Uint8Array(32).fill(9);
  const signature = sign(message, secretKey);
  const good = verify(signature, message, publicKey);
  signature[0]! ^= 1;
  return good && !verify(signature, message, publicKey);
}

async function hash(): Promise<boolean> {
  const { merkleRoot } = await import('@iotw/kernel/merkle');
  const { sha256 } = await import('@iotw/kernel/sha256');
  const leaves = new Uint8Array(64).fill(3);
  const inner = sha256(leaves);
  const root = sha256(Uint8Array.from([...inner, 2, ...new Uint8Array(31)]));
  return merkleRoot(leaves, 2, 2).every((byte, i) => byte === root[i]);
}

async function work(): Promise<boolean> {
  const { startWorkerPool } = await import('@iotw/adapters/verify/worker-pool');
  const pool = startWorkerPool({ network: new Uint8Array(32), workers: 1 });
  try {
    const { valid } = await pool.verify({ bytes: new Uint8Array(200), offsets: Uint32Array.of(0, 200) });
    return valid.length === 1 && valid[0] === 0;
  } finally {
    await pool.close();
  }
}

async function store(directory: string): Promise<boolean> {
  const { openLmdbStore } = await import('@iotw/adapters/store/lmdb-store');
  const folder = await mkdtemp(join(directory, '.iotw-doctor-store-'));
  try {
    const opened = await openLmdbStore({ path: folder });
    if (!opened.ok) throw new Error(opened.error.message);
    const [key, value] = [Uint8Array.of(1), Uint8Array.of(2, 3)];
    const written = await opened.value.commit([{ table: 'doctor', key, value }]);
    const read = opened.value.get('doctor', key);
    await opened.value.close();
    return written.ok && read?.length === 2 && read[1] === 3;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
