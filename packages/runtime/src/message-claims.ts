import { ledgerPeer, type MessageKind, type PeerId, type PeerMessage, trustPeer } from '@iotw/nodes/messages';

type Of<K extends MessageKind> = Extract<PeerMessage, { readonly kind: K }>;
/** Whether `from`, proven by its link key, may say this to `to`. */
type Claim<K extends MessageKind> = (message: Of<K>, from: PeerId, to: PeerId) => boolean;

const isTrust = (peer: PeerId): boolean => peer.startsWith('trust:');
const isLedger = (peer: PeerId): boolean => peer.startsWith('ledger:');

/** Who may say what to whom over the mesh (spec: clause 13): a link proves its peer, the message must name it. */
const CLAIMS: { readonly [K in MessageKind]: Claim<K> } = {
  submit: (_, from, to) => !isTrust(from) && isTrust(to),
  propose: ({ block }, from, to) => from === trustPeer(block.header.lane) && isTrust(to),
  vote: ({ vote }, from, to) => from === trustPeer(vote.witness) && to === trustPeer(vote.lane),
  // From the lane, or passed on for it; the host looks at the lane's signature in the latter case.
  assign: (_, from, to) => isTrust(from) && isTrust(to),
  // Device's and host's signatures say whose word it is; any trust node may pass it on.
  answer: (_, from, to) => isTrust(from) && isTrust(to),
  miss: (_, from, to) => isTrust(from) && isTrust(to),
  relay: ({ slot }, from, to) => from === trustPeer(slot.lane) && isTrust(to),
  silence: ({ silence }, from, to) => from === trustPeer(silence.witness) && to === trustPeer(silence.lane),
  'assign-request': ({ header }, from, to) => from === trustPeer(header.lane) && isLedger(to),
  assigned: ({ lane }, from, to) => isLedger(from) && to === trustPeer(lane),
  certified: ({ block }, from, to) => from === trustPeer(block.header.lane) && isLedger(to),
  reset: ({ reset }, from, to) => from === trustPeer(reset.lane) && isLedger(to),
  'epoch-vote': ({ vote }, from, to) => from === trustPeer(vote.witness) && isLedger(to),
  'seed-proof': (_, from, to) => isLedger(from) && isLedger(to),
  beacon: ({ message }, from, to) => from === ledgerPeer(message.server) && isLedger(to),
  'seed-share': ({ share }, from, to) => from === ledgerPeer(share.server) && isLedger(to),
  notice: (_, from, to) => isLedger(from) && isTrust(to),
  'view-request': (_, from, to) => isTrust(from) && isLedger(to),
  view: (_, from, to) => isLedger(from) && isTrust(to),
};

/** false where the peer behind the link has no business saying this. */
export function claimFits(message: PeerMessage, from: PeerId, to: PeerId): boolean {
  const claim = CLAIMS[message.kind] as Claim<MessageKind>;
  return claim(message, from, to);
}
