import { parentPort, workerData } from 'node:worker_threads';
import { keyPairFromSeed, sign, verify } from '@iotw/kernel/ed25519';

/** Distinct signatures, so that no cache line or branch is learnt by heart. */
const SIGNATURES = 256;

const { ms } = workerData as { ms: number };
const items = Array.from({ length: SIGNATURES }, (_, i) => {
  const keys = keyPairFromSeed(new Uint8Array(32).fill(i));
  const digest = new Uint8Array(32).fill(255 - i);
  return { digest, signature: sign(digest, keys.secretKey), publicKey: keys.publicKey };
});
for (const { digest, signature, publicKey } of items) verify(signature, digest, publicKey);
const began = performance.now();
let count = 0;
while (performance.now() - began < ms) {
  for (const { digest, signature, publicKey } of items) if (verify(signature, digest, publicKey)) count += 1;
}
parentPort?.postMessage((count * 1_000) / (performance.now() - began));
