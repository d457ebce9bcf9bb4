#!/usr/bin/env node
// Writes the spec's vectors, and those of the standards, as a C header for firmware/test/vectors.c.
//
//   node firmware/tools/vectors.mjs FILE
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const VECTORS = new URL('../../spec/vectors/', import.meta.url);
const read = (name) => JSON.parse(readFileSync(new URL(name, VECTORS), 'utf8'));

/** Collects byte strings as C arrays, each of them once. */
class Arrays {
  #names = new Map();
  text = '';

  /** @param {string} hex @returns {string} a `vector_bytes` in C */
  hex(hex) {
    if (hex === '') return '{none, 0}';
    const name = this.#names.get(hex) ?? `d${this.#names.size}`;
    if (!this.#names.has(hex)) {
      this.#names.set(hex, name);
      const bytes = hex.match(/../g).map((byte) => `0x${byte}`);
      const lines = Array.from({ length: Math.ceil(bytes.length / 16) }, (_, i) =>
        bytes.slice(16 * i, 16 * i + 16).join(', '),
      );
      this.text += `static const uint8_t ${name}[] = {\n  ${lines.join(',\n  ')}};\n`;
    }
    return `{${name}, ${hex.length / 2}}`;
  }

  /** @param {string} text */
  utf8(text) {
    return this.hex(Buffer.from(text, 'utf8').toString('hex'));
  }
}

/** @param {string} type @param {string} name @param {string[][]} rows */
function table(type, name, rows) {
  const body = rows.map((row) => `  {${row.join(', ')}},\n`).join('');
  return `static const ${type} ${name}[] = {\n${body}};\n`;
}

const le = (number, bytes) => {
  const out = Buffer.alloc(bytes);
  out.writeUIntLE(number, 0, bytes);
  return out.toString('hex');
};

/** Every signed or hashed statement of the vectors that a device makes or checks: domain, bytes, digest, signature. */
function statements(a) {
  const rows = [];
  const add = (domain, network, bytes, digest, key, signature, valid = 1) =>
    rows.push([
      `"${domain}"`,
      a.hex(network),
      a.hex(bytes),
      a.hex(digest),
      a.hex(key),
      a.hex(signature),
      String(valid),
    ]);
  const headers = read('headers.json');
  const keyOf = new Map(read('assignments.json').valid.map((v) => [v.hash, v.trustNodeKey]));
  for (const v of headers.valid) add('block', headers.network, v.bytes, v.hash, '', '');
  for (const v of read('assignments.json').valid)
    add('block', headers.network, v.bytes.slice(0, 200), v.hash, keyOf.get(v.hash), v.signature);
  const attestations = read('attestations.json');
  for (const v of attestations.valid)
    add(
      'attestation',
      attestations.network,
      v.content,
      v.digest,
      attestations.deviceKey,
      v.attestation.signature,
    );
  for (const { boot, head } of attestations.bootHeads)
    add('head', attestations.network, attestations.deviceKey + le(boot, 4), head, '', '');
  const assigned = read('assigned.json');
  const contentOf = (c) =>
    le(c.role, 1) +
    le(c.index, 2) +
    c.key +
    le(c.lane, 2) +
    le(c.incarnation, 4) +
    le(c.height, 6) +
    '0000' +
    le(c.attempt, 1) +
    c.hash;
  for (const v of assigned.valid) {
    const bytes = contentOf(v.content);
    add('assigned', assigned.network, bytes, v.digest, v.content.key, v.statement.signature);
    if (v !== assigned.valid[0]) continue;
    for (const bad of assigned.badSignatures)
      add('assigned', assigned.network, bytes, v.digest, v.content.key, bad.bytes.slice(-128), 0);
  }
  return rows;
}

