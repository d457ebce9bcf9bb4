// npm run firmware -- hostile [--devices m3,linux,armhf,mipsel]: bad input on real images and programs, whose broker is the test's own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastLine } from '../../tools/test/steps.mjs';
import { devicesOf } from './devices.mjs';
import { buildCommandLine } from './devnet.mjs';
import { optionsOf } from './options.mjs';

/** @param {string[]} words */
export async function hostileCommand(words) {
  const { devices: names } = optionsOf(words, { devices: undefined });
  const { devices, skipped } = await devicesOf(names);
  if (devices.length > 0) buildCommandLine();
  const count = { passed: 0, failed: 0, skipped };
  const played = await Promise.all(devices.map((device) => playAll(device)));
  for (const { name, scenes } of played)
    for (const { what, fault } of scenes) {
      console.log(
        `${fault === undefined ? 'ok    ' : 'FAILED'} ${name}: ${what}${fault === undefined ? '' : `: ${fault}`}`,
      );
      count[fault === undefined ? 'passed' : 'failed'] += 1;
    }
  console.log(lastLine(count));
  process.exitCode = count.failed > 0 ? 1 : 0;
}

/**
 * Plays every scene with one device. What runs is the built command line's modules: build them before.
 * @returns {Promise<{name: string, scenes: {what: string, fault?: string}[], numbers: number}>} the first fault ends it
 */
export async function playAll({ name, kind, program }) {
  const { Scene, SCENES } = await import('./hostile-scenes.mjs');
  const folder = mkdtempSync(join(tmpdir(), 'iotw-hostile-'));
  const scene = new Scene(kind, program, folder);
  const scenes = [];
  try {
    await scene.open();
    scene.make();
    for (const { name: what, play, tlsOnly = false } of SCENES) {
      if (tlsOnly && !kind.tls) continue;
      // Each begins with a new boot: pauses and counts start anew, what was signed does not.
      await scene.powerOff();
      try {
        await play(scene);
        scenes.push({ what });
      } catch (error) {
        scenes.push({ what, fault: `${error.message}; it said ${scene.device?.lines.slice(-4).join(', ')}` });
        break;
      }
    }
    return { name, scenes, numbers: scene.signedNumbers };
  } finally {
    await scene.device?.cutPower();
    await scene.broker?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
