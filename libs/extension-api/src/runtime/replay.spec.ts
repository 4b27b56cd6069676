import { defineExtension } from '../define.js';
import { CaptureWriter, readCapture } from '../transports/capture.js';
import { replay } from './replay.js';

const BEGIN = Date.UTC(2026, 2, 1);

/** Asks each 10 s, and takes the answer for a number. */
const poller = defineExtension<{ source: string }>({
  async start(smx) {
    const device = smx.device('meter');
    device.point('power', { unit: 'W' });
    const line = smx.open(smx.config.source);
    let gaps = 0;
    line.onGap(() => gaps++);
    smx.every('10s', () => line.write(Buffer.from('?\n')));
    let text = '';
    for await (const chunk of line) {
      text += Buffer.from(chunk).toString();
      if (!text.endsWith('\n')) continue;
      device.set({ power: Number(text) });
      text = '';
    }
    smx.status('ok', `the line ended, ${gaps} gaps`);
  },
});

function capture(lines: [direction: 'in' | 'out' | 'gap', text: string, t: number][]): ReturnType<typeof readCapture> {
  const writer = new CaptureWriter(BEGIN, 'tcp://meter:1');
  const text = lines.map(([direction, bytes, t]) => writer.line(direction, Buffer.from(bytes), BEGIN + t)).join('');
  return readCapture(Buffer.from(writer.head() + text));
}

const DAY: Parameters<typeof capture>[0] = [
  ['out', '?\n', 10_000],
  ['in', '12', 10_100],
  ['in', '3\n', 10_150],
  ['gap', '', 15_000],
  ['out', '?\n', 20_000],
  ['in', '456\n', 20_100],
  ['in', '7\n', 86_400_000],
];

test('a driver sets from a capture what it set from the line, in the time of the capture, each time the same', async () => {
  const runs = [];
  for (let i = 0; i < 2; i++) {
    const at: [unknown, number][] = [];
    const { seen } = await replay(poller, {
      config: { source: 'tcp://meter:1' },
      capture: capture(DAY),
      onRest: ({ batches }, now) => {
        for (const batch of batches.splice(0)) for (const { value } of batch) at.push([value, now - BEGIN]);
      },
    });
    expect(seen.exceptions).toEqual([]);
    expect(seen.statuses.at(-1)?.text).toBe('the line ended, 2 gaps');
    expect(seen.stopped).toBe(true);
    runs.push(at);
  }
  expect(runs[0]!.map(([value]) => value)).toEqual([123, 456, 7]);
  expect(runs[0]![0]![1]).toBeGreaterThanOrEqual(10_150);
  expect(runs[0]![2]![1]).toBeGreaterThanOrEqual(86_400_000);
  expect(runs[1]).toEqual(runs[0]);
});

test('a start that throws, or opens no line, is told', async () => {
  const options = { config: {}, capture: capture(DAY) };
  const broken = defineExtension({
    start: () => {
      throw new RangeError('no such meter');
    },
  });
  await expect(replay(broken, options)).rejects.toMatchObject({ message: expect.stringContaining('no such meter') });
  await expect(replay(defineExtension({ start: () => undefined }), options)).rejects.toMatchObject({
    code: 'SMX_TRANSPORT_ABSENT',
  });
});
