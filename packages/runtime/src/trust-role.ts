import type { DeviceTransport } from '@iotw/adapters/mqtt/device-transport';
import type { SubmitOutcome, WaitFor } from '@iotw/api/backend';
import type { KeyPair } from '@iotw/kernel/ed25519';
import type { Write } from '@iotw/kernel/ports/store';
import type { Result } from '@iotw/kernel/result';
import type { HeldKeys } from '@iotw/nodes/held-keys';
import { DevicePlaces } from '@iotw/nodes/intake/device-places';
import { LOCAL_CODES, refusalName } from '@iotw/nodes/intake/local-codes';
import type { PeerId, PeerMessage } from '@iotw/nodes/messages';
import { trustPeer } from '@iotw/nodes/messages';
import type { TrustNodeEffect } from '@iotw/nodes/trust-node/context';
import type { LaneQueue } from '@iotw/nodes/trust-node/lane-queue';
import type { Standing } from '@iotw/nodes/trust-node/ledger-word';
import type { TrustNodeEvent, TrustNodeOptions } from '@iotw/nodes/trust-node/options';
import { BLOCK_TABLE, VOTE_TABLE } from '@iotw/nodes/trust-node/records';
import { TrustNode } from '@iotw/nodes/trust-node/trust-node';
import type { BlockBody } from '@iotw/protocol/body';
import type { Shell } from './shell.js';
import { tell } from './submissions.js';

/** What a trust node asks of the entrance of its process. */
export interface TrustRoleHost {
  /** Transactions that a device or an API server of another process hands in. */
  submit(run: BlockBody, waitFor: WaitFor): Promise<Result<SubmitOutcome>>;
  /** A block of this lane has left. */
  blockLeft(lane: LaneQueue): void;
  /** What the network lets the node do has changed. */
  standing(trustNode: number, standing: Standing): void;
}

/** One trust node of this process: its machine, its devices. */
export class TrustRole {
  readonly node: TrustNode;
  readonly peer: PeerId;
  readonly #shell: Shell;
  readonly #host: TrustRoleHost;
  readonly #held: HeldKeys;
  readonly #places = new DevicePlaces();
  #transport: DeviceTransport | undefined;
  #standing: Standing | undefined;

