import { checkCertificate } from '@iotw/assignment/certificate-check';
import { equalBytes, toHex } from '@iotw/kernel/bytes';
import { fail, ok, type Result } from '@iotw/kernel/result';
import type { SignatureChecker } from '@iotw/kernel/signature-checker';
import type { Ledger } from '@iotw/ledger/ledger';
import type { PreparedBlock } from '@iotw/ledger/round-outcome';
import { type BlockBody, bodyCount, readBody } from '@iotw/protocol/body';
import type { CertifiedBlock } from '@iotw/protocol/certificate';
import { blockHash } from '@iotw/protocol/header';
import { rootOfIds } from '../block-root.js';

/** What is known of a block's transactions, whatever certificate it comes with. */
export interface BlockContent {
  readonly hash: Uint8Array;
  readonly body: BlockBody;
  readonly ids: Uint8Array;
  readonly valid: Uint8Array;
}

/** Header and body fit together. Errors: `malformed`, `block-root`. */
export function readContent(
  network: Uint8Array,
  block: CertifiedBlock,
  verified: { readonly ids: Uint8Array; readonly valid: Uint8Array },
): Result<BlockContent> {
  const body = readBody(block.body);
  if (!body.ok) return body;
  const { count, root } = block.header;
  if (
    bodyCount(body.value) !== count ||
    verified.ids.length !== 32 * count ||
    !equalBytes(rootOfIds(verified.ids), root)
  ) {
    return fail(
      'block-root',
      'The block body is not what the header says: the lane must send both as it signed them.',
    );
  }
  return ok({
    hash: blockHash(network, block.header),
    body: body.value,
    ids: verified.ids,
    valid: verified.valid,
  });
}

/** Checks the certificate against the committed state (a pure function of state and block). */
export function prepareBlock(
  ledger: Ledger,
  checker: SignatureChecker,
  block: CertifiedBlock,
  content: BlockContent,
): Result<PreparedBlock> {
  const { header } = block;
  const snapshot = ledger.snapshotOf(header.epoch);
  const trustNodeKeys = ledger.trustNodes.keys();
  const laneKey = trustNodeKeys[header.lane];
  if (laneKey === undefined)
    return fail('block-lane', `There is no lane ${header.lane}.`, { lane: header.lane });
  if (snapshot === undefined) {
    return fail(
      'block-epoch',
      `Epoch ${header.epoch} is no longer open: the lane must reset and propose again.`,
      {
        lane: header.lane,
        height: header.height,
      },
    );
  }
  const committee = checkCertificate(
    {
      network: ledger.network,
      trustNodeKeys,
      snapshot,
      removed: (device, refRound) => ledger.removed(device, refRound),
      checker,
      laneKey,
    },
    block,
    content.hash,
  );
  return committee.ok ? ok({ block, ...content, committee: committee.value }) : committee;
}

/** Blocks waiting for their round, by lane and height; bounded per lane. */
export class WaitingBlocks {
  readonly #perLane: number;
  readonly #lanes = new Map<number, Map<number, PreparedBlock>>();

  constructor(perLane: number) {
    this.#perLane = perLane;
  }

  get size(): number {
    let size = 0;
    for (const lane of this.#lanes.values()) size += lane.size;
    return size;
  }

  /** false where the lane holds as many as it may; its trust node sends again. */
  add(block: PreparedBlock): boolean {
    const { lane, height } = block.block.header;
    let waiting = this.#lanes.get(lane);
    if (waiting === undefined) {
      waiting = new Map();
      this.#lanes.set(lane, waiting);
    }
    if (waiting.size >= this.#perLane && !waiting.has(height)) return false;
    waiting.set(height, block);
    return true;
  }

  get(lane: number, height: number): PreparedBlock | undefined {
    return this.#lanes.get(lane)?.get(height);
  }

  drop(lane: number, height: number): void {
    this.#lanes.get(lane)?.delete(height);
  }

  clear(): void {
    this.#lanes.clear();
  }

  /** Lanes that have blocks waiting. */
  lanes(): number[] {
    return [...this.#lanes].flatMap(([lane, waiting]) => (waiting.size > 0 ? [lane] : []));
  }

  /** Forgets what the ledger holds, or what a reset voided. */
  prune(lane: number, cursorHeight: number, incarnation: number): void {
    const waiting = this.#lanes.get(lane);
    if (waiting === undefined) return;
    for (const [height, block] of waiting) {
      if (height <= cursorHeight || block.block.header.incarnation < incarnation) waiting.delete(height);
    }
  }
}

/** Contents by block hash: what was verified once is not verified again when the round comes back. */
export class KnownContents {
  readonly #contents = new Map<string, BlockContent>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(hash: Uint8Array): BlockContent | undefined {
    return this.#contents.get(toHex(hash));
  }

  add(content: BlockContent): void {
    if (this.#contents.size >= this.#limit) {
      const oldest = this.#contents.keys().next().value;
      if (oldest !== undefined) this.#contents.delete(oldest);
    }
    this.#contents.set(toHex(content.hash), content);
  }

  drop(hash: Uint8Array): void {
    this.#contents.delete(toHex(hash));
  }
}
