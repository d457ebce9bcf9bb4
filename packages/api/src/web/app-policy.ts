/** What the app's page may load: nothing of a third party, no inline script, styles made at run time by nonce only. */
export interface AppPolicy {
  /** Of this response, base64. */
  readonly nonce: string;
  /** As the browser names this server, without a port; anything that is no host name is left out. */
  readonly hostname: string;
  /** Ports of this machine where devices, and so a mining tab, reach a trust node over WebSocket. */
  readonly devicePorts: readonly number[];
  /** Where the signer is served, an origin of its own that the page frames; undefined: nowhere. */
  readonly signerPort: number | undefined;
  /** Where the signer is for browsers, behind a proxy, instead of that port. */
  readonly signerOrigin?: string | undefined;
}

const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)$/i;

/** The value of Content-Security-Policy. */
export function contentSecurity({
  nonce,
  hostname,
  devicePorts,
  signerPort,
  signerOrigin,
}: AppPolicy): string {
  const here = HOST.test(hostname) ? hostname : undefined;
  const sockets = here === undefined ? [] : devicePorts.flatMap((port) => bothSchemes('ws', here, port));
  const ports = here === undefined || signerPort === undefined ? [] : bothSchemes('http', here, signerPort);
  const signer = signerOrigin === undefined ? ports : [signerOrigin];
  const directives: readonly (readonly [name: string, sources: readonly string[]])[] = [
    ['default-src', ["'none'"]],
    // libsodium is WebAssembly.
    ['script-src', ["'self'", "'wasm-unsafe-eval'"]],
    ['style-src', ["'self'", `'nonce-${nonce}'`]],
    ['img-src', ["'self'", 'data:', 'blob:']],
    ['font-src', ["'self'"]],
    ['connect-src', ["'self'", ...sockets]],
    ['worker-src', ["'self'"]],
    ['manifest-src', ["'self'"]],
    ['frame-src', signer.length === 0 ? ["'none'"] : signer],
    ['base-uri', ["'none'"]],
    ['form-action', ["'none'"]],
    ['frame-ancestors', ["'none'"]],
  ];
  return directives.map(([name, sources]) => `${name} ${sources.join(' ')}`).join('; ');
}

function bothSchemes(scheme: string, host: string, port: number): string[] {
  return [`${scheme}://${host}:${port}`, `${scheme}s://${host}:${port}`];
}
