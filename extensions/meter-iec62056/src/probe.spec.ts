import type { DiscoverStep } from '@smx-edge/extension-api';
import { VirtualClock } from '@smx-edge/model';
import { encodeBlock, encodeIdentification, withEvenParity, type ServerOptions } from '@smx-edge/protocols/iec62056-21';
import { pass, toolsOn, VirtualLine } from '../test-support/virtual-line.js';
import { discover } from './probe.js';

/** What takes minutes on a real line, in time that passes when it is told to. */
const SETS = Array.from({ length: 100 }, (_, i) => `1.8.${i}(${String(i).padStart(6, '0')}.28*kWh)`);
const READOUT = `0.0.0(53078125)\r\n${SETS.join('\r\n')}\r\n!\r\n`;
const slow = (speed: string, mode: 'A' | 'B' | 'C'): Partial<ServerOptions> => ({
  ...{ identification: { manufacturer: 'LGZ', speed, escapes: [], text: 'SLOW' }, mode, baud: 300 },
  readout: () => READOUT,
});

interface Told {
  readonly steps: readonly DiscoverStep[];
  /** ms. */
  readonly took: number;
}

/** Discovers what is on a line; `spoil` may make a fault of it. */
async function discovered(meter: Partial<ServerOptions>, stall?: { at: number; by: number }): Promise<Told> {
  const clock = new VirtualClock();
  const line = new VirtualLine({ clock, meters: [meter], ...(stall && { stall: { way: 'toReader', ...stall } }) });
  const steps: DiscoverStep[] = [];
  let isOver = false;
  void (async () => {
    for await (const step of discover('serial:/dev/ttyS9', toolsOn(line, clock), clock)) steps.push(step);
    isOver = true;
  })();
  await pass(clock, () => isOver);
  return { steps, took: clock.monotonic() };
}

const found = ({ steps }: Told): readonly unknown[] =>
  (steps.at(-1)?.found?.data as { addresses?: readonly unknown[] } | undefined)?.addresses ?? [];

describe('a meter that stays at 300 baud', () => {
  it.each([
    ['A', ' '],
    ['C', '0'],
    ['B', '0'],
  ] as const)('(mode %s, %j) is read out to its end, however long, and how far it is is told', async (mode, speed) => {
    const told = await discovered(slow(speed, mode));
    // as many bytes at 30 a second
    expect(told.took).toBeGreaterThan((READOUT.length * 1000) / 30);
    expect(found(told)).toEqual(['0.0.0', ...SETS.map((_, i) => `1.8.${i}`)]);
    expect(told.steps.at(-1)!.found!.title).toContain('53078125');
    const progress = told.steps.map((step) => step.progress!);
    expect(progress.length).toBeGreaterThan(10);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(told.steps.filter(({ text }) => /LGZ SLOW reads out: \d+ characters so far, (29|30) a second/.test(text ?? '')).length).toBeGreaterThan(10); // prettier-ignore
  });

  it('and stops in the midst of it is told as found, without addresses, once the line is silent', async () => {
    const told = await discovered(slow(' ', 'A'), { at: 900, by: 3_600_000 });
    expect(told.steps.at(-1)!.found!.title).toContain('did not come whole');
    expect(found(told)).toEqual([]);
    expect(told.took).toBeLessThan(120_000);
  });

  it('and never ends is left before whoever asked gives up', async () => {
    const told = await discovered({ ...slow(' ', 'A'), readout: () => `1.8.0(000001.28*kWh)\r\n`.repeat(2000) });
    expect(told.steps.at(-1)!.found!.title).toContain('did not come whole');
    expect(told.took).toBeLessThan(15 * 60_000);
  });
});

describe('a line', () => {
  it('without anybody is given up, and listened to', async () => {
    const told = await discovered({ ...slow(' ', 'A'), mode: 'D' });
    expect(told.steps.at(-1)!.text).toContain('No meter answers');
    expect(told.took).toBeLessThan(90_000);
  });

  it('on which telegrams come unasked is heard to the end of one, though it began in the midst of another', async () => {
    const clock = new VirtualClock();
    const line = new VirtualLine({ clock, meters: [{ mode: 'D' }] });
    const bytes = withEvenParity(Buffer.concat([encodeIdentification({ manufacturer: 'KAM', speed: '3', escapes: [], text: 'MC' }), encodeBlock(READOUT.slice(0, 400))])); // prettier-ignore
    const steps: DiscoverStep[] = [];
    let isOver = false;
    void (async () => {
      for await (const step of discover('serial:/dev/ttyS9?baud=2400', toolsOn(line, clock), clock)) steps.push(step);
      isOver = true;
    })();
    line.say(bytes.subarray(100), { baud: 2400, endless: bytes });
    await pass(clock, () => isOver);
    expect(steps.at(-1)!.found).toMatchObject({ config: { mode: 'D' }, data: { manufacturer: 'KAM' } });
  }, 240_000);
});
