import { fail, ok, type Result } from '@iotw/kernel/result';

/** Larger pictures are made smaller first: a QR in them is large enough still. */
const MOST_PIXELS = 1_600;
/** How often the camera's picture is looked at, ms. */
const LOOK_MS = 200;

/** Reads the QR in a picture that a person chose. Codes: `qr-picture` (it is none), `qr-none` (there is no QR in it, or none that can be read). */
export async function readPicture(file: Blob): Promise<Result<string>> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return fail('qr-picture', 'This file is no picture that the browser can read: choose another.');
  }
  // Small pictures are made larger too: a module of one pixel is too fine for the search.
  for (const most of [MOST_PIXELS, 2 * MOST_PIXELS]) {
    const text = await readQr(bitmap, bitmap.width, bitmap.height, most);
    if (text !== undefined) return ok(text);
  }
  return fail(
    'qr-none',
    'There is no QR code in this picture, or none that can be read: take it closer and sharper.',
  );
}

/** A camera that is on. */
export interface Scan {
  /** Turns it off; a second call does nothing. */
  stop(): void;
}

/**
 * Turns the camera on, shows it in `video`, and calls `found` with the first QR it sees. Codes: `qr-camera-denied` (this page may not), `qr-camera` (there is none, or another
 * app has it).
 */
export async function startCamera(
  video: HTMLVideoElement,
  found: (text: string) => void,
): Promise<Result<Scan>> {
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    video.srcObject = stream;
    await video.play();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotAllowedError') {
      return fail(
        'qr-camera-denied',
        'This page may not use the camera: allow it in the browser’s settings for this page, choose a picture or paste the code.',
      );
    }
    return fail(
      'qr-camera',
      'The camera can’t be used: there is none, or another app has it. Choose a picture or paste the code.',
    );
  }
  let on = true;
  const stop = () => {
    on = false;
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
  const look = async () => {
    if (!on) return;
    const text = await readQr(video, video.videoWidth, video.videoHeight, MOST_PIXELS);
    if (!on) return;
    if (text === undefined) setTimeout(() => void look(), LOOK_MS);
    else {
      stop();
      found(text);
    }
  };
  void look();
  return ok({ stop });
}

/** The text of the QR in a picture; undefined: none was found. The reader is loaded when it is first needed. */
async function readQr(
  source: CanvasImageSource,
  width: number,
  height: number,
  most: number,
): Promise<string | undefined> {
  if (width === 0 || height === 0) return undefined;
  const { decodeQR } = await import('qr/decode.js');
  const whole = Math.floor(most / Math.max(width, height));
  const scale = whole >= 1 ? Math.min(whole, 8) : most / Math.max(width, height);
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const drawing = canvas.getContext('2d', { willReadFrequently: true });
  if (drawing === null) return undefined;
  drawing.imageSmoothingEnabled = scale < 1;
  drawing.fillStyle = '#fff';
  drawing.fillRect(0, 0, canvas.width, canvas.height);
  drawing.drawImage(source, 0, 0, canvas.width, canvas.height);
  try {
    return decodeQR(drawing.getImageData(0, 0, canvas.width, canvas.height));
  } catch {
    return undefined;
  }
}
