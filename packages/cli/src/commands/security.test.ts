import { describe, expect, it } from 'vitest';
import { iotw, iotwJson } from '../test-io.js';

const words = (line: string) => ['security', ...line.split(' ').filter((word) => word !== '')];

describe('iotw security', () => {
  it('sets devices, trust nodes and both beside each other', async () => {
    const { code, out } = await iotw(
      words('--witnesses 4 --compromised 20% --trust-nodes 16 --trust-compromised 0.2 --blocks 8640'),
    );
    expect(code).toBe(0);
    expect(out.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['witnesses', 'needs', 'forging', 'stalling', 'forging in 8640 blocks', 'stalling'],
      ['4 devices', '4', '0.0016', '0.5904', '>0.999999', '>0.999999'],
      ['16 trust nodes', '11', '3.26144e-5', '0.0816878', '0.245571', '>0.999999'],
      ['both', '5.21831e-8', '0.623859', '0.000450761', '>0.999999'],
      [''],
    ]);
  });

  it('draws from a small pool without replacement', async () => {
    const { value } = await iotwJson(words('--witnesses 4 --compromised 0.2 --pool 50'));
    expect(value).toMatchObject({
      blocks: null,
      sets: [{ set: 'devices', threshold: 4, pool: 50, inPool: 10, forging: { text: '0.000911854' } }],
    });
  });

  const rows: readonly (readonly [string, string, RegExp])[] = [
    ['', 'security-options', /--witnesses n --compromised p/],
    ['--witnesses 4', 'security-options', /together with --compromised/],
    ['--trust-compromised 0.2', 'security-options', /together with --trust-compromised/],
    ['--threshold 3 --trust-nodes 4 --trust-compromised 0.2', 'security-options', /add --witnesses/],
    ['--trust-threshold 3 --witnesses 4 --compromised 0.2', 'security-options', /add --trust-nodes/],
    ['--witnesses 4 --compromised 2', 'security-probability', /from 0 to 1/],
    ['--witnesses 4 --compromised 0.1 --threshold 5', 'security-threshold', /1 to 4/],
    ['--witnesses 4 --compromised 0.1 --pool 3', 'security-pool', /pool of 3/],
    ['--witnesses 5000 --compromised 0.1', 'security-members', /1 to 2000/],
  ];
  it.each(rows)('%s: %s says how to mend it', async (line, error, message) => {
    const { code, value } = await iotwJson(words(line));
    expect(code).toBe(1);
    expect(value).toMatchObject({ error: { code: error, message: expect.stringMatching(message) } });
  });
});
