// What a browser loads: client, wallet and verification in one bundle, without Node, with the same answers.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromHex, toHex } from '@iotw/kernel/bytes';
import { verify } from '@iotw/kernel/ed25519';
import { engineChainId } from '@iotw/protocol/engine-chain';
import { genesisToJson, parametersToJson } from '@iotw/protocol/genesis-json';
import { encodePoolDevice } from '@iotw/protocol/pool';
import { receiptToJson } from '@iotw/protocol/receipt-json';
import { roundHash } from '@iotw/protocol/round';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { buildSigned } from './transaction/build.js';
import { transfer } from './transaction/money-operations.js';
import { TestChain } from './verify/light/test-chain.js';
import { verifyReceipt } from './verify/receipt.js';
import { TestLedger } from './verify/test-ledger.js';
import { trustFromGenesis } from './verify/trust.js';
import { deriveKeyPair } from './wallet/derive.js';
import { seedFromMnemonic } from './wallet/mnemonic.js';

const WORDS = 'abandon '.repeat(11).concat('about');
const POSITION = { account: 0, role: 'spending', index: 0 } as const;

const ENTRY = `
import { fromHex, toHex } from '@iotw/kernel/bytes';
import { verify } from '@iotw/kernel/ed25519';
import { genesisFromJson, parametersFromJson } from '@iotw/protocol/genesis-json';
import { lightBlockFromJson } from '@iotw/protocol/light-block-json';
import { receiptFromJson } from '@iotw/protocol/receipt-json';
import { decodePoolDevices } from '@iotw/protocol/pool';
import { createClient } from './client.js';
import { buildSigned } from './transaction/build.js';
import { transfer } from './transaction/money-operations.js';
import { verifyBlock } from './verify/block.js';
import { verifyElection } from './verify/election.js';
import { followLight, lightTrustOf } from './verify/light/follow.js';
import { verifyReceipt } from './verify/receipt.js';
import { trustFromGenesis } from './verify/trust.js';
import { auditWitness } from './verify/witness/audit.js';
import { openKeystore, sealKeystore } from './wallet/keystore.js';
import { deriveKeyPair } from './wallet/derive.js';
import { seedFromMnemonic } from './wallet/mnemonic.js';

const input = JSON.parse(globalThis.INPUT);
const trust = trustFromGenesis(genesisFromJson(input.genesis).value).value;
const pool = { ...input.pool, seed: fromHex(input.pool.seed), root: fromHex(input.pool.root), devices: decodePoolDevices(fromHex(input.pool.devices)), parameters: parametersFromJson(input.pool.parameters).value, trustNodes: input.pool.trustNodes.map(({ index, key }) => ({ index, key: fromHex(key) })), assigners: [] };
const seed = await seedFromMnemonic(input.words);
const keys = deriveKeyPair(seed.value, input.position).value;
const signed = buildSigned(trust.network, keys, { sequence: 1, expiryMs: 5, operations: [transfer(3, 7, 'tiotw')] }).value;
const reports = input.receipts.map((json) => verifyReceipt(receiptFromJson(json).value, { ...trust, pool }));
const blocks = input.light.blocks.map((json) => lightBlockFromJson(json).value);
const start = { ...input.light.start, validators: blocks[0].validators };
const light = { start, nowMs: start.timeMs + 60_000 };
const meshReport = verifyReceipt(receiptFromJson(input.mesh.receipt).value, { ...trust, pool, light: { ...lightTrustOf(genesisFromJson(input.genesis).value, input.mesh.nowMs) } });
const cheap = { memoryKiB: 8192, iterations: 1, parallelism: 1 };
const sealed = await sealKeystore(input.contents, 'a password', cheap);
const opened = await openKeystore(sealed.ok ? sealed.value : '', 'a password');
const client = createClient({ url: 'http://127.0.0.1:1', retries: 0 });
const down = await client.getStatus();
console.log(JSON.stringify({
  envelope: toHex(signed.envelope),
  paid: reports.map((report) => report.paid),
  checks: reports.map((report) => report.checks.map(({ name, state }) => name + ' ' + state)),
  sealed: sealed.ok ? opened.ok : sealed.error.code,
  elected: verifyElection({ snapshot: pool, lane: 0, height: 7 }, trust).ranked.map(({ device }) => device),
  block: typeof verifyBlock,
  light: [followLight(blocks, light), followLight([{ ...blocks[1], round: 9 }], light), followLight(blocks, { ...light, nowMs: start.timeMs + 86_400_000 })].map((end) => (end.ok ? end.value.header.height : end.error.code)),
  mesh: meshReport.checks.filter(({ name }) => /^commit(-round)?$/.test(name)).map(({ name, state, code }) => name + ' ' + (code ?? state)),
  witness: auditWitness({ record: { device: 0, key: trust.network }, blocks: [], rounds: [], whole: { from: 0, to: 0 }, parameters: new Map(), paid: [] }, trust).sound,
  wycheproof: input.cases.map(([signature, message, key]) => verify(fromHex(signature), fromHex(message), fromHex(key))),
  down: down.error.code,
}));
`;

const VECTORS = new URL('../../../spec/vectors/external/wycheproof_ed25519_test.json', import.meta.url);
type Case = readonly [signature: string, message: string, key: string];

