// What a browser loads: the bundle takes the browser variant, needs nothing of Node, and answers alike.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { toHex, utf8 } from './bytes.js';
import { keyPairFromSeed, sign } from './ed25519.js';
import { merkleRoot } from './merkle.js';
import { signingDigest } from './signing.js';
import { vrfProve, vrfVerify } from './vrf.js';

const ENTRY = `
import { toHex, utf8 } from '@iotw/kernel/bytes';
import { keyPairFromSeed, sign, verify } from '@iotw/kernel/ed25519';
import { merkleRoot } from '@iotw/kernel/merkle';
import { signingDigest } from '@iotw/kernel/signing';
import { vrfProve, vrfVerify } from '@iotw/kernel/vrf';
const { publicKey, secretKey } = keyPairFromSeed(new Uint8Array(32).fill(1));
const digest = signingDigest('iotw/v1/transaction', new Uint8Array(32), utf8('bytes'));
const signature = sign(digest, secretKey);
const proof = vrfProve(secretKey, utf8('alpha'));
console.log(JSON.stringify({
  signature: toHex(signature),
  valid: verify(signature, digest, publicKey),
  forged: verify(signature, utf8('other'), publicKey),
  proof: toHex(proof),
  beta: toHex(vrfVerify(publicKey, utf8('alpha'), proof)),
  root: toHex(merkleRoot(new Uint8Array(96).fill(5), 3, 1024)),
}));
`;

test('the browser bundle runs without Node built-ins and equals the node variant', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'iotw-kernel-'));
  try {
    const outfile = join(directory, 'bundle.mjs');
    const result = await build({
      stdin: { contents: ENTRY, resolveDir: fileURLToPath(new URL('.', import.meta.url)), loader: 'ts' },
      bundle: true,
      platform: 'browser',
      format: 'esm',
      conditions: ['browser', 'source'],
      outfile,
      metafile: true,
      logLevel: 'silent',
    });
    const inputs = Object.keys(result.metafile.inputs);
    expect(inputs.some((path) => path.endsWith('native.browser.ts'))).toBe(true);
    expect(inputs.filter((path) => /native\.node|sodium-native|hashtree/.test(path))).toEqual([]);
    const imports = Object.values(result.metafile.outputs).flatMap((output) => output.imports);
    const builtins = imports.filter(({ path }) => path.startsWith('node:') || builtinModules.includes(path));
    expect(builtins).toEqual([]);

    const { secretKey, publicKey } = keyPairFromSeed(new Uint8Array(32).fill(1));
    const digest = signingDigest('iotw/v1/transaction', new Uint8Array(32), utf8('bytes'));
    const proof = vrfProve(secretKey, utf8('alpha'));
    expect(JSON.parse(execFileSync(process.execPath, [outfile], { encoding: 'utf8' }))).toEqual({
      signature: toHex(sign(digest, secretKey)),
      valid: true,
      forged: false,
      proof: toHex(proof),
      beta: toHex(vrfVerify(publicKey, utf8('alpha'), proof)!),
      root: toHex(merkleRoot(new Uint8Array(96).fill(5), 3, 1024)),
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
});
