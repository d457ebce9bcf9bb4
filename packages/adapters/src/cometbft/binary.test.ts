import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkCometBftVersion, cometBftVersion, findCometBft } from './binary.js';

let dir: string;
let file: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'iotw-cometbft-'));
  file = join(dir, 'cometbft');
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function says(text: string): void {
  writeFileSync(file, `#!/bin/sh\necho '${text}'\n`);
  chmodSync(file, 0o755);
}

describe('the binary of CometBFT', () => {
  it('is the configured one, else the one of the environment, else the first on the path', () => {
    const path = [join(dir, 'none'), '', dir].join(delimiter);
    expect(findCometBft('a', { IOTW_COMETBFT: 'b', PATH: path })).toBe('a');
    expect(findCometBft(undefined, { IOTW_COMETBFT: 'b', PATH: path })).toBe('b');
    expect(findCometBft(undefined, { PATH: path })).toBeUndefined();
    says('0.38.26');
    expect(findCometBft(undefined, { PATH: path })).toBe(file);
    chmodSync(file, 0o644);
    expect(findCometBft(undefined, { PATH: path })).toBeUndefined();
    expect(findCometBft(undefined, {})).toBeUndefined();
  });

  it.each([
    ['0.38.26', true],
    ['v0.38.19', true],
    ['0.38.19+1a2b3c', true],
    ['0.38.18', false],
    ['0.39.1', false],
    ['1.0.1', false],
    ['0.37.38', false],
    ['', false],
    ['0.38.26 or so', false],
  ])('%s may drive a ledger server: %s', (version, good) => {
    const checked = checkCometBftVersion(version);
    expect(checked.ok ? 'good' : checked.error.code).toBe(good ? 'good' : 'cometbft-version');
  });

  it('is asked what it is', async () => {
    says('0.38.26');
    expect(await cometBftVersion(file)).toEqual({ ok: true, value: '0.38.26' });
    says('1.0.0');
    expect(await cometBftVersion(file)).toMatchObject({ ok: false, error: { code: 'cometbft-version' } });
    expect(await cometBftVersion(join(dir, 'none'))).toMatchObject({
      ok: false,
      error: { code: 'cometbft-missing' },
    });
  });
});