/** @param {Arrays} a */
function tables(a) {
  const merkle = read('merkle.json');
  const login = read('login.json');
  const presence = read('presence.json');
  const claims = read('claims.json');
  const tickets = read('tickets.json');
  const session = read('device-session.json');
  const assignments = read('assignments.json');
  const rfc8032 = read('external/rfc8032_7_1_ed25519.json');
  const wycheproof = read('external/wycheproof_ed25519_test.json');
  const vrf = read('external/rfc9381_b3_edwards25519_sha512_tai.json');
  const claimed = claims.valid.filter((v) => v.statement === 'device-claim');
  const possessed = claims.valid.filter((v) => v.statement === 'device-possession');
  return [
    table(
      'merkle_vector',
      'merkle_vectors',
      merkle.roots
        .filter(({ count, limit }) => limit === 1024 && count > 0)
        .map(({ count, root }) => [String(count), a.hex(root)]),
    ),
    table(
      'sign_vector',
      'sign_vectors',
      rfc8032.map(({ sk, pk, msg, sig }) => [a.hex(sk), a.hex(pk), a.hex(msg), a.hex(sig)]),
    ),
    table(
      'verify_vector',
      'verify_vectors',
      wycheproof.testGroups.flatMap(({ publicKey, tests }) =>
        tests.map(({ msg, sig, result }) => [
          a.hex(publicKey.pk),
          a.hex(msg),
          a.hex(sig),
          result === 'valid' ? '1' : '0',
        ]),
      ),
    ),
    table(
      'vrf_vector',
      'vrf_vectors',
      vrf.map(({ sk, pk, alpha, pi, beta }) => [a.hex(sk), a.hex(pk), a.hex(alpha), a.hex(pi), a.hex(beta)]),
    ),
    table('statement_vector', 'statement_vectors', statements(a)),
    table(
      'login_vector',
      'login_vectors',
      login.valid.map((v) => [
        a.hex(login.network),
        a.hex(login.deviceSeed),
        `${v.trustNode}u`,
        `${v.epoch}u`,
        a.hex(v.token),
      ]),
    ),
    table(
      'presence_vector',
      'presence_vectors',
      presence.valid.map((v) => [
        a.hex(v.network),
        a.hex(presence.deviceSeed),
        `${v.device}u`,
        `${v.epoch}u`,
        `${v.host}u`,
        a.hex(v.status),
      ]),
    ),
    table(
      'claim_vector',
      'claim_vectors',
      claimed.map((v) => [
        a.hex(claims.network),
        a.hex(v.signerSeed),
        a.hex(v.fields.owner),
        `${v.fields.changes}u`,
        a.hex(v.signature),
      ]),
    ),
    table(
      'possession_vector',
      'possession_vectors',
      possessed.map((v) => [
        a.hex(claims.network),
        a.hex(v.signerSeed),
        `${v.fields.maker}u`,
        `${v.fields.batch}u`,
        `${v.fields.region}u`,
        `${v.fields.class ?? v.fields.deviceClass}u`,
        a.hex(v.signature),
      ]),
    ),
    table(
      'ticket_vector',
      'ticket_vectors',
      tickets.valid.map((v) => [
        a.hex(tickets.network),
        a.hex(tickets.deviceSeed),
        a.hex(tickets.seed),
        `${v.device}u`,
        `${v.epoch}u`,
        `${v.zeroBits}u`,
        a.hex(v.status),
      ]),
    ),
    table(
      'assignment_vector',
      'assignment_vectors',
      [...assignments.valid, ...assignments.invalid].map((v) => [
        a.hex(v.bytes),
        v.code === undefined ? '1' : '0',
      ]),
    ),
    table(
      'refusal_vector',
      'refusal_vectors',
      read('device-results.json')
        .results.filter(({ result }) => result.kind === 'refusal')
        .map(({ name, bytes }) => [
          `IOTW_${name.replace('refusal: ', '').replaceAll('-', '_').toUpperCase()}`,
          a.hex(bytes),
        ]),
    ),
    ...session.boots.map(({ answers }, i) =>
      table(
        'answer_vector',
        `boot_answers_${i}`,
        answers.map((v) => [a.hex(v.assign), a.hex(v.result)]),
      ),
    ),
    table(
      'boot_vector',
      'boot_vectors',
      session.boots.map((v, i) => [
        `${v.boot}u`,
        a.hex(v.headBefore),
        a.hex(v.headAfter),
        `${v.countAfter}u`,
        `boot_answers_${i}`,
        `${v.answers.length}u`,
      ]),
    ),
    `static const session_vector session = {${[
      a.hex(session.network),
      a.hex(session.deviceSeed),
      a.hex(session.deviceKey),
      `${session.deviceNumber}u`,
      a.utf8(session.hello),
      a.hex(session.connect.password),
      a.hex(session.status),
    ].join(', ')}};\n`,
  ];
}

/** Writes the header to `file`. @param {string} file */
export function writeVectors(file) {
  const arrays = new Arrays();
  const body = tables(arrays).join('\n');
  const head =
    '/* Made by firmware/tools/vectors.mjs from spec/vectors. */\nstatic const uint8_t none[1] = {0};\n';
  writeFileSync(file, `${head}${arrays.text}\n${body}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const file = process.argv[2];
  if (file === undefined) throw new Error('usage: node firmware/tools/vectors.mjs FILE');
  writeVectors(file);
}
