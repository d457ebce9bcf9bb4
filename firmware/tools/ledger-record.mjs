// What the ledger says of a device: its answers and pay of each ended epoch, and its election tickets.
import { fromHex } from '@iotw/kernel/bytes';
import { vrfVerify } from '@iotw/kernel/vrf';
import { ticketAlpha } from '@iotw/protocol/digests';

/** Transactions of a trust node that are looked through for tickets. */
const LOOKED_THROUGH = 100;

export class LedgerRecord {
  #devnet;
  #device;
  #next;
  /** By ended epoch, from the first in which the device was looked at. @type {Map<number, object>} */
  epochs = new Map();
  mined = 0;
  witnessed = 0;
  /** Answers behind the paid committee: a block asks one device more when one is slow. */
  unpaid = 0;
  missed = 0;
  /** Base units. */
  paid = 0;

  /** @param {import('./devnet.mjs').Devnet} devnet @param {number} device its number @param {number} epoch the first to look at */
  constructor(devnet, device, epoch) {
    this.#devnet = devnet;
    this.#device = device;
    this.#next = epoch;
  }

  /** Takes up the epochs that have ended since. @returns {Promise<object[]>} them: those of /why, with the epoch's begin and end in ms, its mode, and whether it drew from all for lack of tickets */
  async update() {
    const { epoch: running } = await this.#devnet.get('/v1/status');
    const added = [];
    for (; this.#next < running; this.#next++) {
      // At once: whether an epoch drew from all for lack of tickets is not kept for long.
      const [why, { startMs, mode, fallback }, { startMs: endMs }] = await Promise.all([
        this.#devnet.get(`/v1/devices/${this.#device}/why?epoch=${this.#next}`),
        this.#devnet.get(`/v1/epochs/${this.#next}`),
        this.#devnet.get(`/v1/epochs/${this.#next + 1}`),
      ]);
      const record = { ...why, startMs, endMs, mode, fallback };
      this.epochs.set(this.#next, record);
      added.push(record);
      for (const name of ['mined', 'witnessed', 'unpaid', 'missed']) this[name] += why[name] ?? 0;
      this.paid += why.minerAmount + why.witnessAmount;
    }
    return added;
  }

  /** Answers that certificates hold. */
  get answers() {
    return this.mined + this.witnessed + this.unpaid;
  }

  /**
   * The device's tickets on the ledger, each proved anew with the device's key.
   * @param {number} trustNode that carried them
   * @returns {Promise<{epoch: number, valid: boolean, drawn: boolean}[]>} `drawn`: the next epoch drew from the holders of tickets
   *   alone, this device among them
   */
  async tickets(trustNode) {
    const { account } = await this.#devnet.get(`/v1/trust-nodes/${trustNode}`);
    const { network } = await this.#devnet.get('/v1/network');
    const { key } = await this.#devnet.get(`/v1/devices/${this.#device}`);
    const { items } = await this.#devnet.get(`/v1/accounts/${account}/transactions?limit=${LOOKED_THROUGH}`);
    const found = items
      .filter(({ status }) => status === 'final')
      .flatMap(({ transaction }) => transaction?.operations ?? [])
      .filter(({ type, device }) => type === 'ticket' && device === this.#device);
    return Promise.all(
      found.map(async ({ epoch, proof }) => {
        const { seed } = await this.#devnet.get(`/v1/epochs/${epoch}`);
        const alpha = ticketAlpha(fromHex(network, 32), fromHex(seed, 32), epoch, this.#device);
        const valid = vrfVerify(fromHex(key, 32), alpha, fromHex(proof, 80)) !== undefined;
        return { epoch, valid, drawn: this.#drewBy(epoch + 1) };
      }),
    );
  }

  /** Whether an ended epoch drew it as a holder of a ticket. */
  get drawnByTicket() {
    return [...this.epochs.keys()].some((epoch) => this.#drewBy(epoch));
  }

  #drewBy(epoch) {
    const { mode, fallback, mined, witnessed } = this.epochs.get(epoch) ?? { mode: 'not ended' };
    return mode === 'vrf' && fallback === false && mined + witnessed > 0;
  }
}
