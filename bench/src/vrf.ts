import { blsSign, blsVerify } from '@iotw/kernel/bls';
import { g1Base, scalarBytes } from '@iotw/kernel/bls-group';
import { native } from '@iotw/kernel/crypto/native.node';
import { vrfKeyPairFromSeed, vrfProve, vrfVerify } from '@iotw/kernel/vrf';
import { report } from './support/report.js';
import { median } from './support/statistics.js';

/**
 * What a seed costs on one core, per second of CPU time: ECVRF proofs (RFC 9381) made and verified, and BLS signatures beside them. The limit
 * is libsodium's variable-base scalar multiplication on the same curve, of which a proof needs two and a
 * verification four with a fixed-base one each; the ratio is how many of its times one verification takes.
 */
const MS = 1_000;
const TURNS = 5;
const KEYS = 64;

const pairs = Array.from({ length: KEYS }, (_, i) => vrfKeyPairFromSeed(new Uint8Array(32).fill(i + 1)));
const alphas = pairs.map((_, i) => new Uint8Array(32).fill(255 - i));
const proofs = pairs.map(({ secretKey }, i) => vrfProve(secretKey, alphas[i]!));
const scalar = new Uint8Array(32).fill(7);
scalar[31] = 1;
const secret = scalarBytes(123_456_789n);
const blsKey = g1Base(123_456_789n);
const signatures = alphas.map((alpha) => blsSign(secret, alpha));
const out = new Uint8Array(32);

const JOBS = {
  scalarMultiplicationPerS: (i: number) => native.pointMultiply(out, scalar, pairs[i]!.publicKey),
  provePerS: (i: number) => vrfProve(pairs[i]!.secretKey, alphas[i]!).length === 80,
  verifyPerS: (i: number) => vrfVerify(pairs[i]!.publicKey, alphas[i]!, proofs[i]!) !== undefined,
  blsSignPerS: (i: number) => blsSign(secret, alphas[i]!).length === 96,
  blsVerifyPerS: (i: number) => blsVerify(blsKey, alphas[i]!, signatures[i]!),
};

/** How often `job` runs in a second of this process's CPU time; every answer must be yes. */
function rate(job: (i: number) => boolean, ms: number): number {
  const began = performance.now();
  const before = process.cpuUsage();
  let count = 0;
  while (performance.now() - began < ms) {
    for (let i = 0; i < KEYS; i++) if (job(i)) count += 1;
  }
  const { user, system } = process.cpuUsage(before);
  return (count * 1_000_000) / (user + system);
}

// In turns, so that a busy machine slows all alike.
const turns = Array.from({ length: TURNS }, () =>
  Object.fromEntries(Object.entries(JOBS).map(([name, job]) => [name, rate(job, MS / TURNS)])),
);
const of = (name: keyof typeof JOBS): number => median(turns.map((turn) => turn[name]!));
const multiplications = of('scalarMultiplicationPerS');
report({
  bench: 'vrf',
  figures: {
    provePerS: of('provePerS'),
    verifyPerS: of('verifyPerS'),
    multiplicationsPerProof: multiplications / of('provePerS'),
    multiplicationsPerVerification: multiplications / of('verifyPerS'),
    blsSignPerS: of('blsSignPerS'),
    blsVerifyPerS: of('blsVerifyPerS'),
  },
  limit: { scalarMultiplicationPerS: multiplications },
  ratio: multiplications / of('verifyPerS'),
  conditions: { turns: TURNS, msEach: MS / TURNS },
});
