import { decodeDataSets } from '@smx-edge/protocols/iec62056-21';
import { exchange, READOUT, Rig, type Exchange, type RigMeter } from '../../test-support/iec-rig.js';
import type { Stall, Way } from '../../test-support/stall-gate.js';

/**
 * Every byte of a conversation late by every time that matters, in virtual time: below, at and beyond what the standard
 * mandates (IEC 62056-21 §6.3.14, §6.4.3: a reaction after 200 ms to 1.5 s, characters no more than 1.5 s apart, a meter that
 * waits up to 2.2 s for an acknowledgement, 1.5 s for a NAK, and two minutes for a command), and where the reader calls a line
 * silent: after 3 s, four times. ms.
 */
const DELAYS = [201, 1499, 1500, 1501, 2199, 2201, 2999, 3000, 3001, 11_999, 12_001, 119_999, 120_001];
/** A delay that the standard allows is no fault. */
const ALLOWED = 1500;
/** After which a meter has forgotten any reader, ms. */
const FORGETS = 130_000;

const WAYS: readonly Way[] = ['toReader', 'toMeter'];

/** Runs what is to hold for a byte of these that is late, by each of the times; says of which it does not. */
function each(way: Way, places: readonly number[], holds: (stall: Stall) => void): void {
  for (const at of places)
    for (const by of DELAYS)
      try {
        holds({ way, at, by });
      } catch (error) {
        throw new Error(`byte ${at} ${way} late by ${by} ms: ${String(error)}`, { cause: error });
      }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

describe.each(WAYS)('programming mode with each byte %s late by each time', (way) => {
  // one whose answers do not say which register they are of
  const meter: RigMeter = { family: 'landis-gyr', block: 60 };
  const rows = 'P.01(02610260915;02610260930)';
  const whole = new Rig(meter);
  const { found: right } = exchange(whole, rows);
  const told = JSON.stringify(right);

  /** Each is right, or is not there for a reason. */
  function isRight({ found, end }: Exchange): boolean {
    if (JSON.stringify(found) === told) return true;
    for (const [i, one] of found.entries()) if (one !== undefined && one !== right[i]) expect(one).toBe(right[i]);
    if (found.at(-1) === undefined) expect(['fault', 'failed']).toContain(end.kind);
    return false;
  }

  it('gives no wrong value then, nor at once afterwards, and all of it once the line is still', () => {
    expect(right.every((one) => one !== undefined)).toBe(true);
    each(way, upTo(whole.sent(way)), (stall) => {
      const rig = new Rig(meter, {}, { stall });
      const isWhole = isRight(exchange(rig, rows));
      const passwords = rig.reader.sent.filter((bytes) => Buffer.from(bytes.map((byte) => byte & 0x7f)).includes('P1\u0002')); // prettier-ignore
      expect(passwords.length).toBeLessThanOrEqual(1);
      if (stall.by < ALLOWED) {
        expect(isWhole).toBe(true);
        return;
      }
      rig.again();
      isRight(exchange(rig, rows));
      rig.again();
      rig.clock.advance(stall.by + FORGETS);
      expect(isRight(exchange(rig, rows))).toBe(true);
      expect(rig.wrong).toEqual([]);
    });
  });
});

describe.each([
  ['A', {}],
  ['A', { framed: false }],
  ['B', {}],
  ['C', {}],
] as const)('a readout of mode %s (%j) with bytes late by each time', (mode, given) => {
  const readOut = (rig: Rig): string | undefined => {
    const data = rig.open().find(({ kind }) => kind === 'data');
    return data?.kind === 'data' ? data.data : undefined;
  };
  const whole = new Rig({ mode, ...given }, READOUT);
  const right = readOut(whole);

  it.each(WAYS)('%s gives no wrong value then, and all once the line is still', (way) => {
    expect(decodeDataSets(right!)).toHaveLength(47);
    const sent = whole.sent(way);
    // of the lines between head and end one is like another
    const places = upTo(sent).filter((at) => at < 36 || at >= sent - 8 || at % 61 === 0);
    each(way, places, (stall) => {
      const rig = new Rig({ mode, ...given }, READOUT, { stall });
      const first = readOut(rig);
      expect([right, undefined]).toContain(first);
      if (stall.by < ALLOWED) {
        expect(first).toBe(right);
        return;
      }
      rig.again();
      rig.clock.advance(stall.by + FORGETS);
      expect(readOut(rig)).toBe(right);
    });
  });
});
