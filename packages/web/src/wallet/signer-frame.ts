import './signer-frame.css';
import type { SignerWire } from './signer-client.ts';

/**
 * Puts the signer's frame into the page: hidden, until the signer says that a person has to decide. The page behind it is inert
 * as long as it shows, and gets the focus back after.
 */
export function signerFrame(url: string): SignerWire {
  const { origin } = new URL(url);
  const cover = document.createElement('div');
  cover.className = 'signer-cover';
  cover.hidden = true;
  const frame = document.createElement('iframe');
  frame.src = url;
  frame.title = 'IOTW signer';
  frame.allow = `publickey-credentials-get ${origin}; publickey-credentials-create ${origin}`;
  cover.append(frame);
  document.body.append(cover);
  let before: Element | null = null;
  return {
    // Bound to the signer's origin: whatever else came into the frame would get nothing.
    send: (call) => frame.contentWindow?.postMessage(call, origin),
    listen: (take) => {
      window.addEventListener('message', (event) => {
        if (event.source === frame.contentWindow && event.origin === origin) take(event.data);
      });
    },
    show: (visible) => {
      const page = document.getElementById('root');
      if (visible) before = document.activeElement;
      cover.hidden = !visible;
      if (page !== null) page.inert = visible;
      if (visible) frame.focus();
      else if (before instanceof HTMLElement) before.focus();
    },
  };
}
