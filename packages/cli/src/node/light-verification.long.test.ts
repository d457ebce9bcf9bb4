/** Receipts of a network of processes, checked by nobody's word: from the genesis, across changes of who votes, from a trusted block. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cometBftForTests } from '@iotw/adapters/cometbft/test-binary';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { iotwJson } from '../test-io.js';
import { CometMesh, json, LEDGERS } from './test-comet-mesh.js';

const SUSPENDED = 3;
const WAIT = { timeout: 120_000, interval: 500 };
const mesh = new CometMesh();

interface Verdict {
  readonly paid: boolean;
  readonly checks: readonly { readonly name: string; readonly state: string; readonly code?: string }[];
}

const genesis = (): string[] => ['--genesis', join(mesh.dir, 'genesis.json')];

async function verify(what: string, ...words: string[]): Promise<Verdict> {
  const { value } = await iotwJson(['verify', 'receipt', what, ...words]);
  return value as unknown as Verdict;
}

/** The receipt of a payment that is final from now on, in a file, with what leads to it from what is trusted. */
async function receipt(name: string, ...trust: string[]): Promise<string> {
  expect(await mesh.submit(0, mesh.transfers(1))).toEqual({ ok: 1 });
  const path = join(mesh.dir, name);
  const online = ['--api', mesh.apis[0]!, ...genesis(), '--save', path, ...trust];
  expect(await verify(mesh.finals.at(-1)!, ...online)).toMatchObject({ paid: true });
  return path;
}

const failed = ({ checks }: Verdict): string[] =>
  checks.filter(({ state }) => state === 'fail').map(({ name, code }) => `${name} ${code}`);
const proven = ({ checks }: Verdict): boolean =>
  ['commit', 'commit-round'].every((name) => checks.find((check) => check.name === name)?.state === 'pass');

async function voters(count: number): Promise<void> {
  await vi.waitFor(async () => {
    const { result } = await json(`${mesh.rpc(0)}/validators`);
    expect(Number(result.total)).toBe(count);
  }, WAIT);
}

/** As an operator reads it from a server of its own. */
async function trusted(): Promise<string[]> {
  const { header, blockHash } = await json(`${mesh.apis[0]}/v1/commits/latest`);
  return ['--trust-height', String(header.height), '--trust-hash', blockHash];
}

describe.skipIf(cometBftForTests() === undefined)('receipts of four ledger servers, each a process', () => {
  let start: string[];
  const files: string[] = [];

  beforeAll(() => mesh.open(), 120_000);
  afterAll(() => mesh.close(), 60_000);

  test('are proven offline by the commit that they carry', { timeout: 60_000 }, async () => {
    files.push(await receipt('four.json'));
    start = await trusted();
    const verdict = await verify(files[0]!, ...genesis());
    expect(failed(verdict)).toEqual([]);
    expect(proven(verdict)).toBe(true);
  });

  test('and across a vote that takes one server’s vote, and one that gives it back', {
    timeout: 300_000,
  }, async () => {
    await mesh.adopt({ kind: 'ledgerServerSuspend', content: { index: SUSPENDED } });
    await voters(LEDGERS - 1);
    files.push(await receipt('three.json'), await receipt('three-from-block.json', ...start));
    await mesh.adopt({ kind: 'ledgerServerReinstate', content: { index: SUSPENDED } });
    await voters(LEDGERS);
    files.push(await receipt('again.json'), await receipt('again-from-block.json', ...start));
    for (const file of files) {
      const verdict = await verify(file, ...genesis(), ...(file.includes('from-block') ? start : []));
      expect(failed(verdict), file).toEqual([]);
      expect(proven(verdict), file).toBe(true);
    }
  });

  test('and are refused with another result, another round’s commit, without power, too late', async () => {
    const [one, other] = [files[1]!, files.at(-2)!].map((file) => JSON.parse(readFileSync(file, 'utf8')));
    const changed = async (change: object, ...words: string[]): Promise<string[]> => {
      const path = join(mesh.dir, 'changed.json');
      writeFileSync(path, JSON.stringify({ ...one, ...change }));
      return failed(await verify(path, ...genesis(), ...words));
    };
    const last = one.commits.at(-1);
    const few = { ...last, votes: last.votes.slice(0, 1) };
    expect(await changed({})).toEqual([]);
    expect(await changed({ fee: one.fee + 1 })).toEqual(['result-path undefined']);
    expect(await changed({ commits: other.commits })).toEqual(['commit-round light-round']);
    expect(await changed({ commits: [few] })).toEqual(['commit light-power']);
    const bare = join(mesh.dir, 'bare.json');
    writeFileSync(bare, JSON.stringify({ ...one, commits: [] }));
    expect(await verify(bare, ...genesis())).toMatchObject({
      paid: false,
      error: { code: 'receipt-not-provable' },
    });
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    expect(await changed({}, '--as-of', tomorrow)).toEqual(['commit light-expired']);
  });
});
