import { readFile } from 'node:fs/promises';
import type { Failpoints } from '@iotw/adapters/failpoints/failpoints';
import { brokerCredentials } from '@iotw/adapters/mqtt/broker-certificate';
import { DeviceGateway } from '@iotw/adapters/mqtt/device-gateway';
import type { DeviceTransport, TransportOptions } from '@iotw/adapters/mqtt/device-transport';
import { ExternalBroker } from '@iotw/adapters/mqtt/external-broker';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { NodeProcess } from '@iotw/runtime/node-process';
import { seedOf } from './identities.js';
import type { NodeConfig } from './node-config.js';

type Entrance = NodeConfig['mqtt'][number];

/**
 * How one trust node meets its devices: the built-in broker or an external one. `tlsSeed` (hex): of the key that devices pin.
 * Errors: `config-unreadable`, `config-invalid` (TLS without a key).
 */
export async function deviceTransport(
  node: NodeProcess,
  entrance: Entrance,
  tlsSeed: string | undefined,
  failpoints: Failpoints | undefined,
): Promise<Result<DeviceTransport>> {
  const { directory } = node;
  const shared: TransportOptions = {
    network: node.network,
    trustNode: entrance.trustNode,
    epoch: () => directory.epoch,
    epochMs: () => directory.epochMs,
    tickets: () => directory.tickets(),
    authorize: (key) => {
      const hosting = directory.hosting(entrance.trustNode);
      return hosting.ok ? directory.authorize(key) : hosting;
    },
    numberOf: (key) => {
      const device = directory.authorize(key);
      return device.ok ? device.value : undefined;
    },
    laneKeys: () => directory.laneKeys(),
    assigners: () => directory.assigners(),
    hosts: () => node.hostsOf(entrance.trustNode),
    moveOf: (device) => node.moveOf(entrance.trustNode, device),
    ...(failpoints === undefined ? {} : { failpoints }),
  };
  if ('broker' in entrance) return externalBroker(shared, entrance.broker);
  const { tcp, ws, tls } = entrance;
  if (tls !== undefined && tlsSeed === undefined) {
    return fail(
      'config-invalid',
      `The tls entrance of trust node ${entrance.trustNode} needs tlsSeed in its entry of the key file: 64 hex characters.`,
    );
  }
  return ok(
    new DeviceGateway({
      ...shared,
      ...(isLoopback(tcp.host) ? { limits: LOOPBACK_LIMITS } : {}),
      listen: {
        tcp,
        ...(ws === undefined ? {} : { ws }),
        ...(tls === undefined ? {} : { tls: { ...tls, ...credentialsOf(tlsSeed!) } }),
      },
    }),
  );
}

function credentialsOf(tlsSeed: string): { readonly key: string; readonly cert: string } {
  const { keyPem, certificatePem } = brokerCredentials(seedOf(tlsSeed));
  return { key: keyPem, cert: certificatePem };
}

async function externalBroker(
  shared: TransportOptions,
  broker: Extract<Entrance, { broker: unknown }>['broker'],
): Promise<Result<DeviceTransport>> {
  const password = await secretOf(broker.passwordFile);
  if (!password.ok) return password;
  const ca = await secretOf(broker.caFile);
  if (!ca.ok) return ca;
  return ok(
    new ExternalBroker({
      ...shared,
      url: broker.url,
      ...(broker.username === undefined ? {} : { username: broker.username }),
      ...(password.value === undefined ? {} : { password: password.value.trimEnd() }),
      ...(ca.value === undefined ? {} : { ca: ca.value }),
    }),
  );
}

async function secretOf(path: string | undefined): Promise<Result<string | undefined>> {
  if (path === undefined) return ok(undefined);
  try {
    return ok(await readFile(path, 'utf8'));
  } catch {
    return fail('config-unreadable', `The file ${path} can't be read: check the path and its permissions.`, {
      path,
    });
  }
}

/** Devices of this very machine share one address: the limits that guard against one address don't fit them. */
const LOOPBACK_LIMITS = {
  acceptPerSecond: 10_000,
  acceptBurst: 20_000,
  maxPendingPerAddress: 4_096,
  maxPending: 8_192,
} as const;

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
