import { COMMITMENT_BYTES, isShare, publicShare, sharePlace } from '@iotw/assignment/shared-key';
import { isG1 } from '@iotw/kernel/bls-group';
import { equalBytes } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import {
  BEACON_KIND,
  type BeaconMessage,
  beaconDigest,
  readAccused,
  readOpenShares,
  SEALED_SHARE_BYTES,
} from '@iotw/protocol/beacon';
import { MAX_LEDGER_SERVERS } from '@iotw/protocol/limits';
import type { State } from './state.js';
import { bitsOf } from './tables/beacon.js';

/** A ceremony renews a key no sooner than this many steps after the last one ended. */
const REST_STEPS = 4;

type Accepted = Result<() => void>;

/**
 * Whether a word of a key ceremony counts, and what it does then (spec: 6.7). One that does not count voids no
 * round and changes nothing.
 * Errors: `beacon-stale` (another ceremony or step, or said before), `beacon-member` (not one of those who may say
 * it), `beacon-signature`, `beacon-malformed`.
 */
export function checkBeaconMessage(state: State, message: BeaconMessage, timeMs: number): Accepted {
  const { server, kind } = message;
  const { beacon } = state;
  if (server >= beacon.members.rows) return refuse('beacon-member', 'there is no such ledger server');
  const accepted =
    kind === BEACON_KIND.join
      ? join(state, message, timeMs)
      : kind === BEACON_KIND.deal
        ? deal(state, message)
        : kind === BEACON_KIND.check
          ? check(state, message)
          : kind === BEACON_KIND.justify
            ? justify(state, message)
            : refuse('beacon-malformed', 'there is no such kind');
  if (!accepted.ok) return accepted;
  const digest = beaconDigest(state.network, message);
  return state.checker.verify(message.signature, digest, state.ledgerServers.bytes('key', server))
    ? accepted
    : refuse('beacon-signature', 'it is not signed by its server');
}

/** Whether a join would open a ceremony: there is no key, or the last one ended long enough ago. */
export function mayOpenCeremony(state: State, timeMs: number): boolean {
  const { beacon, parameters } = state;
  if (beacon.phase !== 'idle') return false;
  if (beacon.groupThreshold === 0) return true;
  return timeMs >= beacon.col.phaseMs[0]! + REST_STEPS * parameters.beaconStepMs;
}

function refuse(code: string, why: string): Result<never> {
  return fail(code, `The word of a key ceremony does not count: ${why}.`);
}

function join(state: State, { ceremony, server, body }: BeaconMessage, timeMs: number): Accepted {
  const { beacon } = state;
  const { members } = beacon;
  if (!state.ledgerServers.serving().includes(server))
    return refuse('beacon-member', 'a vote suspended that ledger server');
  const opens = mayOpenCeremony(state, timeMs) && ceremony === beacon.ceremony + 1;
  const late =
    beacon.phase !== 'join' || ceremony !== beacon.ceremony || members.col.joined[server] === ceremony;
  if (!opens && late) return refuse('beacon-stale', 'no such ceremony can be joined now');
  if (body.length !== 32) return refuse('beacon-malformed', 'a join is a key of 32 bytes');
  return ok(() => {
    if (opens) {
      beacon.set('ceremony', 0, ceremony);
      beacon.set('phase', 0, 1);
      beacon.set('phaseMs', 0, timeMs);
    }
    members.set('joined', server, ceremony);
    members.setBytes('joinKey', server, body);
  });
}

function deal(state: State, { ceremony, server, body }: BeaconMessage): Accepted {
  const { beacon } = state;
  const { members } = beacon;
  const late =
    beacon.phase !== 'deal' || ceremony !== beacon.ceremony || members.col.dealt[server] === ceremony;
  if (late) return refuse('beacon-stale', 'no deal of its is due');
  if (!beacon.dealers().includes(server)) return refuse('beacon-member', 'it is no dealer of this ceremony');
  const joined = beacon.joined();
  const split = COMMITMENT_BYTES * beacon.col.threshold[0]!;
  if (body.length !== split + SEALED_SHARE_BYTES * joined.length) {
    return refuse(
      'beacon-malformed',
      'a deal has a commitment for each coefficient and a box for each member',
    );
  }
  const commitments = body.subarray(0, split);
  for (let at = 0; at < split; at += COMMITMENT_BYTES) {
    if (!isG1(commitments.subarray(at, at + COMMITMENT_BYTES))) {
      return refuse('beacon-malformed', 'a commitment is no point of the group');
    }
  }
  // Who hands on a share must hand on its own: anything else would change the key.
  if (beacon.col.fresh[0] === 0) {
    const own = publicShare(beacon.group, sharePlace(server));
    if (own === undefined || !equalBytes(commitments.subarray(0, COMMITMENT_BYTES), own)) {
      return refuse('beacon-malformed', 'what it hands on is not its share');
    }
  }
  return ok(() => {
    const boxes = new Uint8Array(SEALED_SHARE_BYTES * MAX_LEDGER_SERVERS);
    for (const [i, member] of joined.entries()) {
      const at = split + SEALED_SHARE_BYTES * i;
      boxes.set(body.subarray(at, at + SEALED_SHARE_BYTES), SEALED_SHARE_BYTES * member);
    }
    members.set('dealt', server, ceremony);
    members.setBytes('commitments', server, commitments);
    members.setBytes('boxes', server, boxes);
  });
}

function check(state: State, { ceremony, server, body }: BeaconMessage): Accepted {
  const { beacon } = state;
  const { members } = beacon;
  const late =
    beacon.phase !== 'check' || ceremony !== beacon.ceremony || members.col.checked[server] === ceremony;
  if (late) return refuse('beacon-stale', 'no check of its is due');
  if (members.col.joined[server] !== ceremony)
    return refuse('beacon-member', 'it has not joined this ceremony');
  const accused = readAccused(body);
  const dealt = beacon.dealt();
  if (accused === undefined || !accused.every((dealer) => dealt.includes(dealer))) {
    return refuse('beacon-malformed', 'a check lists servers that dealt, ascending');
  }
  return ok(() => {
    members.set('checked', server, ceremony);
    members.setBytes('accused', server, bitsOf(accused));
  });
}

function justify(state: State, { ceremony, server, body }: BeaconMessage): Accepted {
  const { beacon } = state;
  const { members } = beacon;
  const late =
    beacon.phase !== 'justify' || ceremony !== beacon.ceremony || members.col.justified[server] === ceremony;
  if (late) return refuse('beacon-stale', 'nothing of its is due');
  if (members.col.dealt[server] !== ceremony) return refuse('beacon-member', 'it has dealt nothing');
  const opened = readOpenShares(body);
  const accusers = beacon.accusersOf(server);
  const commitments = members.commitments(server, beacon.col.threshold[0]!);
  if (
    opened === undefined ||
    !opened.every((o) => accusers.includes(o.server) && isShare(commitments, sharePlace(o.server), o.share))
  ) {
    return refuse('beacon-malformed', 'it opens shares that are not what its commitments say');
  }
  return ok(() => {
    const shares = new Uint8Array(32 * MAX_LEDGER_SERVERS);
    for (const { server: member, share } of opened) shares.set(share, 32 * member);
    members.set('justified', server, ceremony);
    members.setBytes('met', server, bitsOf(opened.map((o) => o.server)));
    members.setBytes('opened', server, shares);
  });
}
