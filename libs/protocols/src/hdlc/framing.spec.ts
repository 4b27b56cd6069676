import fc from 'fast-check';
import { encodeFrame, type HdlcFrame } from './frame.js';
import { HdlcFramer } from './framer.js';
import type { HdlcControl } from './control.js';

const number = fc.integer({ min: 0, max: 7 });
const control: fc.Arbitrary<HdlcControl> = fc.oneof(
  fc.record({ type: fc.constant('I' as const), ns: number, nr: number, pf: fc.boolean() }),
  fc.record({ type: fc.constantFrom('RR' as const, 'RNR' as const), nr: number, pf: fc.boolean() }),
  fc.record({
    type: fc.constantFrom('SNRM' as const, 'DISC' as const, 'UA' as const, 'DM' as const, 'FRMR' as const),
    pf: fc.boolean(),
  }),
  fc.record({ type: fc.constant('UI' as const), pf: fc.boolean() }),
);
const address = fc.constantFrom([0x03], [0x21], [0x02, 0x23], [0x00, 0x02, 0x56, 0x67]).map((a) => Uint8Array.from(a));
// flags in the information are what cuts frames in two elsewhere
const info = fc.uint8Array({ maxLength: 300 }).chain((bytes) => fc.constantFrom(bytes, bytes.fill(0x7e, 0, 3)));
const frames: fc.Arbitrary<HdlcFrame> = fc.record({
  segmented: fc.boolean(),
  to: address,
  from: address,
  control,
  info,
});

function framed(pieces: readonly Uint8Array[]): { frames: HdlcFrame[]; framer: HdlcFramer } {
  const seen: HdlcFrame[] = [];
  const framer = new HdlcFramer((frame) => seen.push(frame));
  for (const piece of pieces) framer.push(piece);
  return { frames: seen, framer };
}

/** The bytes in pieces of the sizes given, again and again. */
function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

describe('frames on a line', () => {
  it('come out as they went in, in any pieces, with one flag or two between them', () => {
    fc.assert(
      fc.property(
        fc.array(frames, { minLength: 1, maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        fc.boolean(),
        (sent, sizes, shared) => {
          const encoded = sent.map((frame) => encodeFrame(frame));
          const line = Buffer.concat(encoded.map((bytes, i) => (shared && i > 0 ? bytes.subarray(1) : bytes)));
          expect(framed(cut(line, sizes)).frames).toEqual(sent);
        },
      ),
    );
  });

  it('are found behind noise, and behind what looked like one', () => {
    const frame: HdlcFrame = {
      segmented: false,
      to: Uint8Array.of(3),
      from: Uint8Array.of(0x21),
      control: { type: 'UA', pf: true },
      info: Uint8Array.of(1, 2, 3),
    };
    const bytes = encodeFrame(frame);
    // a flag and a format that announce 20 bytes, the real frame inside them
    const noise = Uint8Array.of(0xff, 0x00, 0x7e, 0xa0, 0x14);
    const { frames: seen, framer } = framed([noise, bytes, new Uint8Array(30)]);
    expect(seen).toEqual([frame]);
    expect(framer.counts).toMatchObject({ frames: 1, faults: { format: 1 } });
  });

  it('that never end are let go once the line is silent, and what was inside them is found', () => {
    const bytes = encodeFrame({
      segmented: false,
      to: Uint8Array.of(3),
      from: Uint8Array.of(0x21),
      control: { type: 'RR', nr: 2, pf: true },
      info: new Uint8Array(0),
    });
    const { frames: seen, framer } = framed([Uint8Array.of(0x7e, 0xa7, 0xff), bytes]);
    expect(seen).toEqual([]);
    framer.flush();
    expect(seen).toMatchObject([{ control: { type: 'RR', nr: 2 } }]);
  });

  it('with a byte changed give nothing that was not sent', () => {
    fc.assert(
      fc.property(frames, fc.nat(), fc.integer({ min: 1, max: 255 }), (frame, position, xor) => {
        const bytes = encodeFrame(frame);
        const at = position % bytes.length;
        bytes[at] = bytes[at]! ^ xor;
        const { frames: seen, framer } = framed([bytes]);
        framer.flush();
        // a changed flag leaves the frame without a beginning or an end
        for (const found of seen) expect(found).toEqual(frame);
      }),
      { numRuns: 2000 },
    );
  });
});
