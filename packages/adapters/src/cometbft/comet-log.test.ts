import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { CometLog } from './comet-log.js';

let lines: string[];
let log: CometLog;
beforeEach(() => {
  lines = [];
  log = new CometLog(({ code, message }) => lines.push(`${code} ${message}`));
});

const STOPPED = { level: 'error', _msg: 'Stopping peer for error', module: 'p2p', err: 'EOF' };

describe('what CometBFT writes', () => {
  it.each([
    [STOPPED, 'cometbft-log Stopping peer for error (p2p): EOF'],
    [
      {
        level: 'error',
        module: 'consensus',
        _msg: 'CONSENSUS FAILURE!!!',
        err: '+2/3 committed an invalid block: wrong Block.Header.AppHash.  Expected AA, got BB',
      },
      'cometbft-diverged CONSENSUS FAILURE!!! (consensus): +2/3 committed an invalid block: wrong Block.Header.AppHash.  Expected AA, got BB',
    ],
    [
      {
        _msg: 'CONSENSUS FAILURE!!!',
        err: 'precommit step; +2/3 prevoted for an invalid block: wrong Block.Header.AppHash.',
      },
      'cometbft-diverged CONSENSUS FAILURE!!!: precommit step; +2/3 prevoted for an invalid block: wrong Block.Header.AppHash.',
    ],
    [
      {
        _msg: 'Error in validation',
        module: 'blocksync',
        err: 'wrong Block.Header.AppHash.  Expected AA, got BB',
      },
      'cometbft-diverged Error in validation (blocksync): wrong Block.Header.AppHash.  Expected AA, got BB',
    ],
    [
      { _msg: 'Error in validation', module: 'blocksync', err: 'wrong signature (#1)' },
      'cometbft-log Error in validation (blocksync): wrong signature (#1)',
    ],
    // Of a proposal, which anybody may have made so.
    [
      {
        _msg: 'prevote step: ProposalBlock is invalid',
        err: 'wrong Block.Header.AppHash.  Expected AA, got BB',
      },
      'cometbft-log prevote step: ProposalBlock is invalid: wrong Block.Header.AppHash.  Expected AA, got BB',
    ],
    [
      { level: 'error', _msg: 'CONSENSUS FAILURE!!!', panic: { a: 1 } },
      'cometbft-log CONSENSUS FAILURE!!!: {"a":1}',
    ],
    [{ _msg: 'alone' }, 'cometbft-log alone'],
  ])('reads the line %j', (line, expected) => {
    log.push(`${JSON.stringify(line)}\n`);
    expect(lines).toEqual([expected]);
    expect(log.lastWords()).toBe('');
  });

  it('reads the same whatever pieces it comes in', () => {
    const text = `${JSON.stringify(STOPPED)}\npanic: gone\n\n${JSON.stringify({ _msg: 'two' })}\n`;
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
        const found: string[] = [];
        const reader = new CometLog(({ message }) => found.push(message));
        let from = 0;
        for (const to of [...cuts.sort((a, b) => a - b), text.length]) {
          reader.push(text.slice(from, to));
          from = to;
        }
        expect(found).toEqual(['Stopping peer for error (p2p): EOF', 'two']);
        expect(reader.lastWords()).toBe('panic: gone');
      }),
    );
  });

  it('keeps the end of what is no log line, in one line', () => {
    log.push('{"broken\n[1]\n"text"\nnull\npanic: runtime error\n\tat x.go:1');
    expect(log.lastWords()).toBe('{"broken [1] "text" null panic: runtime error at x.go:1');
    for (let i = 0; i < 1_000; i++) log.push(`goroutine ${i}\n`);
    expect(log.lastWords().length).toBeLessThanOrEqual(2_000);
    expect(log.lastWords()).toMatch(/goroutine 999$/);
    expect(lines).toEqual([]);
  });

  it.each([
    'panic: Failed to finalize: +2/3 committed an invalid block: wrong Block.Header.AppHash.',
    'panic: precommit step; +2/3 prevoted for an invalid block: wrong Block.Header.AppHash.',
    'panic: state.AppHash does not match AppHash after replay. Got AA, expected BB.',
    'panic: block.AppHash does not match AppHash after replay. Got AA, expected BB.',
  ])('tells of a start on data that are not those of the others, however long its trace: %s', (panic) => {
    log.push(`${panic}\n`);
    for (let i = 0; i < 1_000; i++) log.push(`goroutine ${i}\n`);
    expect(lines).toEqual([`cometbft-diverged ${panic}`]);
  });

  it('cuts a line that does not end', () => {
    for (let i = 0; i < 100; i++) log.push('x'.repeat(1_000));
    expect(log.lastWords().length).toBe(2_000);
    log.push(`\n${JSON.stringify(STOPPED)}\n`);
    expect(lines.length).toBe(1);
    log.push(`${JSON.stringify({ _msg: 'y'.repeat(5_000) })}\n`);
    expect(lines[1]!.length).toBe('cometbft-log '.length + 500);
  });
});
