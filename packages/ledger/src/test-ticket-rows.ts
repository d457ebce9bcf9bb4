/** Outcomes of election tickets, as rows for operations.test; each on a network of mode vrf. */
import { ELECTION_MODE, type Parameters } from '@iotw/protocol/parameters';
import type { ResultCode } from '@iotw/protocol/result';
import { TestNetwork } from './test-network.js';
import { presenceOp, ticketOp } from './test-operations.js';
import type { Row } from './test-rows.js';

/** The target makes every device win, unless a row says otherwise. */
const VRF: Partial<Parameters> = { electionMode: ELECTION_MODE.vrf, ticketTarget: 8 };

function sent(
  make: (t: TestNetwork) => ReturnType<typeof ticketOp>,
  parameters: Partial<Parameters> = {},
): () => ResultCode {
  return () => {
    const t = new TestNetwork({ parameters: { ...VRF, ...parameters } });
    return t.send('alice', make(t)).code;
  };
}

export const TICKET_ROWS: readonly Row[] = [
  ['an election ticket', 'ok', sent((t) => ticketOp(t, 'device1'))],
  ['an election ticket of no device', 'device-unknown', sent((t) => ticketOp(t, 'device1', { device: 99 }))],
  ['an election ticket for tomorrow', 'ticket-epoch', sent((t) => ticketOp(t, 'device1', { epoch: 1 }))],
  [
    'an election ticket of another device',
    'ticket-proof',
    sent((t) => ticketOp(t, 'device1', { device: 2 })),
  ],
  [
    'an election ticket of zeros',
    'ticket-proof',
    sent((t) => ticketOp(t, 'device1', { proof: new Uint8Array(80) })),
  ],
  [
    'an election ticket over another seed',
    'ticket-proof',
    sent((t) => {
      const { proof } = ticketOp(t, 'device1');
      t.endEpoch();
      return ticketOp(t, 'device1', { proof });
    }),
  ],
  [
    'an election ticket that nobody asks for',
    'ticket-mode',
    sent((t) => ticketOp(t, 'device1'), { electionMode: 0 }),
  ],
  [
    'an election ticket again',
    'ticket-repeated',
    sent((t) => {
      t.send('bob', ticketOp(t, 'device1'));
      return ticketOp(t, 'device1');
    }),
  ],
  [
    'an election ticket of a device that is in no such pool',
    'ticket-pool',
    sent((t) => {
      t.endEpoch([t.block(0, [t.transaction('operator0', [presenceOp(t, 'device2')])])]);
      t.endEpoch();
      return ticketOp(t, 'device1');
    }),
  ],
  [
    'an election ticket that has not won',
    'ticket-lost',
    () => {
      const t = new TestNetwork({ parameters: { ...VRF, ticketTarget: 1 } });
      const codes = Array.from({ length: 8 }, (_, i) => t.send('alice', ticketOp(t, `device${i}`)).code);
      return codes.find((code) => code !== 'ok') ?? 'ok';
    },
  ],
];
