import { committeeSize } from '@iotw/assignment/committee';
import type { Store } from '@iotw/kernel/ports/store';
import { epochKey, readSettlement, SETTLEMENT_TABLE } from '@iotw/nodes/ledger-server/epoch-records';
import { storedRounds } from '@iotw/nodes/ledger-server/round-record';
import { CERTIFICATE_MODE } from '@iotw/protocol/certificate';
import type { Parameters } from '@iotw/protocol/parameters';

/**
 * Holds every device that answered in a paid seat against the settlement of the epoch that included its block, by
 * the stored rounds alone: devices and epochs paid, and those that are missing. The running epoch is left out.
 */
export function unpaidAnswers(
  store: Store,
  parameters: Parameters,
): { readonly paid: number; readonly unpaid: number } {
  const answered = new Map<number, Set<number>>();
  for (const { header, input } of storedRounds(store)) {
    // The round that opens an epoch still belongs to the one before.
    const epoch = input.seedProof.length > 0 ? header.epoch - 1 : header.epoch;
    const devices = answered.get(epoch) ?? new Set();
    answered.set(epoch, devices);
    for (const { certificate } of input.blocks) {
      if (certificate.mode !== CERTIFICATE_MODE.devices) continue;
      const seats = [...certificate.attestations]
        .sort((a, b) => a.rank - b.rank)
        .slice(0, committeeSize(parameters));
      for (const { device } of seats) devices.add(device);
    }
  }
  let paid = 0;
  let unpaid = 0;
  for (const [epoch, devices] of answered) {
    const bytes = store.get(SETTLEMENT_TABLE, epochKey(epoch));
    if (bytes === undefined) continue;
    const settled = new Map(readSettlement(bytes).devices.map((payment) => [payment.device, payment]));
    for (const device of devices) {
      const payment = settled.get(device);
      if (payment !== undefined && payment.minerAmount + payment.witnessAmount > 0) paid += 1;
      else unpaid += 1;
    }
  }
  return { paid, unpaid };
}
