import { equalBytes } from '@iotw/kernel/bytes';
import type { PeerId, PeerMessage } from '@iotw/nodes/messages';
import { type Invariant, Violation } from './invariant.js';

/** Clause 8.7: an honest lane hands no block over with an answer that disagrees with what its device was shown. */
export class LanesCoherent implements Invariant {
  readonly name = 'lanes-coherent';

  sent(from: PeerId, message: PeerMessage): void {
    if (message.kind !== 'certified') return;
    const { header, certificate } = message.block;
    const liar = certificate.attestations.find(({ cited, hash }) => !equalBytes(cited, hash));
    if (liar !== undefined)
      throw new Violation(
        this.name,
        `${from} hands over block ${header.height} with the answer of device ${liar.device}, which disagrees`,
      );
  }
}
