// What no page may do, seen from outside while a test drives it: exceptions, console errors, breaches of the content security
// policy in any frame, requests to a third party. And everything it sends, so that a test can look for a key in it.

/** Marks a breach that a frame told of itself. */
const BREACH = 'content security policy breached:';

export class Watch {
  /** @type {string[]} */
  faults = [];
  /** Everything that left the browser: addresses, headers, bodies, frames of sockets. @type {string[]} */
  sent = [];
  #expected = [];

  /**
   * @param {import('playwright-core').BrowserContext} context before its first page
   * @returns {Promise<Watch>}
   */
  static async on(context) {
    const watch = new Watch();
    await context.addInitScript((mark) => {
      addEventListener(
        'securitypolicyviolation',
        ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) =>
          console.error(mark, effectiveDirective, blockedURI, sourceFile, lineNumber),
      );
    }, BREACH);
    context.on('console', (message) => {
      if (message.type() === 'error') watch.#fault(`console: ${message.text()} ${message.location().url}`);
    });
    context.on('weberror', (error) => watch.#fault(`exception: ${error.error().stack ?? error.error()}`));
    context.on('request', (request) => {
      const url = request.url();
      if (isForeign(url)) watch.#fault(`request to a third party: ${url}`);
      watch.sent.push(`${url} ${JSON.stringify(request.headers())} ${request.postData() ?? ''}`);
    });
    context.on('page', (page) => {
      page.on('crash', () => watch.#fault('the page crashed'));
      page.on('websocket', (socket) => {
        if (isForeign(socket.url())) watch.#fault(`socket to a third party: ${socket.url()}`);
        socket.on('framesent', ({ payload }) =>
          watch.sent.push(typeof payload === 'string' ? payload : payload.toString('latin1')),
        );
      });
    });
    return watch;
  }

  /** From now on a fault of this form is what the test is about. @param {RegExp} form */
  expect(form) {
    this.#expected.push(form);
  }

  #fault(text) {
    if (!this.#expected.some((form) => form.test(text))) this.faults.push(text.slice(0, 600));
  }
}

/** The network of the tests is this machine: whatever is elsewhere is somebody else's. */
function isForeign(url) {
  const { protocol, hostname } = new URL(url);
  return /^(https?|wss?):$/.test(protocol) && !['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
}
