import { expect, it } from 'vitest';
import { answered, outdated, underNonce } from './shell.ts';

const HERE = 'http://127.0.0.1:8080';
const FILES = new Set(['/icon.svg', '/assets/index-1.js']);

it.each([
  ['a page of the app', 'navigate', '/tx/00', 'page'],
  ['the first page', 'navigate', '/', 'page'],
  ['the first page with a query', 'navigate', '/?from=home', 'page'],
  ['a file that is opened', 'navigate', '/icon.svg', 'file'],
  ['a script', 'no-cors', '/assets/index-1.js', 'file'],
  ['a script of the build before', 'cors', '/assets/index-0.js', 'file'],
  ['an answer of the API', 'cors', '/v1/accounts/tiotw1', 'not'],
  ['an answer of the API that is opened', 'navigate', '/v1/status', 'not'],
  ['the API itself', 'cors', '/v1', 'not'],
  ['its documentation', 'navigate', '/docs', 'not'],
  ['a sign of life', 'cors', '/healthz', 'not'],
  ['another file', 'no-cors', '/elsewhere.js', 'not'],
] as const)('the worker answers %s', (_, mode, path, expected) => {
  expect(answered({ method: 'GET', mode, url: HERE + path }, HERE, FILES)).toBe(expected);
  expect(answered({ method: 'POST', mode, url: HERE + path }, HERE, FILES)).toBe('not');
  expect(answered({ method: 'GET', mode, url: `http://127.0.0.1:8081${path}` }, HERE, FILES)).toBe('not');
});

it('a kept page gets a nonce of its own, in the page and in its policy', () => {
  const page = '<meta name="csp-nonce" content="b2xk" /><meta name="description" content="x" />';
  const policy = "script-src 'self'; style-src 'self' 'nonce-b2xk'; img-src 'self'";
  expect(underNonce(page, policy, 'bmV3')).toEqual({
    page: '<meta name="csp-nonce" content="bmV3" /><meta name="description" content="x" />',
    policy: "script-src 'self'; style-src 'self' 'nonce-bmV3'; img-src 'self'",
  });
});

it('the build before this one stays, older ones go, and nothing of others', () => {
  expect(outdated(['a-1', 'b-9', 'a-2', 'a-3'], 'a-', 'a-3')).toEqual(['a-1']);
  expect(outdated(['a-1', 'a-2'], 'a-', 'a-1')).toEqual([]);
  expect(outdated(['a-1'], 'a-', 'a-1')).toEqual([]);
});
