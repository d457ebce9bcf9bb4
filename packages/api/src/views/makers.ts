import { toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { z } from 'zod';
import type { ApiContext } from '../context.js';
import { PAGE_SCAN_ROWS } from '../limits.js';
import { Count, Hex32 } from './forms.js';
import { nameText } from './nodes.js';
import { type Page, type PageQuery, pageOfRows } from './page.js';

const Batch = z.object({
  batch: Count,
  key: Hex32,
  quota: Count,
  used: Count,
  people: z.boolean().describe('its devices are of class user; decided by the first one'),
  activeFrom: Count.describe('first epoch in which its devices are active'),
  revokedFrom: Count.describe('round from which it is revoked; 0: not'),
});

export const MakerSchema = z
  .object({
    maker: Count,
    name: z.string(),
    key: Hex32,
    quota: Count,
    allotted: Count.describe('sum of its batches'),
    hosts: z.array(Count).describe('trust nodes it wants for its devices'),
    hostChanges: Count.describe('how often it has said so: the next change has the next number'),
    used: Count.describe('devices registered under all its batches'),
    batches: z.array(Batch).describe('the first 100'),
  })
  .meta({ id: 'Maker' });
export type MakerView = z.infer<typeof MakerSchema>;

const SHOWN_BATCHES = 100;

/** Makers in the order they were admitted. Errors: `cursor-invalid`. */
export function makerPage(context: ApiContext, query: PageQuery): Result<Page<MakerView>> {
  const { makers } = context.backend.ledger;
  return pageOfRows('maker', query, makers.rows, PAGE_SCAN_ROWS, (row) => makerView(context, row));
}

/** A maker by its number. Errors: `maker-not-found`. */
export function findMaker(context: ApiContext, number: number): Result<MakerView> {
  const { makers } = context.backend.ledger;
  for (let row = 0; row < makers.rows; row++) {
    if (makers.read(row)!.maker === number) return ok(makerView(context, row));
  }
  return fail('maker-not-found', `There is no maker ${number}: see /v1/makers.`);
}

function makerView(context: ApiContext, row: number): MakerView {
  const { makers } = context.backend.ledger;
  const maker = makers.read(row)!;
  return {
    maker: maker.maker,
    name: nameText(maker.name),
    key: toHex(maker.key),
    quota: maker.quota,
    allotted: maker.allotted,
    hosts: makers.hosts(row),
    hostChanges: makers.col.hostChanges[row]!,
    used: maker.used,
    batches: batchViews(context, maker.maker),
  };
}

function batchViews(context: ApiContext, maker: number): MakerView['batches'] {
  const { batches } = context.backend.ledger.makers;
  const c = batches.col;
  const views: MakerView['batches'] = [];
  for (let row = 0; row < batches.rows && views.length < SHOWN_BATCHES; row++) {
    if (c.maker[row] !== maker) continue;
    views.push({
      batch: c.batch[row]!,
      key: toHex(batches.bytes('key', row)),
      quota: c.quota[row]!,
      used: c.used[row]!,
      people: c.people[row] === 1,
      activeFrom: c.activeFrom[row]!,
      revokedFrom: c.revokedFrom[row]!,
    });
  }
  return views;
}
