// Tickets of election mode vrf: what a device proves and sends, what wins, and the weighted variant's sortition.
import { hasZeroBits, sortition, ticketBits } from '@iotw/assignment/tickets';
import { vrfProve, vrfVerify } from '@iotw/kernel/vrf';
import { DeviceNode } from '@iotw/nodes/device/device-node';
import { ticketAlpha } from '@iotw/protocol/digests';
import { bytesOf, keyOf, NETWORK } from './kit.mjs';

const device = keyOf('device');
const seed = bytesOf('seed of epoch 3');

export function tickets() {
  const node = new DeviceNode({ network: NETWORK, keys: device, boot: 1, laneKey: () => undefined });
  const valid = [41, 42, 43, 44].map((number) => {
    const alpha = ticketAlpha(NETWORK, seed, 3, number);
    const proof = vrfProve(device.secretKey, alpha);
    const output = vrfVerify(device.publicKey, alpha, proof);
    let zeroBits = 0;
    while (hasZeroBits(output, zeroBits + 1)) zeroBits++;
    return {
      device: number,
      epoch: 3,
      alpha,
      proof,
      output,
      zeroBits,
      status: node.ticket(number, 3, seed, 0),
    };
  });
  const bits = [
    [8, 64],
    [127, 64],
    [128, 64],
    [1_000, 64],
    [1_048_576, 64],
  ].map(([devices, target]) => ({ devices, target, bits: ticketBits(devices, target) }));
  const sortitions = valid.flatMap(({ output }) =>
    [
      [2, 4, 1],
      [1_500, 60_000, 64],
      [4_294_967_295, 68_719_476_720, 512],
      [7, 64, 64],
    ].map(([weight, total, target]) => ({
      output,
      weight,
      total,
      target,
      tickets: sortition(output, weight, total, target),
    })),
  );
  return {
    clause: '7.8',
    network: NETWORK,
    deviceSeed: device.seed,
    deviceKey: device.publicKey,
    seed,
    valid,
    bits,
    sortitions,
  };
}
