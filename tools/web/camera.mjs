// What the test browser's camera sees: a video file that Chromium plays instead of a camera, drawn here. It is opened each time the camera
// is turned on, so another picture may be written in between.
import { renameSync, writeFileSync } from 'node:fs';
import encodeQr from 'qr';

const WIDTH = 640;
const HEIGHT = 480;
const FRAMES = 10;
/** Of a QR among white, px of the shorter side. */
const SHARE = 0.8;
const WHITE = 235;
const BLACK = 16;
/** No colour. */
const GREY = 128;

/**
 * Writes a video of a label (YUV4MPEG2, 4:2:0).
 * @param {string} file
 * @param {string | undefined} text in its QR; undefined: a wall without one
 */
export function film(file, text) {
  const luma = Buffer.alloc(WIDTH * HEIGHT, WHITE);
  if (text !== undefined) draw(luma, encodeQr(text, 'raw'));
  const frame = [Buffer.from('FRAME\n'), luma, Buffer.alloc((WIDTH * HEIGHT) / 2, GREY)];
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`);
  // Whole or not at all: the browser may be reading the one before.
  writeFileSync(`${file}.new`, Buffer.concat([head, ...Array.from({ length: FRAMES }, () => frame).flat()]));
  renameSync(`${file}.new`, file);
}

/** @param {Buffer} luma @param {boolean[][]} modules */
function draw(luma, modules) {
  const module = Math.floor((SHARE * HEIGHT) / modules.length);
  const top = Math.floor((HEIGHT - module * modules.length) / 2);
  const left = Math.floor((WIDTH - module * modules.length) / 2);
  for (const [row, line] of modules.entries()) {
    for (const [column, dark] of line.entries()) {
      if (!dark) continue;
      for (let y = 0; y < module; y += 1) {
        const at = (top + row * module + y) * WIDTH + left + column * module;
        luma.fill(BLACK, at, at + module);
      }
    }
  }
}
