import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below what systems give to outgoing connections and to who asks for any port: nobody gets one of these by chance. */
const FIRST_PORT = 10_000;
const PORTS = 20_000;

/** Processes begin at different places, and none finds the same port twice in a row. */
let next = randomInt(PORTS);

/** So many ports of `host` that nobody listens on now; they stay free until somebody takes them by number. */
export async function freePorts(host: string, count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let tried = 0; ports.length < count && tried < PORTS; tried++) {
    const port = FIRST_PORT + next;
    next = (next + 1) % PORTS;
    if (await isFree(host, port)) ports.push(port);
  }
  return ports;
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
