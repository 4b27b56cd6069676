import fc from 'fast-check';
import { frame, publishFrame, subscribeFrame } from '../test-support/raw-client.js';
import { FrameScanner } from './frame-scanner.js';

const LIMIT = 1000;

/** Feeds a copy of `bytes` in the given pieces; gives the bytes as they came out, and the fault. */
function feed(bytes: Buffer, cuts: readonly number[]): { out: Buffer; fault: string | undefined; packets: number } {
  const scanner = new FrameScanner();
  const out = Buffer.from(bytes);
  let from = 0;
  let fault: string | undefined;
  for (const cut of [...cuts.map((c) => c % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    fault ??= scanner.scan(out.subarray(from, cut), LIMIT);
    from = cut;
  }
  return { out, fault, packets: scanner.packets };
}

describe('the frame scanner', () => {
  const filters = fc.array(fc.tuple(fc.string({ maxLength: 12 }), fc.integer({ min: 0, max: 2 })), {
    minLength: 1,
    maxLength: 5,
  });

  it('lowers QoS 2 of subscriptions to 1, touches nothing else, wherever the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(filters, fc.uint8Array({ maxLength: 300 })), { maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 10 }),
        (messages, cuts) => {
          const encode = (lower: boolean): Buffer =>
            Buffer.concat(
              messages.map((message) =>
                message instanceof Uint8Array
                  ? publishFrame('a/b', Buffer.from(message), { qos: 1 })
                  : subscribeFrame(
                      258,
                      message.map(([filter, qos]) => [filter, lower ? Math.min(1, qos) : qos] as const),
                    ),
              ),
            );
          const { out, fault, packets } = feed(encode(false), cuts);
          expect(fault).toBeUndefined();
          expect(packets).toBe(messages.length);
          expect(out.equals(encode(true))).toBe(true);
        },
      ),
    );
  });

  it('finds an oversize packet by its header, before its body came', () => {
    expect(new FrameScanner().scan(publishFrame('a', Buffer.alloc(LIMIT)).subarray(0, 4), LIMIT)).toContain('1000');
    expect(new FrameScanner().scan(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]), LIMIT)).toContain('1000');
    expect(new FrameScanner().scan(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80]), LIMIT)).toContain('four');
    expect(new FrameScanner().scan(frame(0x30, Buffer.alloc(LIMIT)), LIMIT)).toBeUndefined();
  });

  it('does not throw on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat(), { maxLength: 5 }), (bytes, cuts) => {
        feed(Buffer.from(bytes), cuts);
      }),
    );
  });
});
