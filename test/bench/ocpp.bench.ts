import { decodeFrame, Observer, peekFrame, Scheduler } from '@smx-edge/protocols/ocpp-j';
import { interleave } from '../conformance/support/ocpp-interleavings.js';
import { seeded } from '../faults/support/random.js';
import { medianOf, type Bench, type BenchRow } from './row.js';
import { cpuRate } from './support/cpu.js';

const ROUNDS = 5;
const INTERLEAVINGS = 100_000;
const MUTATIONS = 1_000_000;

type Row = BenchRow & { readonly better: 'more' | 'less' };

/** What a station with three phases sends all the time: 1.1 kB. */
const METER_VALUES = Buffer.from(
  JSON.stringify([
    ...[2, '0f6b2c1e-5a0d-4f0b-9a51-6f2f6a1c7e01', 'MeterValues'],
    {
      ...{ connectorId: 1, transactionId: 7 },
      meterValue: [
        {
          timestamp: '2026-03-01T10:00:00Z',
          sampledValue: [
            sample('Energy.Active.Import.Register', 'Wh'),
            sample('Power.Active.Import', 'W'),
            ...['L1', 'L2', 'L3'].flatMap((phase) => [
              sample('Current.Import', 'A', phase),
              sample('Voltage', 'V', phase),
            ]),
          ],
        },
      ],
    },
  ]),
);
const ANSWER = Buffer.from('[3,"0f6b2c1e-5a0d-4f0b-9a51-6f2f6a1c7e01",{}]');

function sample(measurand: string, unit: string, phase?: string): object {
  return { value: '231.5', context: 'Sample.Periodic', measurand, ...(phase && { phase }), location: 'Outlet', unit };
}

/** The least that a reader of the whole frame does. */
const bare = (): unknown => JSON.parse(METER_VALUES.toString());

function peek(): void {
  if (peekFrame(METER_VALUES)?.action !== 'MeterValues' || peekFrame(ANSWER)?.kind !== 'result')
    throw new Error('a head was read wrong');
}

function observe(observer: Observer): void {
  const [told] = observer.fromChargePoint(METER_VALUES);
  if (told?.kind !== 'values' || told.readings.length !== 8) throw new Error('values are missing');
}

/** A CALL of the charge point and its answer, as they pass. */
function exchange(scheduler: Scheduler<Buffer>): void {
  const up = scheduler.fromChargePoint(METER_VALUES, peekFrame(METER_VALUES), 0);
  const down = scheduler.fromBackEnd(ANSWER, peekFrame(ANSWER), 0);
  if (up.toBackEnd.length + down.toChargePoint.length !== 2) throw new Error('a frame did not pass');
}

/** Of frames with up to three other bytes those that throw, or whose parts are none. */
function mutate(): number {
  const random = seeded(9);
  const below = (n: number): number => Math.floor(random() * n);
  const observers = [new Observer('1.6'), new Observer('2.0.1'), new Observer('2.1')];
  let escaped = 0;
  for (let n = 0; n < MUTATIONS; n++) {
    const frame = Buffer.from(n % 4 === 0 ? ANSWER : METER_VALUES);
    // most of them in the head, where the spelling counts
    for (let k = below(3); k >= 0; k--) frame[below(below(2) === 0 ? 60 : frame.length)] = below(256);
    try {
      const head = peekFrame(frame);
      const whole = n % 8 === 0 ? decodeFrame(frame) : undefined;
      if (whole && (whole.id !== head?.id || whole.kind !== head.kind)) escaped++;
      for (const told of n % 8 === 0 ? observers[n % 3]!.fromChargePoint(frame) : [])
        if (told.kind === 'values') for (const { value } of told.readings) if (value !== null && !Number.isFinite(value)) escaped++; // prettier-ignore
    } catch {
      escaped++;
    }
  }
  return escaped;
}

async function run(): Promise<readonly Row[]> {
  const limit = await medianOf(ROUNDS, () => cpuRate(bare));
  const observer = new Observer('1.6');
  const scheduler = new Scheduler<Buffer>();
  const heads = (await medianOf(ROUNDS, () => cpuRate(peek))) * 2;
  const observed = await medianOf(ROUNDS, () => cpuRate(() => observe(observer)));
  const exchanged = await medianOf(ROUNDS, () => cpuRate(() => exchange(scheduler)));
  const { faults } = interleave(() => new Scheduler(), INTERLEAVINGS, 1);
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  const name = (what: string): string => `OCPP: ${what}`;
  const alone = { limit: null, better: 'less' } as const;
  return [
    {
      name: name('heads of frames without a parse, beside JSON.parse of a MeterValues'),
      ...{ figure: heads, unit: 'frames/s', target: 1_000_000, limit, better: 'more' },
    },
    {
      name: name('MeterValues of 1.1 kB to readings, beside JSON.parse of it'),
      ...{ figure: observed, unit: 'frames/s', target: 20_000, limit, better: 'more' },
    },
    {
      name: name('calls with their answers through the turns at a charge point, heads included'),
      ...{ figure: exchanged, unit: 'calls/s', target: 250_000, limit: null, better: 'more' },
    },
    {
      name: name('of 100 000 interleavings of injected and back-end calls, faults'),
      ...{ figure: faults.length, unit: '', target: 0, ...alone },
    },
    {
      name: name('of 10⁶ mutated frames, those that throw or tell wrong'),
      figure: mutate(),
      unit: '',
      target: 0,
      ...alone,
    },
  ];
}

export const bench: Bench = { name: 'ocpp', run };
