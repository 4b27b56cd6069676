import { Gate, parseRoles } from '@smx-edge/access';
import { LiveTable } from '@smx-edge/datastore';
import { silentLog, VirtualClock, Zone, type PointDefinition } from '@smx-edge/model';
import type { Circumstances } from '../src/check.js';
import { judgedCommand } from '../src/judge.js';
import { stageOf } from '../src/record.js';
import type { CommandWish } from '../src/wish.js';
import { World } from './world.js';

/** Noon in Rome, a working day of the grants below. */
const NOON = Date.UTC(2026, 5, 1, 10);
const SET = 'battery/power/setpoint';

const command = (more: object = {}): object => ({
  command: [SET],
  between: [-1000, 2000],
  lease: '15m',
  priority: 40,
  ...more,
});
/** Who may command the set-point at noon, and who may not. */
const ROLES: Readonly<Record<string, readonly [allowed: boolean, role: object]>> = {
  allowed: [true, { grants: [command()] }],
  byfilter: [true, { grants: [command({ command: ['battery/power/+'] })] }],
  inhours: [true, { grants: [command({ 'between-hours': ['06:00', '22:00'] })] }],
  nobody: [false, { grants: [] }],
  reader: [false, { grants: [{ read: ['#'] }, { history: ['#'] }, { events: ['#'] }] }],
  caller: [false, { grants: [{ call: ['#'] }, { manage: ['#'] }] }],
  elsewhere: [false, { grants: [command({ command: ['heat/power/limit'] })] }],
  above: [false, { grants: [command({ command: ['battery/power'] })] }],
  below: [false, { grants: [command({ command: [`${SET}/x`] })] }],
  prefix: [false, { grants: [command({ command: ['battery/power/set'] })] }],
  past: [false, { grants: [command({ until: '2026-06-01T09:59:59Z' })] }],
  future: [false, { grants: [command({ from: '2026-06-01T10:00:01Z' })] }],
  night: [false, { grants: [command({ 'between-hours': ['22:00', '06:00'] })] }],
  nothing: [false, { grants: [command({ between: [6000, 7000] })] }],
  dso: [false, { authority: 'dso', grants: [{ read: ['battery/#'] }] }],
  emergency: [false, { authority: 'emergency', grants: [command({ command: ['grid/#'] })] }],
};
const POINTS: readonly (readonly [allowed: boolean, path: string])[] = [
  [true, SET],
  [false, 'battery/power'],
  [false, 'battery/soc'],
  [false, 'pv/power/limit'],
  [false, 'off/power/setpoint'],
  [false, 'away/power/setpoint'],
  [false, 'box/limit/import'],
  [false, 'battery/power/setpoin'],
  [false, '#'],
  [false, 'battery/power/+'],
  [false, ''],
];
type Part = readonly [allowed: boolean, wish: Partial<Record<keyof CommandWish, unknown>>];
const VALUES: readonly Part[] = [
  ...[-1000, 2000].map((value): Part => [true, { value }]),
  ...[-1000.001, 2000.001, '100', true, null].map((value): Part => [false, { value }]),
  [true, { min: -100, max: 100 }],
  [false, { min: -1001 }],
  [false, { max: 2001 }],
];
const WINDOWS: readonly Part[] = [
  [true, { for: 900_000 }],
  [true, { until: NOON + 900_000 }],
  [false, { for: 900_001 }],
  [false, { until: NOON + 900_001 }],
  [false, { until: NOON }],
  [false, {}],
  [false, { for: 1000, t: NOON - 60_001 }],
  [false, { for: 1000, t: NOON + 60_001 }],
  [false, { for: 1000, t: NOON - 1000 }],
];
const PRIORITIES: readonly Part[] = [
  [true, {}],
  [false, { priority: 41 }],
  [false, { priority: 100 }],
];

function open(): { gate: Gate; live: LiveTable } {
  const clock = new VirtualClock(NOON);
  const live = new LiveTable({ clock });
  const history = {
    async *history(): AsyncGenerator<never[]> {
      yield* [];
    },
  };
  const gate = new Gate({
    live,
    clock,
    zone: new Zone('Europe/Rome'),
    history,
    ledger: { append: () => undefined },
    log: silentLog,
  });
  const roles = Object.fromEntries(Object.entries(ROLES).map(([name, [, role]]) => [name, role]));
  gate.setRoles(parseRoles({ roles }));
  for (const name of Object.keys(ROLES)) gate.putPrincipal({ name, kind: 'token', role: name, created: 0 });
  const declare = (path: string, kind: PointDefinition['kind']): void => {
    const setpoint = kind === 'setpoint' ? { setpoint: { min: -5000, max: 5000, default: 0 } } : {};
    const device = path.split('/')[0]!;
    live.declare({ path, device, instance: device, unit: 'W', type: 'number', kind, maxAge: 0, ...setpoint });
  };
  for (const path of [SET, 'pv/power/limit', 'off/power/setpoint', 'away/power/setpoint', 'box/limit/import'])
    declare(path, 'setpoint');
  for (const path of ['battery/power', 'battery/soc']) declare(path, 'measurement');
  return { gate, live };
}

export interface Cells {
  /** Cells in which a part is not granted, and in which all are. */
  readonly denied: number;
  readonly granted: number;
  /** What was accepted though denied, or refused though granted. */
  readonly wrong: readonly unknown[];
  /** Denied commands that came to the device. */
  readonly executed: number;
}

/** Gives a command in every cell of principal × point × value × window × priority, and to the device what is denied. */
export function negativeCells(): Cells {
  const { gate, live } = open();
  const world = new World();
  world.definition = { ...world.definition, setpoint: { ...world.definition.setpoint, interval: 0 } };
  const at: Circumstances = {
    ...{ live, now: NOON, clock: 'ok', controlled: (instance) => instance !== 'off' },
    reachable: (point) => !point.startsWith('away/'),
  };
  const wrong: unknown[] = [];
  let denied = 0;
  let granted = 0;
  for (const [name, [who]] of Object.entries(ROLES)) {
    world.party(name);
    for (const [where, point] of POINTS)
      for (const [what, value] of VALUES) {
        world.pass(10);
        for (const [when, window] of WINDOWS)
          for (const [rank, priority] of PRIORITIES) {
            const allowed = who && where && what && when && rank;
            const wish = { id: `${denied}-${granted}`, point, ...value, ...window, ...priority } as CommandWish & {
              id: string;
            };
            const record = judgedCommand(gate.require(name), wish, { at });
            const state = stageOf(record).state;
            if (allowed) granted++;
            else denied++;
            if ((state === 'accepted') !== allowed) wrong.push({ name, wish, state });
            if (!allowed) world.arbiter.take(record, () => undefined);
          }
      }
  }
  world.pass(60_000);
  gate.close();
  live.close();
  return { denied, granted, wrong, executed: world.device.writes.length };
}
