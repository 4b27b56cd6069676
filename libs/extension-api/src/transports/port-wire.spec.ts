import fc from 'fast-check';
import { LARGEST_PORT_FRAME, PortFrame, PortFrameReader, portBody, portFrame, portMessage } from './port-wire.js';

describe('port wire', () => {
  it('gives back every frame, however the bytes were cut', () => {
    const frame = fc.record({ type: fc.nat({ max: 255 }), payload: fc.uint8Array({ maxLength: 60 }) });
    fc.assert(
      fc.property(fc.array(frame), fc.integer({ min: 1, max: 40 }), (frames, size) => {
        const all = Buffer.concat(frames.map(({ type, payload }) => portFrame(type, payload)));
        const got: { type: number; payload: Uint8Array }[] = [];
        const reader = new PortFrameReader(
          (type, payload) => void got.push({ type, payload: Uint8Array.from(payload) }),
        );
        for (let at = 0; at < all.length; at += size) reader.push(all.subarray(at, at + size));
        expect(got).toEqual(frames.map(({ type, payload }) => ({ type, payload: Uint8Array.from(payload) })));
      }),
    );
  });

  it('refuses a frame that would fill the memory before it comes', () => {
    const head = Buffer.from([PortFrame.data, 0, 0, 0, 0]);
    head.writeUInt32BE(LARGEST_PORT_FRAME + 1, 1);
    expect(() => new PortFrameReader(() => undefined).push(head)).toThrow(/opened anew/);
  });

  it('carries a request with its id', () => {
    let seen: unknown;
    new PortFrameReader((type, payload) => {
      seen = { type, id: Buffer.from(payload).readUInt32BE(0), body: portBody(payload.subarray(4)) };
    }).push(portMessage(PortFrame.request, 7, { op: 'break', ms: 250 }));
    expect(seen).toEqual({ type: PortFrame.request, id: 7, body: { op: 'break', ms: 250 } });
    expect(() => portBody(Buffer.from('nonsense'))).toThrow(/no JSON/);
    expect(() => portBody(Buffer.from('1'))).toThrow(/no object/);
  });
});
