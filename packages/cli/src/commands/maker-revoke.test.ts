/** `iotw maker revoke` against the real API over a real ledger. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiServer } from '@iotw/api/server';
import { TestNode } from '@iotw/api/test-node';
import { startedApi } from '@iotw/api/test-server';
import { toHex, utf8 } from '@iotw/kernel/bytes';
import { sha256 } from '@iotw/kernel/sha256';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { iotwJson } from '../test-io.js';

const node = new TestNode();
let api: ApiServer;
let dir: string;
const key = (name: string) => join(dir, `${name}.key`);

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'iotw-revoke-'));
  for (const name of ['alice', 'maker1', 'maker2'])
    writeFileSync(key(name), `${toHex(sha256(utf8(name)))}\n`, { mode: 0o600 });
  api = await startedApi({ backend: node });
});
afterAll(async () => {
  await api.close();
  rmSync(dir, { recursive: true, force: true });
});

const revoke = (root: string, ...what: string[]) =>
  iotwJson([
    ...['maker', 'revoke', '--maker', '1', '--root-key-file', key(root), ...what, '--api', api.url],
    ...['--signer-key-file', key('alice')],
  ]);

it('takes out a device, then its whole batch, by the root key alone and for good', async () => {
  expect((await revoke('maker2', '--device', '3')).value.result).toBe('revoke-signature');
  expect(node.ledger.devices.col.revoked[3]).toBe(0);
  expect((await revoke('maker1', '--device', '3')).value.result).toBe('ok');
  expect(node.ledger.devices.col.revoked[3]).toBe(1);
  expect((await revoke('maker1', '--device', '3')).value.result).toBe('device-revoked');

  expect((await revoke('maker1', '--batch', '1')).value.result).toBe('ok');
  const { value } = await iotwJson(['maker', 'list', '--api', api.url]);
  const { items } = value as { items: { batches: { batch: number; revokedFrom: number }[] }[] };
  expect(items[0]!.batches[0]).toMatchObject({ batch: 1, revokedFrom: node.ledger.round });
  expect((await revoke('maker1', '--batch', '1')).value.result).toBe('batch-revoked');
});

it('wants a batch or a device, and one that there is', async () => {
  const codeOf = async (...what: string[]) =>
    ((await revoke('maker1', ...what)).value.error as { code: string }).code;
  expect(await codeOf()).toBe('revoke-options');
  expect(await codeOf('--batch', '1', '--device', '3')).toBe('revoke-options');
  expect(await codeOf('--device', '99')).toBe('device-unknown');
});
