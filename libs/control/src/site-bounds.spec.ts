import { LiveTable } from '@smx-edge/datastore';
import { SampleBatch, VirtualClock, type PointDefinition } from '@smx-edge/model';
import { EVERYTHING, type Interval } from './interval.js';
import { SiteBounds } from './site-bounds.js';
import type { SiteLimits } from './site-limits.js';

const SET = 'battery/power/setpoint';
const SOC = 'battery/soc';

let clock: VirtualClock;
let live: LiveTable;
let bounds: SiteBounds;
let changed: string[];
let envelope: Interval;

function open(limits: SiteLimits): void {
  clock = new VirtualClock(Date.UTC(2026, 0, 1));
  live = new LiveTable({ clock });
  changed = [];
  envelope = EVERYTHING;
  const point = (path: string, unit: string, kind: PointDefinition['kind']): void => {
    const device = path.split('/')[0]!;
    const setpoint = kind === 'setpoint' ? { setpoint: { min: -5000, max: 5000, default: 0 } } : {};
    live.declare({ path, device, instance: device, unit, type: 'number', kind, maxAge: 10_000, ...setpoint });
  };
  point(SET, 'W', 'setpoint');
  point('battery/power/charge-limit', 'W', 'setpoint');
  point(SOC, '%', 'measurement');
  point('ev1/current/limit', 'A', 'setpoint');
  point('pv/power/limit', 'W', 'setpoint');
  point('er/battery/power/setpoint', 'W', 'setpoint');
  point('er/pv/power/setpoint', 'W', 'setpoint');
  point('er/battery/soc', '%', 'measurement');
  bounds = new SiteBounds({
    ...{
      live,
      limits,
      clock,
      envelope: {
        get bounds() {
          return envelope;
        },
      },
    },
    told: () => undefined,
    changed: (path) => changed.push(path),
  });
}

afterEach(() => {
  bounds.close();
  live.close();
});

function charged(percent: number, soc = SOC): void {
  const batch = new SampleBatch(1);
  batch.clear(clock.now());
  batch.number[batch.add(live.handleOf(soc)!)] = percent;
  live.ingest(batch);
}

const of = (path: string): Interval => bounds.of(live.definition(live.handleOf(path)!)).hard;

test('the connection bounds every set-point in watts, and no other', () => {
  open({ import: 9200, export: 5000 });
  expect(of(SET)).toEqual({ min: -5000, max: 9200 });
  expect(of('pv/power/limit')).toEqual({ min: -5000, max: 9200 });
  expect(of('ev1/current/limit')).toEqual(EVERYTHING);
  envelope = { min: -1000, max: 2000 };
  expect(bounds.of(live.definition(live.handleOf(SET)!)).envelope).toEqual(envelope);
  bounds.revise();
  expect(changed.sort()).toEqual([
    'battery/power/charge-limit',
    SET,
    'er/battery/power/setpoint',
    'er/pv/power/setpoint',
    'pv/power/limit',
  ]);
});

describe('the window of a store', () => {
  test.each([
    [5, { min: 0, max: 9200 }],
    [10, { min: 0, max: 9200 }],
    [50, { min: -5000, max: 9200 }],
    [95, { min: -5000, max: 0 }],
    [100, { min: -5000, max: 0 }],
  ])('at %d %% lets commands lead only inwards', (percent, allowed) => {
    open({ import: 9200, export: 5000, soc: [10, 95] });
    charged(percent);
    expect(of(SET)).toMatchObject(allowed);
  });

  test('lets nothing move a store whose state of charge is unknown or grows stale', () => {
    open({ soc: [10, 95] });
    expect(of(SET)).toEqual({ min: 0, max: 0 });
    charged(50);
    expect(of(SET)).toEqual(EVERYTHING);
    clock.advance(10_001);
    expect(of(SET)).toEqual({ min: 0, max: 0 });
    expect(changed).toContain(SET);
  });

  test('tells of a change once, at the edge, and for the set-points of that store only', () => {
    open({ soc: [10, 95] });
    charged(50);
    changed = [];
    charged(60);
    expect(changed).toEqual([]);
    charged(95);
    expect(changed.sort()).toEqual(['battery/power/charge-limit', SET]);
    changed = [];
    charged(96);
    expect(changed).toEqual([]);
    charged(94);
    expect(changed).toContain(SET);
  });

  test('bounds a store that is a part of its device, and not the parts beside it', () => {
    open({ soc: [10, 95] });
    charged(50);
    charged(97, 'er/battery/soc');
    expect(of('er/battery/power/setpoint')).toEqual({ min: -Infinity, max: 0 });
    expect(of('er/pv/power/setpoint')).toEqual(EVERYTHING);
    expect(of(SET)).toEqual(EVERYTHING);
    changed = [];
    charged(94, 'er/battery/soc');
    expect(changed).toEqual(['er/battery/power/setpoint']);
  });

  test('does not bind what only limits', () => {
    open({ soc: [10, 95] });
    charged(95);
    expect(of('battery/power/charge-limit')).toEqual(EVERYTHING);
  });
});