/** Every Wycheproof signature, good, bad and on the edge. */
function signatureCases(): readonly Case[] {
  const { testGroups } = JSON.parse(readFileSync(VECTORS, 'utf8')) as {
    testGroups: { publicKey: { pk: string }; tests: { msg: string; sig: string }[] }[];
  };
  return testGroups.flatMap(({ publicKey, tests }) =>
    tests.map(({ msg, sig }): Case => [sig, msg, publicKey.pk]),
  );
}

/** Heights that CometBFT made, and what is trusted of their chain. */
function cometBft() {
  const file = new URL('../../../spec/vectors/external/cometbft-light-blocks.json', import.meta.url);
  const { timeMs, blocks } = JSON.parse(readFileSync(file, 'utf8')) as {
    timeMs: number;
    blocks: { header: { chainId: string; height: number } }[];
  };
  return { start: { chainId: blocks[0]!.header.chainId, timeMs }, blocks };
}

/** A receipt that the commit of a chain of the ledger's own servers proves. */
function meshReceipt(l: TestLedger) {
  const receipt = l.receipt();
  const chain = new TestChain(engineChainId(l.network, 0, l.network), () => l.serverKeys);
  const header = { appHash: roundHash(l.network, receipt.round), seconds: 1, nanos: 0 };
  const commits = [chain.block(9, { header })];
  return { receipt: receiptToJson({ ...receipt, commits }), nowMs: 2_000 };
}

const bytes = (hex: string) => fromHex(hex) ?? new Uint8Array(0);

test('the browser bundle runs without Node built-ins and equals the node variant', async () => {
  const l = new TestLedger();
  const trust = trustFromGenesis(l.genesis);
  const seed = await seedFromMnemonic(WORDS);
  if (!trust.ok || !seed.ok) throw new Error('no trust');
  const keys = deriveKeyPair(seed.value, POSITION);
  if (!keys.ok) throw new Error('no keys');
  const payment = { sequence: 1, expiryMs: 5, operations: [transfer(3, 7, 'tiotw')] };
  const signed = buildSigned(trust.value.network, keys.value, payment);
  const good = l.receipt();
  const receipts = [
    good,
    l.receipt({ code: 33 }),
    { ...good, fee: 1 },
    { ...good, signature: new Uint8Array(64) },
  ];
  const reports = receipts.map((receipt) => verifyReceipt(receipt, { ...trust.value, pool: l.pool }));
  const pool = {
    ...{ epoch: l.pool.epoch, mode: l.pool.mode, seed: toHex(l.pool.seed), root: toHex(l.pool.root) },
    devices: l.pool.devices.map((device) => toHex(encodePoolDevice(device))).join(''),
    parameters: parametersToJson(l.pool.parameters),
    trustNodes: l.pool.trustNodes.map(({ index, key }) => ({ index, key: toHex(key) })),
  };
  const contents = { mnemonic: WORDS, accounts: [{ name: 'main', account: 0 }] };
  const cases = signatureCases();
  const mesh = meshReceipt(l);
  const input = JSON.stringify({
    ...{ genesis: genesisToJson(l.genesis), receipts: receipts.map(receiptToJson), pool },
    ...{ words: WORDS, position: POSITION, contents, cases, light: cometBft(), mesh },
  });

  const directory = mkdtempSync(join(tmpdir(), 'iotw-sdk-'));
  try {
    const outfile = join(directory, 'bundle.mjs');
    const result = await build({
      stdin: { contents: ENTRY, resolveDir: fileURLToPath(new URL('.', import.meta.url)), loader: 'ts' },
      bundle: true,
      minify: true,
      platform: 'browser',
      format: 'esm',
      conditions: ['browser', 'source'],
      banner: { js: `globalThis.INPUT = ${JSON.stringify(input)};` },
      outfile,
      metafile: true,
      logLevel: 'silent',
    });
    const inputs = Object.keys(result.metafile.inputs);
    expect(inputs.some((path) => path.endsWith('native.browser.ts'))).toBe(true);
    expect(inputs.filter((path) => /native\.node|sodium-native|hashtree|node:/.test(path))).toEqual([]);
    const imports = Object.values(result.metafile.outputs).flatMap((output) => output.imports);
    expect(imports.filter(({ path }) => path.startsWith('node:') || builtinModules.includes(path))).toEqual(
      [],
    );
    // libsodium's WebAssembly is most of it: a dependency that doubles the page is noticed here.
    expect(statSync(outfile).size - input.length).toBeLessThan(2_500_000);

    const printed = JSON.parse(execFileSync(process.execPath, [outfile], { encoding: 'utf8' }));
    expect(printed).toEqual({
      envelope: signed.ok && toHex(signed.value.envelope),
      paid: [true, false, false, false],
      checks: reports.map(({ checks }) => checks.map(({ name, state }) => `${name} ${state}`)),
      sealed: true,
      elected: Array.from({ length: 6 }, (_, rank) => l.draw.at(rank)!.device),
      block: 'function',
      light: [cometBft().blocks.at(-1)!.header.height, 'light-signature', 'light-expired'],
      mesh: ['commit pass', 'commit-round pass'],
      witness: true,
      wycheproof: cases.map(([signature, message, key]) =>
        verify(bytes(signature), bytes(message), bytes(key)),
      ),
      down: 'client-unreachable',
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
});
