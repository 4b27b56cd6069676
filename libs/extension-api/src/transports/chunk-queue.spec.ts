import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { ChunkQueue } from './chunk-queue.js';

function queueOf(limit: number): { queue: ChunkQueue; seen: string[] } {
  const seen: string[] = [];
  const queue = new ChunkQueue({
    limit,
    onGap: (kind) => void seen.push(`gap ${kind}`),
    onFull: () => void seen.push('full'),
    onRoom: () => void seen.push('room'),
  });
  return { queue, seen };
}

const chunk = (value: number, length = 1): Uint8Array => new Uint8Array(length).fill(value);

describe('ChunkQueue', () => {
  it('asks for a halt at the bound and for more at half of it, each once', async () => {
    const { queue, seen } = queueOf(2000);
    for (let index = 0; index < 20; index++) queue.push(chunk(index));
    expect(seen).toEqual(['full']);
    for (let index = 0; index < 20; index++) expect((await queue.next()).value).toEqual(chunk(index));
    expect(seen).toEqual(['full', 'room']);
  });

  it('counts single bytes as more than their size', () => {
    const { queue, seen } = queueOf(256 * 1024);
    for (let index = 0; index < 3000; index++) queue.push(chunk(1));
    expect(seen).toEqual(['full']);
  });

  it('tells a gap where it stands in the stream, to a slow and to a waiting reader', async () => {
    const { queue, seen } = queueOf(1000);
    queue.push(chunk(1));
    queue.gap('reconnect');
    queue.gap('reconnect');
    queue.push(chunk(2));
    expect((await queue.next()).value).toEqual(chunk(1));
    expect(seen).toEqual([]);
    expect((await queue.next()).value).toEqual(chunk(2));
    expect(seen).toEqual(['gap reconnect']);
    const waiting = queue.next();
    queue.gap('reconnect');
    expect(seen).toEqual(['gap reconnect', 'gap reconnect']);
    queue.push(chunk(3));
    expect((await waiting).value).toEqual(chunk(3));
  });

  it('gives what is left after its end, then ends, also for who waits', async () => {
    const { queue } = queueOf(1000);
    queue.push(chunk(1));
    queue.end();
    expect((await queue.next()).value).toEqual(chunk(1));
    expect((await queue.next()).done).toBe(true);
    const other = queueOf(1000).queue;
    const waiting = other.next();
    other.end();
    expect((await waiting).done).toBe(true);
  });

  it('holds on to nothing that was taken, though it never runs empty', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const { queue } = queueOf(256 * 1024);
    const taken: WeakRef<object>[] = [];
    queue.push(chunk(0, 64 * 1024));
    for (let index = 1; index < 100; index++) {
      queue.push(chunk(index, 64 * 1024));
      taken.push(new WeakRef((await queue.next()).value as object));
    }
    // what a turn looked at lives to its end
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    expect(taken.filter((ref) => ref.deref() !== undefined)).toEqual([]);
  });

  it('keeps order and the newest when it drops, and counts every chunk it drops', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.nat({ max: 300 }), fc.constant(-1)), { maxLength: 200 }), async (steps) => {
        const { queue } = queueOf(2000);
        const read: number[] = [];
        let pushed = 0;
        let dropped = 0;
        let waiting = 0;
        for (const step of steps) {
          if (step >= 0) {
            const lost = queue.pushBounded(chunk(pushed++ & 0xff, step + 1));
            dropped += lost;
            waiting += 1 - lost;
          } else if (waiting > 0) {
            read.push(((await queue.next()).value as Uint8Array)[0]!);
            waiting--;
          }
        }
        queue.end();
        for await (const left of queue) read.push(left[0]!);
        expect(read.length + dropped).toBe(pushed);
        if (dropped === 0) expect(read).toEqual(Array.from({ length: pushed }, (_, index) => index & 0xff));
        if (pushed > 0 && read.length > 0 && steps[steps.length - 1]! >= 0)
          expect(read[read.length - 1]).toBe((pushed - 1) & 0xff);
      }),
    );
  });
});
