import { VirtualClock, type Log } from '@smx-edge/model';
import { LineFault } from './fault.js';
import { LineStateKeeper } from './line-state.js';

const SOURCE = 'tcp://192.0.2.7:2001';

function keeperOf(): { keeper: LineStateKeeper; clock: VirtualClock; lines: [string, unknown][] } {
  const clock = new VirtualClock();
  const lines: [string, unknown][] = [];
  const told = (text: string, fields?: object): unknown => lines.push([text, (fields as { times?: number }).times]);
  const log: Log = { debug: () => undefined, info: told, warn: told, error: told };
  const connector = { label: SOURCE, connect: () => Promise.reject(new Error('unused')) };
  return { keeper: new LineStateKeeper(connector, { clock, log }), clock, lines };
}

const closed = new LineFault('closed', 'it closed');

it('a line that opens and closes all the time is told a few times, then once an hour with how often', () => {
  const { keeper, clock, lines } = keeperOf();
  const hour = (): void => {
    for (let second = 0; second < 3600; second++) {
      keeper.connected();
      clock.advance(500);
      keeper.lost(closed, clock.now() + 500);
      clock.advance(500);
    }
  };
  hour();
  expect(lines.length).toBeLessThan(15);
  lines.length = 0;
  hour();
  expect(lines.length).toBeLessThanOrEqual(2);
  expect(lines).toContainEqual(['it closed', expect.any(Number)]);
  // one that lasts is told again, and so is its end
  lines.length = 0;
  keeper.connected();
  clock.advance(120_000);
  keeper.lost(closed, undefined);
  keeper.connected();
  expect(lines).toEqual([
    ['it closed', undefined],
    ['line open', undefined],
  ]);
});
