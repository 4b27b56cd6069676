import type { Log } from '@smx-edge/model';
import type { PowerQualityEvent } from '@smx-edge/protocols/power-quality';
import { Doubts } from './doubts.js';

it('logs a line a minute at most, with how many there were', () => {
  const lines: unknown[] = [];
  const log = { info: (_text: string, data: { doubts: number }) => lines.push(data.doubts) } as unknown as Log;
  let now = 1_800_000_000_000;
  const doubts = new Doubts({ log, now: () => now });
  const event = { kind: 'dip' } as PowerQualityEvent;
  doubts.add(event);
  for (let n = 0; n < 119; n++, now += 500) doubts.add(event);
  expect(lines).toEqual([1]);
  now += 60_000;
  doubts.add(event);
  expect(lines).toEqual([1, 120]);
  // a clock that was set back an hour silences nothing
  now -= 3_600_000;
  doubts.add(event);
  expect(lines).toEqual([1, 120, 1]);
});
