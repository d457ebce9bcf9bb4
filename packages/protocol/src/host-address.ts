import { MAX_ADDRESS_BYTES } from './limits.js';

/** Printable ASCII after the scheme: a host, perhaps a port and a path. */
const ADDRESS = /^(mqtts?|wss?):[/][/][!-~]+$/;

/** Whether devices may be told to log in there: an MQTT URL of at most 128 characters (spec: clause 14.8). */
export function isHostAddress(text: string): boolean {
  return text.length <= MAX_ADDRESS_BYTES && ADDRESS.test(text);
}
