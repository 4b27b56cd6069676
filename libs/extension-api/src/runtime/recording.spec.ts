import { VirtualClock } from '@smx-edge/model';
import type { ToHost } from '../wire.js';
import { Recording } from './recording.js';

const sent: ToHost[] = [];
const channel = {
  send: (message: ToHost) => void sent.push(message),
  congested: false,
  onDrain: () => undefined,
  onMessage: () => undefined,
};
const KIB = Buffer.alloc(1024);

let clock: VirtualClock;
let recording: Recording;
beforeEach(() => {
  sent.length = 0;
  clock = new VirtualClock();
  recording = new Recording({ channel, clock });
});

/** So many KiB a second for so many seconds; KiB that went to the host. */
function flow(kib: number, seconds: number): number {
  for (let s = 0; s < seconds; s++) {
    clock.advance(1000);
    for (let k = 0; k < kib; k++) recording.take('in', KIB, clock.now());
  }
  return sent.filter(([kind]) => kind === 'bytes').length;
}

it('takes 64 KiB a second of a line and tells what it lost, and as much as the line allows where it says', () => {
  recording.begin(1);
  expect(flow(117, 20)).toBeLessThan(20 * 80);
  expect(sent.some((message) => message[0] === 'bytes' && message[5] > 0)).toBe(true);
  sent.length = 0;
  recording.limit(2, { rate: 256 * 1024 });
  recording.begin(2);
  expect(flow(117, 20)).toBe(20 * 117);
  expect(sent.every((message) => message[0] === 'bytes' && message[5] === 0)).toBe(true);
});

it('ends with what it may hold, never above, and says what to do', () => {
  recording.limit(3, { rate: 1 << 20, max: 10 * 1024 + 5, hint: 'raise it' });
  recording.begin(3);
  expect(flow(100, 1)).toBe(10);
  expect(sent.at(-1)).toEqual(['recorded', 3, 'it holds the 10245 bytes that it may: raise it']);
  expect(flow(100, 1)).toBe(10);
  // another one begins at nought
  recording.begin(3);
  expect(flow(5, 1)).toBe(15);
});

it('of a line that may not be recorded takes nothing', () => {
  recording.limit(4, { max: 0, hint: 'allow it' });
  recording.begin(4);
  expect(flow(10, 1)).toBe(0);
  expect(sent).toEqual([['recorded', 4, 'this line may not be recorded: allow it']]);
});
