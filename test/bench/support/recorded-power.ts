import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { EnergySeries, type Device } from '@smx-edge/extension-api';
import { silentLog, VirtualClock, type PointValue } from '@smx-edge/model';

/** 59 h of a house with a hybrid and its meter, a row about each minute, by the clock of who received it. */
const SERIES = resolve('../shared/data/fronius/series/symo-hybrid_60s_2016-10-05.csv');
const COLUMNS = [
  'timestamp',
  'meter_PowerReal_P_Sum',
  'meter_EnergyReal_WAC_Sum_Consumed',
  'meter_EnergyReal_WAC_Sum_Produced',
];

export const hasRecordedPower = (): boolean => existsSync(SERIES);

interface Row {
  /** ms UTC. */
  readonly t: number;
  /** W. */
  readonly power: number;
  /** Counters of the meter, Wh. */
  readonly consumed: number;
  readonly produced: number;
}

/** What the integral of the recorded power is off from what the meter counted meanwhile. */
export interface Deviation {
  /** Of A+, and of A+ − A−, %. */
  readonly consumed: number;
  readonly net: number;
  /** Of A−, Wh: it is so small in this recording that a share says nothing. */
  readonly produced: number;
  /** Of the time, %. */
  readonly coverage: number;
  readonly samples: number;
}

function rows(): Row[] {
  const [head, ...lines] = readFileSync(SERIES, 'utf8').trim().split(/\r?\n/);
  const columns = COLUMNS.map((name) => head!.split(',').indexOf(name));
  return lines.map((line) => {
    const cells = line.split(',');
    const [seconds, power, consumed, produced] = columns.map((column) => Number(cells[column])) as [
      number,
      number,
      number,
      number,
    ];
    return { t: Math.round(seconds * 1000), power, consumed, produced };
  });
}

/** Integrates the recorded power as an extension does and compares. */
export async function integrateRecorded(): Promise<Deviation> {
  const all = rows();
  const [first, last] = [all[0]!, all.at(-1)!];
  const clock = new VirtualClock(first.t);
  const shown: Record<string, PointValue> = {};
  const device = {
    name: 'pcc',
    point: () => undefined,
    set: (values: Record<string, PointValue>) => void Object.assign(shown, values),
  } as unknown as Device;
  const box = {
    ...{ log: silentLog, every: () => ({ dispose: () => undefined }), onStop: () => undefined },
    state: { get: () => Promise.resolve(undefined), set: () => Promise.resolve() },
  };
  const paths = { positive: 'energy/active/import', negative: 'energy/active/export' };
  const series = await EnergySeries.open(box, device, { ...paths, period: '60s', clock });
  for (const { t, power } of all) {
    clock.advance(t - clock.now());
    series.take(power);
  }
  await series.keep();
  const [consumed, produced] = [shown[paths.positive] as number, shown[paths.negative] as number];
  const counted = { consumed: last.consumed - first.consumed, produced: last.produced - first.produced };
  const net = counted.consumed - counted.produced;
  return {
    consumed: (consumed / counted.consumed - 1) * 100,
    net: ((consumed - produced) / net - 1) * 100,
    produced: produced - counted.produced,
    coverage: shown['energy/active/coverage'] as number,
    samples: all.length,
  };
}