  constructor(shell: Shell, options: TrustNodeOptions, host: TrustRoleHost) {
    this.#shell = shell;
    this.#host = host;
    this.#held = options.keys;
    this.node = new TrustNode(options);
    this.peer = trustPeer(options.index);
    shell.router.add(this.peer, (from, message) => this.#receive(from, message));
  }

  /** Wires the node to its devices; before the process starts. */
  attach(transport: DeviceTransport): void {
    this.#transport = transport;
    transport.onResult((device, bytes) => this.#enter({ kind: 'device-result', device, bytes }));
    transport.onStatus((device, bytes) => this.#enter({ kind: 'device-status', device, bytes }));
    transport.onPresenceChange((device, presence) =>
      this.#enter({ kind: presence === 'up' ? 'device-up' : 'device-down', device }),
    );
    transport.onTransaction((device, bytes) => void this.#takeFrom(transport, device, bytes));
  }

  /** A device's own transaction: it looks the outcome up by id; what is not even taken in is counted. */
  async #takeFrom(transport: DeviceTransport, device: string, bytes: Uint8Array): Promise<void> {
    if (!this.#places.take(device, this.node.epoch)) {
      transport.refused(device, 'device-tx-full');
      return;
    }
    const outcome = await this.#host.submit({ bytes, offsets: Uint32Array.of(0, bytes.length) }, 'final');
    const { taken, code } = judged(outcome);
    this.#places.leave(device, taken ? code : undefined, this.node.epoch);
    const refusal = outcome.ok ? refusalName(code) : outcome.error.code;
    if (!taken && refusal !== undefined) transport.refused(device, refusal);
  }

  /** Devices lost their right, or the keys they are told changed. */
  refreshDevices(): void {
    this.#transport?.refresh();
  }

  /** One event; what the machine says waits in the router. */
  step(event: TrustNodeEvent): void {
    const shell = this.#shell;
    if (shell.halted) return;
    const effects: TrustNodeEffect[] = [];
    this.node.step(event, shell.nowMs(), effects);
    for (const effect of effects) this.#perform(effect);
  }

  /** Other keys than before, and those that sign after the next rotation. */
  hold(keys: KeyPair, nextKeys: KeyPair | undefined): void {
    this.#held.replace(keys, nextKeys);
    const effects: TrustNodeEffect[] = [];
    this.node.rekey(this.#shell.nowMs(), effects);
    for (const effect of effects) this.#perform(effect);
  }

  #enter(event: TrustNodeEvent): void {
    this.step(event);
    this.#shell.settle();
  }

  #receive(from: PeerId, message: PeerMessage): void {
    if (message.kind === 'submit') void this.#host.submit(message.envelopes, 'accepted');
    else this.step({ kind: 'peer', from, message });
    if (message.kind !== 'notice' && message.kind !== 'view') return;
    const { standing } = this.node;
    if (standing === this.#standing) return;
    this.#standing = standing;
    this.refreshDevices();
    this.#host.standing(this.node.index, standing);
  }

  #perform(effect: TrustNodeEffect): void {
    switch (effect.kind) {
      case 'send':
        this.#shell.router.send(this.peer, effect.to, effect.message);
        break;
      case 'persist':
        this.#persist(effect);
        break;
      case 'deliver':
        this.#transport?.assign(effect.device, effect.assignment);
        break;
      case 'decided':
        tell(effect.submission, 'final');
        break;
      case 'certified':
        tell(effect.submission, 'certified');
        break;
      case 'block-left':
        this.#host.blockLeft(this.node.queue);
        break;
      case 'epoch':
        this.refreshDevices();
        break;
      case 'refused':
        // A view that is wrong is asked for again, elsewhere too; a wrong key only the operator can mend.
        if (effect.error.code === 'node-key-wrong') this.#shell.halt(effect.error);
        else this.#shell.log(`${this.peer}: ${effect.error.message}`, { code: effect.error.code });
        break;
      case 'verify':
        break;
    }
  }

  #persist({ token, writes, later = false }: Extract<TrustNodeEffect, { readonly kind: 'persist' }>): void {
    const { failpoints } = this.#shell;
    if (failpoints !== undefined)
      failpoints.hit(isVote(writes) ? 'runtime-vote-persist' : 'runtime-block-persist');
    const done = (): void => {
      if (failpoints !== undefined)
        failpoints.hit(isVote(writes) ? 'runtime-vote-persisted' : 'runtime-block-persisted');
      this.step({ kind: 'persisted', token });
    };
    if (later) this.#shell.commits.addLater(writes, done);
    else this.#shell.commits.add(writes, done);
  }
}

/** A vote for another lane's block, or an erasure; a block of the own lane comes with the block's bytes. */
function isVote(writes: readonly Write[]): boolean {
  const withBlock = writes.some(({ table, value }) => table === BLOCK_TABLE && value !== undefined);
  return !withBlock && writes[0]?.table === VOTE_TABLE;
}

/**
 * Whether one transaction went into a lane, and its code. At the entrance it is refused before it is verified (then it has
 * no id), by its signature, or by a code that no round gives.
 */
function judged(outcome: Result<SubmitOutcome>): { readonly taken: boolean; readonly code: number } {
  const code = outcome.ok ? outcome.value.codes[0]! : 0;
  const verified = outcome.ok && outcome.value.ids.length > 0;
  return { taken: verified && !NEVER_IN_A_LANE.has(code), code };
}

const NEVER_IN_A_LANE: ReadonlySet<number> = new Set([
  LOCAL_CODES['signature-invalid'],
  LOCAL_CODES['intake-full'],
  LOCAL_CODES['fee-unpaid'],
  LOCAL_CODES['fee-promised'],
  LOCAL_CODES['lane-suspended'],
]);
