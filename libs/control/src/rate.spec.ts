import { Gate, parseRoles } from '@smx-edge/access';
import { LiveTable } from '@smx-edge/datastore';
import { silentLog, VirtualClock, Zone } from '@smx-edge/model';
import { START, World } from '../test-support/world.js';
import { Grants } from './grants.js';
import { CommandRate } from './rate.js';

it('lets each party give ten commands at once and then one per second', () => {
  const clock = new VirtualClock(START);
  const rate = new CommandRate(clock);
  const burst = (): number[] => Array.from({ length: 11 }, () => rate.take('cloud'));
  expect(burst()).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  expect(rate.take('another')).toBe(0);
  clock.setWall(START + 3_600_000);
  expect(rate.take('cloud')).toBe(1);
  clock.advance(1000);
  expect([rate.take('cloud'), rate.take('cloud')]).toEqual([0, 1]);
});

it('lets a grant with max-rate give the next command to a set-point when its time is there', () => {
  const clock = new VirtualClock(START);
  const live = new LiveTable({ clock });
  const world = new World();
  world.party('cloud');
  live.declare(world.definition);
  const zone = new Zone('Europe/Rome');
  const history = { async *history() { yield* []; } }; // prettier-ignore
  const gate = new Gate({ live, clock, zone, history, ledger: { append: () => undefined }, log: silentLog });
  const grants = [{ command: [world.definition.path], lease: '15m', 'max-rate': '1/m' }];
  gate.setRoles(parseRoles({ roles: { cloud: { grants } } }));
  gate.putPrincipal({ name: 'cloud', kind: 'token', role: 'cloud', created: START });
  const view = gate.require('cloud');
  const grant = view.command(live.handleOf(world.definition.path)!)!;
  const guard = new Grants({ live, gate, open: () => [], ended: () => undefined });
  const record = world.send('cloud', { id: 'a' });
  guard.within(record, grant, clock.monotonic());
  guard.follow(view, record, clock.monotonic());
  clock.advance(59_999);
  expect(() => guard.within(record, grant, clock.monotonic())).toThrow('in 1 s');
  clock.advance(1);
  guard.within(record, grant, clock.monotonic());
  guard.close();
  gate.close();
});
