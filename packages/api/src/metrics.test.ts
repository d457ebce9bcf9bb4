/** What a node shows to Prometheus, and that nobody is told to watch anything else. */
import { readFileSync } from 'node:fs';
import { toHex } from '@iotw/kernel/bytes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiServer } from './server.js';
import { testCommits } from './test-commits.js';
import { TestNode } from './test-node.js';
import { startedApi } from './test-server.js';

const file = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const alerts = file('deploy/prometheus/iotw-alerts.yml');
const dashboard = JSON.parse(file('deploy/grafana/iotw-dashboard.json')) as {
  panels: { id: number; title: string; targets: { expr: string }[] }[];
};
const runbook = file('docs/operate/run.md');

const EPOCHS = 11;
const node = new TestNode();
node.engineCommits = testCommits(77);
let api: ApiServer;
let text: string;
/** Names of the samples that are shown, `_bucket`, `_sum` and `_count` of a histogram among them. */
let shown: Set<string>;

const sample = (name: string): number => Number(text.match(new RegExp(`^${name} (\\S+)$`, 'm'))?.[1]);
const names = (of: string): string[] => [...new Set(of.match(/\biotw_[a-z0-9_]+/g) ?? [])];

beforeAll(async () => {
  for (let epoch = 0; epoch < EPOCHS; epoch++) node.endEpoch();
  api = await startedApi({ backend: node });
  // Metrics of requests are there from the first answer on.
  await fetch(`${api.url}/healthz`);
  text = await (await fetch(`${api.url}/metrics`)).text();
  const declared = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  shown = new Set(
    declared.flatMap(([, name, type]) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => `${name}${part}`) : [name!],
    ),
  );
});
afterAll(() => api.close());

describe('the metrics of a node', () => {
  it('say how it stands', () => {
    expect(sample('iotw_ready')).toBe(1);
    expect(sample('iotw_epoch_number')).toBe(EPOCHS);
    expect(sample('iotw_cometbft_height')).toBe(77);
    expect(sample('iotw_protocol_version')).toBe(1);
    expect(sample('iotw_protocol_version_known')).toBe(1);
    expect(sample('iotw_protocol_version_pending')).toBe(0);
    expect(sample('iotw_links{state="up"}')).toBe(1);
    expect(sample('iotw_links{state="down"}')).toBe(1);
    expect(sample('iotw_commits_total')).toBe(5);
    expect(sample('iotw_commit_wait_seconds_total')).toBe(0.02);
    // The test ledger's agreed time is long past.
    expect(sample('iotw_epoch_overdue_seconds')).toBeGreaterThan(60);
    expect(sample('iotw_round_age_seconds')).toBeGreaterThan(60);
  });

  it('show the state roots of the last eight epochs, by which servers are compared', () => {
    for (let slot = 0; slot < 8; slot++) {
      const epoch = sample(`iotw_state_root_epoch{slot="${slot}"}`);
      expect(epoch % 8).toBe(slot);
      expect(epoch).toBeGreaterThanOrEqual(EPOCHS - 8);
      const root = Buffer.from(node.history.stateRoot(epoch)!);
      expect(sample(`iotw_state_root_bits{slot="${slot}"}`), toHex(root)).toBe(root.readUInt32LE());
    }
    expect(text.match(/^iotw_state_root_bits/gm)).toHaveLength(8);
  });

  it('have a bounded number of lines, whatever the network holds', () => {
    for (const name of names(text)) {
      const lines = text.match(new RegExp(`^${name}[{ ]`, 'gm')) ?? [];
      expect(lines.length, name).toBeLessThanOrEqual(64);
    }
  });
});

describe('what operators are given', () => {
  it.each([
    ['the alert rules', () => alerts],
    ['the dashboard', () => JSON.stringify(dashboard)],
    ['the runbook', () => runbook],
  ])('%s name metrics that a node shows', (_, of) => {
    const named = names(of()).filter((name) => name !== 'iotw_');
    expect(named.length).toBeGreaterThan(1);
    expect(named.filter((name) => !shown.has(name))).toEqual([]);
  });

  it('every alert says what is wrong, how urgent it is, and has a heading in the runbook', () => {
    const rules = alerts.split(/^ {6}- alert: /m).slice(1);
    const titles = rules.map((rule) => rule.split('\n')[0]!);
    expect(new Set(titles).size).toBe(titles.length);
    for (const rule of rules) {
      expect(rule).toMatch(/\n {8}expr: \S/);
      expect(rule).toMatch(/\n {8}labels: \{ severity: (page|ticket) \}\n/);
      expect(rule).toMatch(/\n {8}annotations: \{ summary: ".+" \}\n/);
    }
    const headings = [...runbook.matchAll(/^### (\S+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(expect.arrayContaining(titles));
    expect(titles).toEqual(expect.arrayContaining(headings));
  });

  it('every panel of the dashboard shows something of its own', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    for (const { title, targets } of panels) {
      expect(targets.length, title).toBeGreaterThan(0);
      for (const { expr } of targets) {
        expect(expr, title).toMatch(/iotw_/);
        expect(expr.split('(').length, expr).toBe(expr.split(')').length);
      }
    }
  });
});
