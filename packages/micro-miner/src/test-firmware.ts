/** Test support: the firmware's Linux port, built by the machine's C compiler, and the store it runs on. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { keyPairFromSeed } from '@iotw/kernel/ed25519';

const HOST = fileURLToPath(new URL('../../../firmware/tools/host.mjs', import.meta.url));

/** What host.mjs ends with where there is no C compiler or no libsodium. */
const NOT_HERE = 3;

/** The program `iotw-device`; undefined, said in one line, where it can't be built. */
export function firmwareForTests(): string | undefined {
  const { status, stdout, stderr } = spawnSync(process.execPath, [HOST, 'device'], { encoding: 'utf8' });
  if (status === 0) return stdout.trim();
  if (status !== NOT_HERE) throw new Error(stderr);
  console.log(`firmware: ${stdout.trim()}`);
  return undefined;
}

const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();

/** A store image as firmware/core/store.h has it: identity, boot counter 0. */
export function storeImage(options: { network: Uint8Array; seed: Uint8Array; device: number; port: number }) {
  const image = Buffer.alloc(3 * 4096, 0xff);
  const identity = Buffer.alloc(480);
  identity.write('IOTW\x01\x01', 'latin1');
  identity.set(options.network, 8);
  identity.set(options.seed, 40);
  identity.writeUInt32LE(options.device, 72);
  identity.writeUInt16LE(options.port, 180);
  identity.writeUInt8('127.0.0.1'.length, 182);
  identity.write('127.0.0.1', 183);
  image.set(identity, 0);
  image.set(sha256(identity), 480);
  const boot = Buffer.from('BOOT\0\0\0\0', 'latin1');
  image.set(boot, 4096);
  image.set(sha256(boot, keyPairFromSeed(options.seed).publicKey).subarray(0, 8), 4096 + 8);
  return image;
}
