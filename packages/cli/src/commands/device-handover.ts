import { equalBytes, fromHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import { encodeAddress } from '@iotw/protocol/address';
import { decodeDeviceCode, encodeDeviceCode } from '@iotw/protocol/device-code';
import { getDevice } from '@iotw/sdk/client/devices';
import { getNetwork, networkOf } from '@iotw/sdk/client/network';
import { acceptHandover, deviceHandover } from '@iotw/sdk/transaction/device-operations';
import { readKey } from '@iotw/sdk/transaction/recipient';
import { openSigner, SIGNER_OPTIONS, type SignerOptions } from '../keys/signer.js';
import type { Answer } from '../output/print.js';
import { formatFields } from '../output/table.js';
import { type AddCommands, addVerb, type CommandContext } from './command.js';
import { act, connection, SUBMISSION_OPTIONS, type SubmissionOptions } from './submission.js';

interface HandoverOptions extends SubmissionOptions {
  readonly to: string;
  readonly acceptance: string;
}

/** `iotw device accept|handover`: the new owner accepts, then the present owner hands over in one step. */
export const addDeviceHandover: AddCommands = (noun, run) => {
  addVerb<SignerOptions>(noun, run, {
    usage: 'accept <device>',
    summary: 'accept a device from its present owner: prints the code for its hand-over',
    examples: ['iotw device accept 17 --wallet new-home'],
    shared: ['api'],
    options: SIGNER_OPTIONS,
    notes: [
      '<device> is a number or a key in hex. The code is good for one hand-over by the present owner.',
      'Nothing is sent to the network: give the code to the present owner.',
    ],
    run: accept,
  });
  addVerb<HandoverOptions>(noun, run, {
    usage: 'handover <device>',
    summary: 'hand an owned device to another owner, who accepted it',
    examples: ['iotw device handover 17 --to tiotw1... --acceptance iotw:accept/... --wallet home'],
    shared: ['api'],
    options: [
      { flags: '--to <owner>', summary: "the new owner's address", required: true },
      { flags: '--acceptance <code>', summary: 'what iotw device accept printed', required: true },
      ...SUBMISSION_OPTIONS,
    ],
    notes: [
      '<device> is a number or a key in hex.',
      'What the device earns in the running epoch goes to whoever owns it when the epoch ends.',
    ],
    run: handover,
  });
};

async function accept(
  context: CommandContext,
  options: SignerOptions,
  name?: string,
): Promise<Result<Answer>> {
  const server = connection(context);
  const info = await getNetwork(server);
  if (!info.ok) return info;
  const network = await networkOf(server);
  if (!network.ok) return network;
  const device = await getDevice(server, name!);
  if (!device.ok) return device;
  const { owner, ownershipChanges } = device.value;
  if (owner === null) {
    return fail('device-not-owner', 'Nobody owns this device: claim it with iotw device claim.');
  }
  const from = readKey(owner, info.value.addressPrefix);
  const key = fromHex(device.value.key, 32);
  if (!from.ok || key === undefined) {
    return fail('client-answer', "The server's answer names no owner or key: it is another version.");
  }
  const keys = await openSigner(context.io, options);
  if (!keys.ok) return keys;
  const signature = acceptHandover(network.value, key, from.value, ownershipChanges, keys.value);
  const to = encodeAddress(info.value.addressPrefix, 0, keys.value.publicKey);
  const acceptance = encodeDeviceCode(network.value, {
    ...{ kind: 'accept', device: key, owner: keys.value.publicKey, changes: ownershipChanges, signature },
  });
  return ok({
    json: { device: device.value.device, from: owner, to, ownershipChanges, acceptance },
    text: () =>
      formatFields([
        ['device', `${device.value.device}, from ${owner}`],
        ['to', to],
        ['acceptance', acceptance],
      ]),
  });
}

async function handover(
  context: CommandContext,
  options: HandoverOptions,
  name?: string,
): Promise<Result<Answer>> {
  return act(context, options, async ({ connection: server, network, prefix }) => {
    const to = readKey(options.to, prefix);
    if (!to.ok) return to;
    const code = decodeDeviceCode(network, options.acceptance);
    if (!code.ok) return code;
    // The code names who accepted: a swapped one must not give the device to somebody else.
    if (code.value.kind !== 'accept' || !equalBytes(to.value, code.value.owner)) {
      return fail('handover-signature', `The acceptance was not made by ${options.to}.`);
    }
    const device = await getDevice(server, name!);
    if (!device.ok) return device;
    const key = fromHex(device.value.key, 32);
    if (key === undefined)
      return fail('client-answer', "The server's answer names no device key: it is another version.");
    return equalBytes(key, code.value.device)
      ? ok([deviceHandover(key, to.value, code.value.signature)])
      : fail('handover-signature', `The acceptance is of another device than ${name}.`);
  });
}
