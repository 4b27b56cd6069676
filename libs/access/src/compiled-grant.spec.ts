import { silentLog, VirtualClock, Zone, type PointDefinition } from '@smx-edge/model';
import fc from 'fast-check';
import { SmallHistory, SmallLedger, SmallLive } from '../test-support/small-live.js';
import { abilityFor, can } from './ability.js';
import { Gate } from './gate.js';
import { AREAS, UNCONDITIONAL, type Action, type Grant, type Role } from './role.js';

const zone = new Zone('Europe/Rome');
const HOUR = 3_600_000;

const segment = fc.constantFrom('pcc', 'power', 'voltage', 'l1', 'l1-l2', 'l', 'active', 'power-x', 'serial');
const path = fc.array(segment, { minLength: 2, maxLength: 4 }).map((parts) => parts.join('/'));
const filter = fc
  .tuple(
    fc.array(fc.oneof({ weight: 3, arbitrary: segment }, { weight: 2, arbitrary: fc.constant('+') }), { maxLength: 4 }),
    fc.boolean(),
  )
  .map(([parts, open]) => [...parts, ...(open || parts.length === 0 ? ['#'] : [])].join('/'));
const filters = fc.array(fc.oneof({ weight: 3, arbitrary: filter }, { weight: 1, arbitrary: path }), {
  minLength: 1,
  maxLength: 3,
});

/** Hours around clock changes and edges of grants; grants begin, end, open and close at some of them. */
const instants = [
  Date.UTC(2026, 2, 28, 23),
  Date.UTC(2026, 2, 29, 1),
  Date.UTC(2026, 2, 29, 20),
  Date.UTC(2026, 9, 24, 22),
  Date.UTC(2026, 9, 25, 0, 30),
  Date.UTC(2026, 9, 25, 1, 30),
  Date.UTC(2026, 9, 26, 5),
];
const instant = fc.constantFrom(...instants);
const quarter = fc.integer({ min: 0, max: 47 }).map((n) => n * (HOUR / 2));
const hours = fc
  .tuple(quarter, quarter)
  .filter(([from, to]) => from !== to)
  .map(([from, to]) => ({ from, to }));
const moment = instant.map((t) => ({ t, local: false }));

const grant: fc.Arbitrary<Grant> = fc
  .record(
    {
      read: filters,
      history: filters,
      command: filters,
      events: filters,
      profiles: filters,
      call: filters,
      manage: fc.array(fc.constantFrom(...AREAS, '#'), { minLength: 1, maxLength: 2 }),
      from: moment,
      until: moment,
      hours,
    },
    { requiredKeys: [] },
  )
  .map(({ from, until, hours: daily, ...actions }) => ({
    ...UNCONDITIONAL,
    actions,
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(daily === undefined ? {} : { hours: daily }),
  }));
const role: fc.Arbitrary<Role> = fc
  .array(grant, { maxLength: 6 })
  .map((grants) => ({ name: 'r', authority: 'controller', grants }));

const definition = fc.record({ path, alias: fc.option(path), personal: fc.boolean(), writable: fc.boolean() });
const time = fc
  .tuple(instant, fc.constantFrom(-HOUR, -1, 0, 1, 30_000, HOUR / 2, HOUR, 3 * HOUR))
  .map(([t, by]) => t + by);

function makeGate(clock: VirtualClock): { live: SmallLive; gate: Gate } {
  const live = new SmallLive(clock);
  const gate = new Gate({ live, clock, zone, history: new SmallHistory(), ledger: new SmallLedger(), log: silentLog });
  return { live, gate };
}

describe('compiled grants', () => {
  it('allow exactly what CASL allows, as time goes on by itself', async () => {
    let cases = 0;
    await fc.assert(
      fc.asyncProperty(
        role,
        fc.uniqueArray(definition, { minLength: 20, maxLength: 30, selector: (one) => one.path }),
        fc.array(time, { minLength: 4, maxLength: 8 }),
        async (one, points, times) => {
          const clock = new VirtualClock(times[0]! - 2000);
          const { live, gate } = makeGate(clock);
          const declare = ({ path: own, alias, personal, writable }: (typeof points)[number]): number =>
            live.declare(own, {
              personal,
              ...(alias === null || points.some((other) => other.path === alias) ? {} : { aliases: [alias] }),
              ...(writable ? { setpoint: {} } : {}),
            });
          const early = points.slice(0, 10).map(declare);
          gate.putPrincipal({ name: 'p', kind: 'token', role: 'r', created: 0 }, one);
          const handles = [...early, ...points.slice(10).map(declare)];
          const view = gate.view('p')!;
          for (const at of times) {
            clock.setWall(at - 1001);
            clock.advance(1001);
            const ability = abilityFor(one, at, zone);
            const wrong: string[] = [];
            const check = (action: Action, on: string | PointDefinition, compiled: boolean): void => {
              cases++;
              const truth = can(ability, action, on);
              if (truth === compiled) return;
              wrong.push(`${action} ${typeof on === 'string' ? on : on.path}: ${compiled}, CASL says ${truth}`);
            };
            const history = new Set((await view.history({ match: '#', from: 0, to: 1 })).map((given) => given.path));
            for (const handle of handles) {
              const point = live.definition(handle)!;
              check('read', point, view.canRead(handle));
              check('history', point, history.has(point.path));
              check('command', point, view.command(handle) !== undefined);
              check('events', point, view.seesEvent(point.path));
              check('profiles', point.path, view.seesProfile(point.path));
              const [instance, name, ...detail] = point.path.split('/');
              const isPersonal = point.personal === true;
              const how = detail.length === 0 ? { isPersonal } : { detail: detail.join('/'), isPersonal };
              check('call', { ...point, aliases: [] }, view.canCall(instance!, name!, how));
            }
            for (const area of AREAS) check('manage', area, view.canManage(area));
            check('events', 'pcc', view.seesEvent('pcc'));
            expect(wrong).toEqual([]);
            expect(view.points().map((given) => given.handle)).toEqual(
              handles.filter((handle) => view.canRead(handle)),
            );
          }
          gate.close();
        },
      ),
      { numRuns: 160 },
    );
    expect(cases).toBeGreaterThan(100_000);
    // on a busy machine
  }, 120_000);

  it.each([
    ['pcc/voltage/l1', 'pcc/voltage/l1-l2', false],
    ['pcc/voltage/+', 'pcc/voltage/l1-l2', true],
    ['pcc/volt/#', 'pcc/voltage/l1', false],
    ['pcc/power/#', 'pcc/power', true],
    ['pcc/power/+', 'pcc/power', false],
    ['+/power/#', 'pcc/power/active/import', true],
    ['+', 'pcc/power', false],
    ['#', 'pcc/power', true],
  ])('%s on %s: %s', (granted, on, expected) => {
    const { live, gate } = makeGate(new VirtualClock());
    const handle = live.declare(on);
    const grants = [{ ...UNCONDITIONAL, actions: { read: [granted] } }];
    gate.putPrincipal({ name: 'p', kind: 'token', role: 'r', created: 0 }, { name: 'r', authority: 'dso', grants });
    expect(gate.view('p')!.canRead(handle)).toBe(expected);
    gate.close();
  });
});
