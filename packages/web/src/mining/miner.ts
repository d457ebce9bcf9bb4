import type { KeyPair } from '@iotw/kernel/ed25519';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { getDevice } from '@iotw/sdk/client/devices';
import { networkOf } from '@iotw/sdk/client/network';
import { getWalletServices } from '@iotw/sdk/client/wallet-services';
import { useSyncExternalStore } from 'react';
import { connection } from '../data/connection.ts';
import { TAB_DEVICE } from './device-key.ts';

/** What the tab's device does now. It is off until somebody turns it on, on every load of the page. */
export interface MinerView {
  readonly state: 'off' | 'starting' | 'online' | 'away';
  /** Assignments it answered since it was turned on. */
  readonly answers: number;
}

let view: MinerView = { state: 'off', answers: 0 };
let stop: (() => Promise<void>) | undefined;
const listeners = new Set<() => void>();

function tell(change: Partial<MinerView>): void {
  view = { ...view, ...change };
  for (const listener of listeners) listener();
}

/**
 * Turns the tab into a device node over MQTT on a WebSocket; it goes on while other pages of the app are shown. Codes: `mining-entrance`, those of
 * calls and of the boot store (`boot-store-locked`: another tab mines).
 */
export async function startMining(keys: KeyPair): Promise<Result<void>> {
  if (stop !== undefined) return ok(undefined);
  const network = await networkOf(connection);
  if (!network.ok) return network;
  const services = await getWalletServices(connection);
  if (!services.ok) return services;
  const { entrances } = services.value;
  const entrance = entrances[Math.floor(Math.random() * entrances.length)];
  if (entrance === undefined) {
    return fail(
      'mining-entrance',
      'No trust node of this server lets devices in over WebSocket: ask its operator.',
    );
  }
  const [{ MicroMiner }, { browserBootStore }] = await Promise.all([
    import('@iotw/micro-miner/session'),
    import('@iotw/micro-miner/browser-boot-store'),
  ]);
  const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws';
  const miner = new MicroMiner({
    keys,
    network: network.value,
    boot: browserBootStore(TAB_DEVICE),
    connect: {
      url: `${scheme}://${window.location.hostname}:${entrance.port}`,
      trustNode: entrance.trustNode,
    },
    device: async () => {
      const info = await getDevice(connection, keys.publicKey);
      return info.ok ? info.value.device : undefined;
    },
    onEvent: ({ kind }) => {
      if (stop === undefined) return;
      if (kind === 'connected') tell({ state: 'online' });
      if (kind === 'closed' || kind === 'hello-refused') tell({ state: 'away' });
      if (kind === 'answered') tell({ answers: view.answers + 1 });
    },
  });
  stop = () => miner.stop();
  tell({ state: 'starting', answers: 0 });
  const started = await miner.start();
  if (!started.ok) await stopMining();
  return started;
}

export async function stopMining(): Promise<void> {
  const end = stop;
  stop = undefined;
  tell({ state: 'off' });
  await end?.();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useMiner(): MinerView {
  return useSyncExternalStore(subscribe, () => view);
}
