import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf, LineHarness, nextText, until } from '../../test-support/line-harness.js';
import { CaptureWriter, readCapture } from './capture.js';
import type { Line } from './types.js';

describe('file line', () => {
  let dir: string;
  let harness: LineHarness;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'smx-file-'));
    harness = new LineHarness();
  });
  afterEach(async () => {
    await harness.done();
    rmSync(dir, { recursive: true, force: true });
  });

  function write(name: string, content: string | Uint8Array): string {
    const path = join(dir, name);
    writeFileSync(path, content);
    return path;
  }

  function capture(records: readonly (readonly [number, 'in' | 'out' | 'gap', string])[]): string {
    const writer = new CaptureWriter(0, 'serial:/dev/ttyUSB0');
    return write(
      'a.smx',
      writer.head() + records.map(([t, direction, text]) => writer.line(direction, Buffer.from(text), t)).join(''),
    );
  }

  /** The virtual time at which each chunk came, moving the clock in small steps. */
  async function times(line: Line, count: number): Promise<[number, string][]> {
    const got: [number, string][] = [];
    const reading = (async () => {
      while (got.length < count) got.push([-1, (await nextText(line)) ?? 'end']);
    })();
    for (let seen = 0; got.length < count;) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      for (; seen < got.length; seen++) got[seen]![0] = harness.clock.monotonic();
      if (seen < count) harness.clock.advance(100);
    }
    await reading;
    for (const one of got) if (one[0] < 0) one[0] = harness.clock.monotonic();
    return got;
  }

  it('replays a capture with its own timing, divided by the speed', async () => {
    const path = capture([
      [0, 'in', 'a'],
      [1000, 'in', 'b'],
      [3000, 'in', 'c'],
    ]);
    const slow = harness.open(`file:${path}`);
    await until('the start', () => slow.counters.chunks === 1);
    expect(await nextText(slow)).toBe('a');
    harness.clock.advance(999);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(slow.counters.chunks).toBe(1);
    harness.clock.advance(1);
    expect(await nextText(slow)).toBe('b');
    harness.clock.advance(2000);
    expect(await nextText(slow)).toBe('c');
    const fast = harness.open(`file:${path}?speed=10`);
    const [first, second, third] = await times(fast, 3);
    expect(second![0] - first![0]).toBeLessThanOrEqual(200);
    expect(third![0] - first![0]).toBeLessThanOrEqual(500);
    expect(third![0]).toBeGreaterThan(first![0]);
  });

  it('replays as fast as it is read, tells the gaps, and ends', async () => {
    const path = capture([
      [0, 'in', 'one'],
      [60_000, 'gap', ''],
      [99_000_000, 'in', 'two'],
    ]);
    const line = harness.open(`file:${path}?speed=max`);
    const seen: string[] = [];
    line.onGap((kind) => seen.push(kind));
    for await (const chunk of line) seen.push(Buffer.from(chunk).toString());
    expect(seen.slice(0, 3)).toEqual(['one', 'reconnect', 'two']);
    expect(line.state).toMatchObject({ status: 'closed', reason: 'ended' });
  });

  it('waits for the driver where the recorded one wrote, so that no answer comes before its question', async () => {
    const path = capture([
      [0, 'out', 'ask1'],
      [50, 'in', 'answer1'],
      [60, 'out', 'ask2'],
      [90, 'in', 'answer2'],
    ]);
    const line = harness.open(`file:${path}?speed=max`);
    await until('the opening', () => line.state.status === 'no-bytes');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(line.counters.chunks).toBe(0);
    await line.write(Buffer.from('ask1'));
    expect(await nextText(line)).toBe('answer1');
    await line.write(Buffer.from('ask2'));
    expect(await nextText(line)).toBe('answer2');
    expect(await nextText(line)).toBeUndefined();
  });

  it('does not wait for ever for a driver that writes less than the recorded one', async () => {
    const line = harness.open(
      `file:${capture([
        [0, 'out', 'ask'],
        [1, 'in', 'answer'],
      ])}?speed=max`,
    );
    await until('the opening', () => line.state.status === 'no-bytes');
    const reading = nextText(line);
    await until('the answer', () => {
      harness.clock.advance(1000);
      return line.counters.chunks === 1;
    });
    expect(await reading).toBe('answer');
    expect(harness.clock.monotonic()).toBeGreaterThanOrEqual(5000);
  });

  it('plays any other file as bytes at the pace of its baud rate', async () => {
    const bytes = Buffer.alloc(2000, 'smx');
    const path = write('raw.txt', bytes);
    const line = harness.open(`file:${path}?baud=9600`);
    const got = await times(line, 8);
    expect(got.map(([, text]) => text).join('')).toBe(bytes.toString());
    // 1792 bytes before the last chunk take 1867 ms at 960 bytes a second
    expect(got[7]![0] - got[0]![0]).toBeGreaterThanOrEqual(1700);
    const whole = harness.open(`file:${path}?speed=0`);
    const parts: string[] = [];
    for await (const chunk of whole) parts.push(Buffer.from(chunk).toString());
    expect(parts.join('')).toBe(bytes.toString());
  });

  it('is held back by a slow reader', async () => {
    const path = write('big.bin', Buffer.alloc(3_000_000, 1));
    const line = harness.open(`file:${path}?speed=max`, { buffer: 64 * 1024 });
    await until('the first bytes', () => line.counters.bytesIn > 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(line.counters.bytesIn).toBeLessThan(200_000);
    let read = 0;
    for await (const chunk of line) read += chunk.length;
    expect(read).toBe(3_000_000);
  });

  it('repeats where it is told to, and does not spin over an empty file', async () => {
    const line = harness.open(`file:${write('x', 'again')}?speed=max&loop=true`);
    for (let count = 0; count < 5; count++) expect(await nextText(line)).toBe('again');
    await line.close();
    const empty = harness.open(`file:${write('empty', '')}?speed=max&loop=true`);
    expect(await nextText(empty)).toBeUndefined();
  });

  it('says what is wrong with a file that cannot be read', async () => {
    const line = harness.open(`file:${join(dir, 'none')}`);
    expect(await nextText(line)).toBeUndefined();
    expect(line.state).toMatchObject({ status: 'closed', reason: 'absent' });
    expect(await codeOf(line.write(Buffer.from('x')))).toBe('SMX_TRANSPORT_CLOSED');
  });

  it('replays what a line recorded as the line had it', async () => {
    const path = capture([
      [0, 'in', 'first'],
      [500, 'in', 'second'],
    ]);
    const writer = new CaptureWriter(harness.clock.now(), 'file:a');
    let text = writer.head();
    const line = harness.open(`file:${path}?speed=max`, {
      record: (direction, bytes, t) => void (text += writer.line(direction, bytes, t)),
    });
    for await (const chunk of line) expect(chunk.length).toBeGreaterThan(0);
    expect(readCapture(Buffer.from(text)).records.map((one) => Buffer.from(one.bytes).toString())).toEqual([
      'first',
      'second',
      '',
    ]);
  });
});
