import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventStreamParser, type ServerEvent } from './sse.js';

function parse(text: string, pieces: readonly number[] = []): ServerEvent[] {
  const parser = new EventStreamParser();
  const cuts = [...pieces].sort((a, b) => a - b);
  const events: ServerEvent[] = [];
  let from = 0;
  for (const cut of [...cuts, text.length]) {
    events.push(...parser.push(text.slice(from, cut)));
    from = cut;
  }
  return events;
}

describe('an event stream', () => {
  const rows: readonly [title: string, text: string, events: ServerEvent[]][] = [
    ['data alone', 'data: a\n\n', [{ id: '', type: 'message', data: 'a' }]],
    ['no blank behind the colon', 'data:a\n\n', [{ id: '', type: 'message', data: 'a' }]],
    ['one blank is taken off', 'data:  a\n\n', [{ id: '', type: 'message', data: ' a' }]],
    ['several lines', 'data: a\ndata\ndata: b\n\n', [{ id: '', type: 'message', data: 'a\n\nb' }]],
    ['type and id', 'event: round\nid: 17:3\ndata: {}\n\n', [{ id: '17:3', type: 'round', data: '{}' }]],
    [
      'the id stays',
      'id: 1\ndata: a\n\ndata: b\n\n',
      [
        { id: '1', type: 'message', data: 'a' },
        { id: '1', type: 'message', data: 'b' },
      ],
    ],
    [
      'the type does not',
      'event: x\ndata: a\n\ndata: b\n\n',
      [
        { id: '', type: 'x', data: 'a' },
        { id: '', type: 'message', data: 'b' },
      ],
    ],
    ['comments', ': beat\n\n:\ndata: a\n:x\n\n', [{ id: '', type: 'message', data: 'a' }]],
    ['an event without data', 'event: x\nid: 4\n\ndata: a\n\n', [{ id: '4', type: 'message', data: 'a' }]],
    ['an id with a NUL', 'id: 1\nid: 2\0\ndata: a\n\n', [{ id: '1', type: 'message', data: 'a' }]],
    ['an unknown field', 'colour: red\ndata: a\n\n', [{ id: '', type: 'message', data: 'a' }]],
    [
      'carriage returns',
      'data: a\r\rdata: b\r\n\r\n',
      [
        { id: '', type: 'message', data: 'a' },
        { id: '', type: 'message', data: 'b' },
      ],
    ],
    [
      'lines that end in two characters',
      'data: a\r\ndata: b\r\n\r\n',
      [{ id: '', type: 'message', data: 'a\nb' }],
    ],
    ['a byte order mark', '\uFEFFdata: a\n\n', [{ id: '', type: 'message', data: 'a' }]],
    ['an unfinished event', 'data: a\n\ndata: b\n', [{ id: '', type: 'message', data: 'a' }]],
  ];

  it.each(rows)('%s', (_, text, events) => {
    expect(parse(text)).toEqual(events);
  });

  it.each(rows)('%s, cut anywhere', (_, text, events) => {
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
        expect(parse(text, cuts)).toEqual(events);
      }),
    );
  });

  it('keeps the last id and the pause that was asked for', () => {
    const parser = new EventStreamParser('9');
    expect(parser.lastEventId).toBe('9');
    parser.push('retry: 250\nretry: soon\nid: 12\n');
    expect([parser.lastEventId, parser.retryMs]).toEqual(['9', 250]);
    parser.push('\n');
    expect(parser.lastEventId).toBe('12');
    parser.push('data: long');
    expect(parser.waiting).toBe('data: long'.length);
  });
});
