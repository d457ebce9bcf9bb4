import type { OpenAPIV3_1 } from 'openapi-types';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ApiServer } from './server.js';
import { TestNode } from './test-node.js';
import { startedApi } from './test-server.js';

let api: ApiServer;
let document: OpenAPIV3_1.Document;
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

beforeAll(async () => {
  api = await startedApi({ backend: new TestNode() });
  document = (await (await fetch(`${api.url}/docs/json`)).json()) as OpenAPIV3_1.Document;
});
afterAll(() => api.close());

function operations() {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item?.[method];
      return operation === undefined ? [] : [{ path, method, operation }];
    }),
  );
}

it('is OpenAPI 3.1 with a title and a version', () => {
  expect(document.openapi).toBe('3.1.0');
  expect(document.info).toMatchObject({
    title: 'IOTW API',
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
  });
});

it('has every route the server serves, files of the reference apart', () => {
  const served = api.app.printRoutes({ commonPrefix: false, includeHooks: false }).split('\n').length;
  expect(served).toBeGreaterThan(operations().length);
  const listed = new Set(operations().map(({ path, method }) => `${method} ${path}`));
  for (const [path, method] of [
    ['/v1/transactions', 'post'],
    ['/v1/transactions', 'get'],
    ['/v1/blocks', 'get'],
    ['/v1/makers/{maker}', 'get'],
    ['/v1/transactions/batch', 'post'],
    ['/v1/transactions/{id}', 'get'],
    ['/v1/transactions/{id}/receipt', 'get'],
    ['/v1/accounts', 'get'],
    ['/v1/accounts/{address}', 'get'],
    ['/v1/accounts/{address}/transactions', 'get'],
    ['/v1/balances', 'get'],
    ['/v1/blocks/{lane}/{height}', 'get'],
    ['/v1/blocks/{hash}', 'get'],
    ['/v1/rounds', 'get'],
    ['/v1/rounds/{number}', 'get'],
    ['/v1/wallet-services', 'get'],
    ['/v1/guests', 'post'],
    ['/v1/lanes', 'get'],
    ['/v1/lanes/{lane}', 'get'],
    ['/v1/devices', 'get'],
    ['/v1/devices/{id}', 'get'],
    ['/v1/devices/{id}/why', 'get'],
    ['/v1/devices/{id}/earnings', 'get'],
    ['/v1/devices/{id}/blocks', 'get'],
    ['/v1/epochs', 'get'],
    ['/v1/epochs/{epoch}', 'get'],
    ['/v1/epochs/{epoch}/pool', 'get'],
    ['/v1/elections/{lane}/{height}', 'get'],
    ['/v1/blocks/{lane}/{height}/proof', 'get'],
    ['/v1/rounds/{number}/proof', 'get'],
    ['/v1/epochs/{epoch}/proof', 'get'],
    ['/v1/seeds', 'get'],
    ['/v1/signers', 'get'],
    ['/v1/rewards', 'get'],
    ['/v1/makers', 'get'],
    ['/v1/farms', 'get'],
    ['/v1/trust-nodes', 'get'],
    ['/v1/trust-nodes/{index}', 'get'],
    ['/v1/ledger-servers', 'get'],
    ['/v1/commits/{height}', 'get'],
    ['/v1/parameters', 'get'],
    ['/v1/parameters/upcoming', 'get'],
    ['/v1/committee', 'get'],
    ['/v1/roles/{address}', 'get'],
    ['/v1/proposals', 'get'],
    ['/v1/proposals/{number}', 'get'],
    ['/v1/network', 'get'],
    ['/v1/genesis', 'get'],
    ['/v1/search', 'get'],
    ['/v1/status', 'get'],
    ['/v1/health', 'get'],
    ['/v1/faucet', 'post'],
    ['/v1/stream', 'get'],
    ['/v1/events', 'get'],
    ['/metrics', 'get'],
    ['/healthz', 'get'],
    ['/readyz', 'get'],
  ]) {
    expect(listed).toContain(`${method} ${path}`);
    listed.delete(`${method} ${path}`);
  }
  expect([...listed]).toEqual([]);
});

it('every operation has its own id, a summary, a good answer and problems', () => {
  const ids = operations().map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { operation } of operations()) {
    expect(operation.operationId).toMatch(/^[a-z][A-Za-z]+$/);
    expect(operation.summary).toBeTruthy();
    const codes = Object.keys(operation.responses ?? {});
    expect(codes.some((code) => /^(101|2\d\d)$/.test(code))).toBe(true);
    for (const code of ['4XX', '5XX']) {
      expect(operation.responses?.[code]).toMatchObject({
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      });
    }
  }
});

it('every path parameter is declared, every reference resolves, every response has a description', () => {
  for (const { path, operation } of operations()) {
    const wanted = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    const declared = (operation.parameters ?? []).flatMap((p) =>
      'in' in p && p.in === 'path' ? [p.name] : [],
    );
    expect(declared.sort()).toEqual(wanted.sort());
    for (const response of Object.values(operation.responses ?? {})) {
      expect('$ref' in response || typeof response.description === 'string').toBe(true);
    }
  }
  const references: string[] = [];
  JSON.stringify(document, (key, value) => {
    if (key === '$ref') references.push(value);
    // Keywords of OpenAPI 3.0 that 3.1 does not know.
    expect(['nullable', 'exclusiveMinimum:true'].includes(key)).toBe(false);
    return value;
  });
  expect(references.length).toBeGreaterThan(10);
  for (const reference of references) {
    const target = reference
      .replace(/^#\//, '')
      .split('/')
      .reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], document);
    expect(target, reference).toBeDefined();
  }
});
