import type { NodeConfig } from './node-config.js';

/** TLS is as far from plain MQTT as the registered ports 8883 and 1883 are. */
const TLS_OFFSET = 7_000;

/** The highest first port from which 64 trust nodes have all theirs. */
export const MAX_MQTT_PORT = 65_535 - TLS_OFFSET - 2 * 64;

/** Where the TLS of an entrance is whose plain MQTT is at `tcpPort`; 0: any free. */
export function tlsPortOf(tcpPort: number): number {
  return tcpPort === 0 ? 0 : tcpPort + TLS_OFFSET;
}

/** Entrances of trust nodes from 0: t listens at first + 2t (TCP), + 2t + 1 (WebSocket), + 7,000 + 2t (TLS); 0: any free ports. */
export function entrancesFrom(host: string, first: number, trustNodes: number): NodeConfig['mqtt'] {
  return Array.from({ length: trustNodes }, (_, trustNode) => {
    const tcpPort = first === 0 ? 0 : first + 2 * trustNode;
    return {
      trustNode,
      tcp: { host, port: tcpPort },
      ws: { host, port: first === 0 ? 0 : tcpPort + 1 },
      tls: { host, port: tlsPortOf(tcpPort) },
    };
  });
}
