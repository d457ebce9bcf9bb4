import { sign } from '@iotw/kernel/ed25519';
import { missDigest, silenceDigest, voteDigest } from '@iotw/protocol/certificate';
import type { ProposedBlock } from '../messages.js';
import type { TrustNodeContext } from './context.js';
import type { InFlight } from './in-flight.js';

/** The block under the node's own current key. Its hash, which devices and witnesses sign, does not change. */
export function signedAnew(
  { keys, checker }: Pick<TrustNodeContext, 'keys' | 'checker'>,
  block: ProposedBlock,
): ProposedBlock {
  if (checker.verify(block.signature, block.hash, keys.publicKey)) return block;
  const signature = sign(block.hash, keys.secretKey);
  checker.markValid(signature, block.hash, keys.publicKey);
  return { ...block, signature };
}

/**
 * After keys of trust nodes were rotated: a ledger server takes signatures under the current keys only, so
 * what a block in flight holds under older ones goes. true where the block has to be shown again.
 */
export function dropRetired(context: TrustNodeContext, block: InFlight): boolean {
  const { network, checker, index, view } = context;
  const signed = signedAnew(context, block.block);
  let changed = signed !== block.block;
  block.block = signed;
  for (const [witness, vote] of block.votes) {
    const key = witness === index ? context.keys.publicKey : view.trustKeys[witness];
    if (key !== undefined && checker.verify(vote.signature, voteDigest(network, vote), key)) continue;
    block.votes.delete(witness);
    changed = true;
  }
  return retireMisses(context, block) || changed;
}

/** Ranks passed over under a retired key are open again; they are asked for anew with the next resending. */
function retireMisses(context: TrustNodeContext, block: InFlight): boolean {
  const { network, checker, index, view, keys } = context;
  const { lane, incarnation, height } = block.block.header;
  const keyOf = (node: number) => (node === index ? keys.publicKey : view.trustKeys[node]);
  return block.attempt.retire({
    miss: (miss) => {
      const key = keyOf(miss.host);
      return key !== undefined && checker.verify(miss.signature, missDigest(network, miss), key);
    },
    silence: ({ rank, device: { device, host } }, witness, signature) => {
      const place = { lane, incarnation, height, attempt: block.attempt.number, rank, device, host };
      const key = keyOf(witness);
      return (
        key !== undefined && checker.verify(signature, silenceDigest(network, { ...place, witness }), key)
      );
    },
  });
}
