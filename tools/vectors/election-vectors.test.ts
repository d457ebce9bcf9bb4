/** Code and vector files agree on tickets, seeds and draws, read as a stranger reads them. */
import { RankedDraw } from '@iotw/assignment/draw';
import { emergencySeed, PUBLIC_BEACONS } from '@iotw/assignment/public-beacons';
import { beaconMessage, firstSeed, seedAlpha, seedFromProof, seedFromSignature } from '@iotw/assignment/seed';
import {
  commitmentsOf,
  publicShare,
  recoverSignature,
  sharePlace,
  valueAt,
} from '@iotw/assignment/shared-key';
import { chargeSoftMisses } from '@iotw/assignment/soft-misses';
import { hasZeroBits, sortition, ticketBits } from '@iotw/assignment/tickets';
import { blsVerify } from '@iotw/kernel/bls';
import { readScalar } from '@iotw/kernel/bls-group';
import { toHex } from '@iotw/kernel/bytes';
import { verify } from '@iotw/kernel/ed25519';
import { boxPublicKey, openBox } from '@iotw/kernel/sealed';
import { vrfVerify } from '@iotw/kernel/vrf';
import { BeaconMessageType, beaconDigest, sealedShareContext } from '@iotw/protocol/beacon';
import { ticketAlpha } from '@iotw/protocol/digests';
import { ParametersType } from '@iotw/protocol/parameters';
import { type EpochAssigner, type EpochTrustNode, poolRoot } from '@iotw/protocol/pool';
import { describe, expect, it } from 'vitest';
import { hex, type Json, load, refusedWith, revived } from './test-files.js';

describe('each file says what the code does', () => {
  it('tickets', () => {
    const file = load('tickets.json');
    for (const v of file.valid) {
      const alpha = ticketAlpha(hex(file.network), hex(file.seed), v.epoch, v.device);
      expect(toHex(alpha)).toBe(v.alpha);
      const output = vrfVerify(hex(file.deviceKey), alpha, hex(v.proof));
      expect(output === undefined ? undefined : toHex(output)).toBe(v.output);
      expect(hasZeroBits(hex(v.output), v.zeroBits)).toBe(true);
      expect(hasZeroBits(hex(v.output), v.zeroBits + 1)).toBe(false);
      expect(v.status.endsWith(v.proof)).toBe(true);
    }
    for (const v of file.bits) expect(ticketBits(v.devices, v.target)).toBe(v.bits);
    for (const v of file.sortitions)
      expect(sortition(hex(v.output), v.weight, v.total, v.target)).toBe(v.tickets);
  });

  it('soft misses', () => {
    for (const { name, steps, ...rule } of load('soft-misses.json').runs) {
      const debts = new Uint32Array(4);
      for (const { softMisses, paidHosts, over, debts: expected } of steps) {
        const use = { softMisses: softMisses.map((host: number) => ({ host })), paidHosts };
        expect(chargeSoftMisses(rule, debts, use) ?? null, name).toBe(over);
        expect([...debts], name).toEqual(expected);
      }
    }
  });

  it('seeds', () => {
    const file = load('seeds.json');
    const network = hex(file.network);
    expect(toHex(firstSeed(network, hex(file.first.entropy)))).toBe(file.first.seed);
    for (const v of file.valid) {
      expect(toHex(seedAlpha(network, hex(v.previousSeed), v.epoch))).toBe(v.alpha);
      const seed = seedFromProof(network, hex(file.vrfKey), hex(v.previousSeed), v.epoch, hex(v.proof));
      expect(seed.ok && toHex(seed.value)).toBe(v.seed);
    }
    for (const v of file.invalid) {
      const seed = seedFromProof(hex(v.network), hex(v.vrfKey), hex(v.previousSeed), v.epoch, hex(v.proof));
      expect(seed, v.name).toMatchObject(refusedWith(v.code));
    }
  });

  it('beacon', () => {
    const file = load('beacon.json');
    const network = hex(file.network);
    const key = hex(file.group.key);
    for (const dealer of file.dealers) {
      const polynomial = dealer.coefficients.map((c: string) => readScalar(hex(c))!);
      expect(toHex(commitmentsOf(polynomial))).toBe(dealer.commitments);
      for (const box of file.boxes.filter((b: Json) => b.dealer === dealer.server)) {
        expect(readScalar(hex(box.share))).toBe(valueAt(polynomial, sharePlace(box.member)));
        const sender = boxPublicKey(hex(file.boxSecrets[box.dealer]));
        const context = sealedShareContext(network, 1, box.dealer, box.member);
        expect(toHex(context)).toBe(box.context);
        const opened = openBox(hex(file.boxSecrets[box.member]), sender, context, hex(box.box));
        expect(opened && toHex(opened)).toBe(box.share);
      }
    }
    for (const v of file.words) {
      const message = BeaconMessageType.deserialize(hex(v.encoded));
      expect(message).toEqual({
        ...v.message,
        body: hex(v.message.body),
        signature: hex(v.message.signature),
      });
      expect(verify(message.signature, beaconDigest(network, message), hex(v.key))).toBe(true);
    }
    const { epoch, message, partials, signature, seed } = file.seed;
    expect(toHex(beaconMessage(network, epoch))).toBe(message);
    for (const p of partials) {
      expect(toHex(publicShare(hex(file.group.commitments), sharePlace(p.server)))).toBe(p.publicShare);
      expect(blsVerify(hex(p.publicShare), hex(message), hex(p.signature))).toBe(true);
    }
    for (const [a, b] of [
      [0, 1],
      [1, 2],
      [2, 0],
    ]) {
      const two = [a, b].map((s) => ({ place: sharePlace(s!), signature: hex(partials[s!].signature) }));
      expect(toHex(recoverSignature(two)!)).toBe(signature);
    }
    const made = seedFromSignature(network, key, epoch, hex(signature));
    expect(made.ok && toHex(made.value)).toBe(seed);
    for (const v of file.publicValues) {
      const beacon = PUBLIC_BEACONS.find(({ chain }) => toHex(chain) === v.chain)!;
      const opened = emergencySeed(network, hex(v.previousSeed), v.epoch, beacon, v.round, hex(v.proof));
      expect(opened.ok && toHex(opened.value)).toBe(v.seed);
    }
    for (const v of file.invalid) {
      const refused = seedFromSignature(hex(v.network), key, v.epoch, hex(v.signature));
      expect(refused, v.name).toMatchObject(refusedWith(v.code));
    }
  });

  it('draw', () => {
    const file = load('draw.json');
    for (const v of file.cases) {
      const pool = file.pools.find((p: Json) => p.name === v.pool);
      const devices = revived(pool.devices);
      const parameters = ParametersType.deserialize(hex(file.parameters));
      const trustNodes = revived(file.trustNodes) as EpochTrustNode[];
      const assigners = revived(file.assigners) as EpochAssigner[];
      const contents = { devices, parameters, trustNodes, assigners };
      expect(toHex(poolRoot(contents))).toBe(pool.root);
      const snapshot = {
        epoch: 5,
        mode: pool.mode,
        seed: hex(file.seed),
        ...contents,
        root: hex(pool.root),
      };
      const draw = new RankedDraw(snapshot, hex(file.network), v.lane, v.height, {
        committeeSize: v.committeeSize,
        excludeHost: v.excludeHost ?? undefined,
      });
      expect(Array.from({ length: draw.eligible }, (_, rank) => draw.at(rank)?.device)).toEqual(
        v.devicesByRank,
      );
      expect(draw.at(draw.eligible)).toBeUndefined();
    }
  });
});
