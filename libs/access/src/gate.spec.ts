import { BAD, GOOD, SampleBatch, STALE, type HistoryRow } from '@smx-edge/model';
import { allow, follow, reads, roleOf, smallGate, START } from '../test-support/small-gate.js';
import { BUILT_IN_ROLES, roleFromPermissions } from './built-in-roles.js';
import type { AskedAction, GrantedHistory, View } from './view.js';

const HOUR = 3_600_000;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function rowsOf(view: View, query: Parameters<View['history']>[0]): Promise<Record<string, HistoryRow[]>> {
  const found: Record<string, HistoryRow[]> = {};
  for (const { path, rows } of await view.history(query)) {
    found[path] = [];
    for await (const chunk of rows) found[path].push(...chunk);
  }
  return found;
}

describe('Gate', () => {
  it('gives nothing without a grant, and forgets nobody it should', () => {
    const { live, gate, party } = smallGate();
    const handle = live.declare('pcc/power');
    live.set(handle, 1);
    const view = party('nobody');
    expect(view.canRead(handle)).toBe(false);
    expect(view.canRead(4711)).toBe(false);
    expect(view.reading(handle)).toBeUndefined();
    expect(view.points()).toEqual([]);
    expect(gate.view('else')).toBeUndefined();
    expect(() => gate.require('else')).toThrow(/log in again/);
    gate.close();
  });

  it('tells subscribers exactly the granted readings that changed', () => {
    const { live, gate, party, clock } = smallGate();
    const [a, b, c] = ['pcc/power', 'pcc/voltage/l1', 'pv/power'].map((path) => live.declare(path)) as [
      number,
      number,
      number,
    ];
    const told: Record<string, number[]> = { dso: [], esco: [] };
    party('dso', reads('+/voltage/#')).subscribe((handles, n) => told['dso']!.push(...handles.subarray(0, n)));
    party('esco', reads('+/power')).subscribe((handles, n) => told['esco']!.push(...handles.subarray(0, n)));
    const batch = new SampleBatch(2);
    batch.clear(clock.now());
    for (const handle of [a, b, c]) batch.number[batch.add(handle)] = 5;
    live.ingest(batch);
    live.set(b, 6);
    expect(told).toEqual({ dso: [b, b], esco: [a, c] });
    gate.close();
  });

  it('goes on when a subscriber fails, and when one brings in samples itself', () => {
    const { live, gate, party } = smallGate();
    const [a, b] = [live.declare('pcc/power'), live.declare('box/load')];
    const view = party('esco', reads('#'));
    const seen: number[][] = [];
    view.subscribe(() => {
      throw new Error('broken exit');
    });
    view.subscribe((handles, n) => {
      if (handles[0] === a) live.set(b, 1);
      expect(n).toBe(1);
    });
    view.subscribe((handles, n) => seen.push([...handles.subarray(0, n)]));
    live.set(a, 1);
    expect(seen).toEqual([[b], [a]]);
    gate.close();
  });

  it('lets the finest of several grants hold', () => {
    const { live, gate, party } = smallGate();
    live.declare('pcc/power');
    const form = (...grants: Parameters<typeof party>[1][]): unknown => party('x', ...grants).points()[0];
    const minute = reads('#', { every: 60_000 });
    expect(form(minute, reads('pcc/#', { every: 10_000, as: 'max' }))).toMatchObject({ every: 10_000, as: 'max' });
    expect(form(minute, reads('#'))).toMatchObject({ every: 0 });
    expect(form(reads('#', { delay: 5000 }), minute)).toMatchObject({ every: 0, delay: 5000 });
    expect(form(reads('#', { round: 10 }), reads('#', { round: 5 }))).toMatchObject({ round: 5 });
    expect(form(minute, reads('#', { every: 60_000, as: 'min' }))).toMatchObject({ as: 'mean' });
    expect(form(reads('#', { until: { t: START, local: false } }), minute)).toMatchObject({ every: 60_000 });
    gate.close();
  });

  it('ends a grant at its time without any traffic, and tells so', () => {
    const { live, gate, party, clock } = smallGate();
    const handle = live.declare('pcc/power');
    live.set(handle, 1);
    const view = party('esco', reads('#', { until: { t: START + HOUR, local: false } }));
    clock.advance(HOUR - 1);
    expect(view.canRead(handle)).toBe(true);
    const { revision } = view;
    clock.advance(1);
    expect(view.canRead(handle)).toBe(false);
    expect(view.reading(handle)).toBeUndefined();
    expect(view.revision).toBeGreaterThan(revision);
    gate.close();
  });

  it('notices within a second that the clock was set past the end of a grant, and back', () => {
    const { live, gate, party, clock } = smallGate();
    const handle = live.declare('pcc/power');
    const view = party('esco', reads('#', { until: { t: START + 24 * HOUR, local: false } }));
    clock.setWall(START + 48 * HOUR);
    clock.advance(1000);
    expect(view.canRead(handle)).toBe(false);
    clock.setWall(START);
    clock.advance(1000);
    expect(view.canRead(handle)).toBe(true);
    clock.setWall(START + 48 * HOUR);
    live.set(handle, 1);
    expect(view.canRead(handle)).toBe(false);
    gate.close();
  });

  it('ends a principal at its expiry, and one removed within the call', () => {
    const { live, gate, clock } = smallGate();
    const handle = live.declare('pcc/power');
    const record = { name: 'esco', kind: 'token', role: 'viewer', created: 0, expires: START + HOUR } as const;
    gate.putPrincipal(record);
    const view = gate.view('esco')!;
    const { seen } = follow(view, handle);
    live.set(handle, 1);
    clock.advance(HOUR);
    live.set(handle, 2);
    expect(view.canRead(handle)).toBe(false);
    gate.putPrincipal({ ...record, expires: START + 2 * HOUR });
    expect(view.canRead(handle)).toBe(true);
    live.set(handle, 3);
    gate.removePrincipal('esco');
    live.set(handle, 4);
    expect(view.canRead(handle)).toBe(false);
    expect(view.devices()).toEqual([]);
    expect(gate.view('esco')).toBeUndefined();
    expect(seen.map(({ value }) => value)).toEqual([1, 3]);
    gate.close();
  });

  it('compiles points that come, change and go', () => {
    const { live, gate, party } = smallGate();
    const view = party('esco', reads('+/power'), reads('home/presence'));
    const power = live.declare('pcc/power');
    const presence = live.declare('home/presence', { personal: true });
    const other = live.declare('pcc/voltage');
    expect([power, presence, other].map((handle) => view.canRead(handle))).toEqual([true, true, false]);
    live.declare('pcc/power', { personal: true });
    expect(view.canRead(power)).toBe(false);
    live.declare('pcc/power');
    expect(view.canRead(power)).toBe(true);
    live.remove(power);
    expect(view.canRead(power)).toBe(false);
    expect(view.points().map(({ handle }) => handle)).toEqual([presence]);
    gate.close();
  });

  it('tells a revision once per turn, before the readings it is about', async () => {
    const { live, gate, party } = smallGate();
    const view = party('esco', reads('#'));
    await turn();
    const told: string[] = [];
    view.onRevision(() => told.push(`revision ${view.points().length}`));
    view.subscribe((_, n) => told.push(`changed ${n}`));
    for (let i = 0; i < 2000; i++) live.declare(`pcc/p${i}`);
    await turn();
    expect(told).toEqual(['revision 2000']);
    live.set(live.declare('pv/power'), 1);
    await turn();
    expect(told).toEqual(['revision 2000', 'revision 2001', 'changed 1']);
    const { revision } = view;
    party('other', reads('#'));
    live.declare('pv/power', { unit: 'kW' });
    expect(view.revision).toBe(revision + 1);
    gate.close();
  });

  it('keeps old paths as names of a renamed point', () => {
    const { live, gate, party } = smallGate();
    const handle = live.declare('pcc/power/active', { aliases: ['pcc/power'] });
    const view = party('esco', reads('pcc/power'));
    expect(view.canRead(handle)).toBe(true);
    expect(view.points('pcc/power').map((point) => point.definition.path)).toEqual(['pcc/power/active']);
    expect(view.points('+/power')).toEqual([]);
    gate.close();
  });

  it('delays: the value as it was', () => {
    const { live, gate, party, clock } = smallGate();
    const handle = live.declare('pcc/power');
    live.set(handle, 5);
    const view = party('esco', reads('#', { delay: 60_000 }));
    const { seen } = follow(view, handle);
    expect(view.reading(handle)).toMatchObject({ value: null, quality: BAD });
    for (let i = 1; i <= 120; i++) {
      clock.advance(1000);
      if (i > 60) expect(view.reading(handle)).toMatchObject({ value: i - 60, t: clock.now() - 60_000 });
      live.set(handle, i);
    }
    expect(seen.map(({ value }) => value)).toEqual([5, ...Array.from({ length: 60 }, (_, i) => i + 1)]);
    clock.advance(24 * HOUR);
    expect(view.reading(handle)!.value).toBe(120);
    gate.close();
  });

  it('holds few samples back of a fast point, and still the right ones', () => {
    const { live, gate, party, clock } = smallGate();
    const handle = live.declare('pcc/power');
    const view = party('esco', reads('#', { delay: 10_240 }));
    for (let i = 0; i < 20_000; i++) {
      clock.advance(1);
      live.set(handle, i);
      const { value } = view.reading(handle)!;
      if (i > 10_300) expect(Math.abs(i - 10_240 - (value as number))).toBeLessThanOrEqual(12);
    }
    gate.close();
  });

  it('limits the rate: the newest wins later, and what is no longer true does not wait', () => {
    const { live, gate, party, clock } = smallGate();
    const handle = live.declare('pcc/power');
    const view = party('esco', reads('#', { interval: 1000 }));
    const { seen } = follow(view, handle);
    for (let i = 0; i < 30; i++) {
      live.set(handle, i);
      clock.advance(100);
    }
    clock.advance(5000);
    expect(seen.map(({ value }) => value)).toEqual([0, 9, 19, 29]);
    live.set(handle, 30);
    clock.advance(10);
    live.set(handle, 30, { quality: STALE });
    expect(view.reading(handle)).toMatchObject({ value: 30, quality: STALE });
    clock.advance(10);
    live.set(handle, 31);
    expect(view.reading(handle)).toMatchObject({ value: 30, quality: STALE });
    clock.advance(1000);
    expect(view.reading(handle)).toMatchObject({ value: 31, quality: GOOD });
    gate.close();
  });

  it('rounds numbers and lists, and nothing else', () => {
    const { live, gate, party, clock } = smallGate();
    const number = live.declare('pcc/power');
    const list = live.declare('pcc/wave', { type: 'numbers' });
    const text = live.declare('pcc/message', { type: 'string', kind: 'text' });
    const time = live.declare('pcc/peak/at', { type: 'time', kind: 'state' });
    const view = party('esco', reads('#', { round: 10 }));
    live.set(number, 1236.4);
    live.set(list, [1, 5, 14]);
    live.set(text, '17');
    live.set(time, 1_700_000_000_001);
    expect([number, list, text, time].map((handle) => view.reading(handle)!.value)).toEqual([
      1240,
      [0, 10, 10],
      '17',
      1_700_000_000_001,
    ]);
    live.set(number, null);
    expect(view.reading(number)!.value).toBeNull();
    const slow = party('slow', reads('#', { round: 10, interval: 1000 }));
    live.set(number, 17);
    clock.advance(1000);
    expect(slow.reading(number)!.value).toBe(20);
    gate.close();
  });

  it('shows devices with a granted point, and what is on their plate only with the serial', () => {
    const { live, gate, party } = smallGate();
    const plate = { manufacturer: 'ISK', model: 'M550', serial: '4711' };
    const device = { instance: 'p1', kind: 'meter', online: true, since: 5 };
    live.setDevice({ name: 'pcc', ...device, ...plate });
    live.setDevice({ name: 'pv', ...device, ...plate });
    live.declare('pcc/power');
    live.declare('pcc/serial', { type: 'string', kind: 'text' });
    live.declare('pv/power');
    expect(party('a', reads('pcc/power')).devices()).toEqual([{ name: 'pcc', ...device }]);
    expect(party('b', reads('pcc/#')).devices()).toEqual([{ name: 'pcc', ...device, ...plate }]);
    expect(party('c').devices()).toEqual([]);
    const view = party('a', reads('pcc/power'));
    const { revision } = view;
    live.setDevice({ name: 'pv', ...device, online: false });
    expect(view.revision).toBe(revision);
    live.setDevice({ name: 'pcc', ...device, online: false });
    expect(view.revision).toBe(revision + 1);
    gate.close();
  });

  it('gives events of a personal point by its full name, also once the point is gone', () => {
    const { live, gate, party } = smallGate();
    const [wild, named] = [
      party('wild', allow({ events: ['#'] })),
      party('named', allow({ events: ['s1/appliance/a3/on'] })),
    ];
    const on = live.declare('s1/appliance/a3/on', { personal: true });
    const sees = (): boolean[] => [wild, named].map((view) => view.seesEvent('s1/appliance/a3/on'));
    expect(sees()).toEqual([false, true]);
    live.remove(on);
    expect(sees()).toEqual([false, true]);
    expect(wild.seesEvent('s1')).toBe(true);
    gate.close();
  });

  it('answers for events, profiles, calls, areas and device topics', () => {
    const { gate, party, clock } = smallGate();
    const from = { t: START, local: false };
    const view = party(
      'esco',
      allow({ events: ['battery/#'] }, { delay: 60_000, from }),
      allow({ profiles: ['pcc/P.01'], call: ['ocpp/status', 'ocpp/inject/SetChargingProfile'], manage: ['links'] }),
    );
    clock.advance(HOUR);
    expect(view.seesEvent('battery', clock.now() - 60_000)).toBe(true);
    expect(view.seesEvent('battery/soc', clock.now() - 59_999)).toBe(false);
    expect(view.seesEvent('battery', START - 1)).toBe(false);
    expect(view.seesEvent('batteries/soc', START)).toBe(false);
    expect([view.seesProfile('pcc/P.01'), view.seesProfile('pcc/P.98')]).toEqual([true, false]);
    expect([
      view.canCall('ocpp', 'status'),
      view.canCall('ocpp', 'status', { detail: 'x' }),
      view.canCall('ocpp', 'inject'),
    ]).toEqual([true, false, false]);
    expect(view.canCall('ocpp', 'inject', { detail: 'SetChargingProfile' })).toBe(true);
    expect([view.canManage('links'), view.canManage('#'), view.canManage('users')]).toEqual([true, false, false]);
    const mqtt = { publish: ['tele/+/SENSOR', '#'], subscribe: ['cmnd/er/#'] };
    gate.putPrincipal({ name: 'er', kind: 'token', role: '', created: 0 }, { ...roleOf(), mqtt });
    const device = gate.view('er')!;
    expect(
      ['tele/er_1/SENSOR', 'smx/1/site/esco/cmd', '$SYS/x', 'smx'].map((topic) => device.mqttPublish(topic)),
    ).toEqual([true, false, false, false]);
    expect(
      ['cmnd/er', 'cmnd/er/x', 'cmnd/er/#', 'cmnd/#', 'cmnd/+/x', '#'].map((topic) => device.mqttSubscribe(topic)),
    ).toEqual([true, true, true, false, false, false]);
    expect(view.mqttPublish('tele/er_1/SENSOR')).toBe(false);
    gate.close();
  });

  it('gives a personal call by its full name only, but to the owner, and counts it by the grant that gives it', () => {
    const { gate, party } = smallGate();
    const wild = party('agent', allow({ call: ['#', 's1/#', '+/scope'] }));
    const named = party('esco', allow({ call: ['s1/scope'] }, { interval: 10_000, burst: 1 }), allow({ call: ['#'] }));
    const isPersonal = true;
    expect([wild.canCall('s1', 'scope'), wild.canCall('s1', 'scope', { isPersonal })]).toEqual([true, false]);
    expect(named.canCall('s1', 'scope', { isPersonal })).toBe(true);
    expect(named.canCall('s1', 'scope', { isPersonal, detail: 'x' })).toBe(false);
    expect(named.ask('call', 's1/scope', isPersonal)).toBe(0);
    expect(named.ask('call', 's1/scope', isPersonal)).toBe(10_000);
    const can = (role: string): boolean => {
      gate.putPrincipal({ name: role, kind: 'user', role, created: 0 }, BUILT_IN_ROLES.get(role));
      return gate.view(role)!.canCall('s1', 'scope', { isPersonal });
    };
    expect(['owner', 'installer', 'viewer'].map(can)).toEqual([true, false, false]);
    gate.close();
  });

  it('lets requests through as often as their grants say, and counts those of each grant apart', () => {
    const { gate, party, clock } = smallGate();
    const rate = { interval: 10_000, burst: 2 };
    const view = party(
      'esco',
      allow({ events: ['pcc/#'], call: ['ocpp/+'], manage: ['links'] }, rate),
      allow({ events: ['battery/#'], call: ['ocpp/status'], profiles: ['pcc/P.01'] }),
    );
    const asks = (action: AskedAction, on: string, times: number): number[] =>
      Array.from({ length: times }, () => view.ask(action, on));
    expect(asks('events', 'pcc/voltage/+', 2)).toEqual([0, 0]);
    clock.advance(4000);
    // what holds any of them is refused, what holds none goes on
    expect([view.ask('events', '#'), view.ask('events', 'pcc'), view.ask('events', 'battery')]).toEqual([
      6000, 6000, 0,
    ]);
    // one budget for all that one grant gives
    expect([view.ask('call', 'ocpp/inject'), view.ask('manage', 'links')]).toEqual([6000, 6000]);
    // the finest grant holds
    expect(asks('call', 'ocpp/status', 20)).toEqual(Array.from({ length: 20 }, () => 0));
    expect(Math.max(...asks('profiles', 'pcc/P.01', 20))).toBe(0);
    clock.advance(6000);
    expect(asks('events', '#', 2)).toEqual([0, 10_000]);
    clock.advance(3_600_000);
    expect(asks('manage', 'links', 3)).toEqual([0, 0, 10_000]);
    gate.close();
  });

  it('bounds commands by grant and set-point', () => {
    const { live, gate, party } = smallGate();
    const setpoint = live.declare('battery/power/setpoint', { kind: 'setpoint', setpoint: { min: -3000, max: 9000 } });
    const plain = live.declare('battery/power');
    const view = party(
      'gesscon',
      allow({ command: ['#'] }, { between: [-9000, 9000], priority: 10 }),
      allow({ command: ['battery/#'] }, { between: [-5000, 5000], lease: 900_000, priority: 40 }),
    );
    expect(view.command(plain)).toBeUndefined();
    const expected = { between: [-3000, 5000], lease: 900_000, priority: 40, authority: 'controller', interval: 0 };
    expect(view.command(setpoint)).toEqual(expected);
    expect(party('x', allow({ command: ['#'] }, { between: [10_000, 20_000] })).command(setpoint)).toBeUndefined();
    expect(party('y', reads('#')).command(setpoint)).toBeUndefined();
    gate.close();
  });

  it('has the built-in roles', () => {
    const { live, gate } = smallGate();
    const plain = live.declare('battery/power/setpoint', { setpoint: {} });
    const personal = live.declare('home/presence', { personal: true });
    for (const role of BUILT_IN_ROLES.keys()) gate.putPrincipal({ name: role, kind: 'user', role, created: 0 });
    const summary = (name: string): unknown[] => {
      const view = gate.view(name)!;
      const manages = ['tokens', 'ledger', 'links'].map((area) => view.canManage(area));
      return [
        view.canRead(plain),
        view.canRead(personal),
        view.command(plain)?.authority,
        view.canCall('a', 'b'),
        ...manages,
      ];
    };
    expect(summary('owner')).toEqual([true, true, 'owner', true, true, true, true]);
    expect(summary('installer')).toEqual([true, false, 'owner', true, false, false, true]);
    expect(summary('viewer')).toEqual([true, false, undefined, false, false, false, false]);
    const role = roleFromPermissions({ read: ['battery/#'], command: [] });
    gate.putPrincipal({ name: 'agent', kind: 'extension', role: 'extension', created: 0 }, role);
    expect(summary('agent')).toEqual([true, false, undefined, false, false, false, false]);
    gate.close();
  });

  it('sums refusals per minute into the ledger, and bounds them', () => {
    const { gate, ledger, clock } = smallGate();
    for (let i = 0; i < 1000; i++) gate.deny('esco', 'read pcc/power');
    gate.deny('dso', 'read pcc/power');
    expect(ledger.entries).toEqual([]);
    clock.advance(60_000);
    expect(ledger.entries).toMatchObject([
      { kind: 'denial', principal: 'esco', data: { what: 'read pcc/power', count: 1000, since: START } },
      { kind: 'denial', principal: 'dso', data: { count: 1 } },
    ]);
    for (let i = 0; i < 5000; i++) gate.deny('esco', `read pcc/p${i}`);
    gate.close();
    expect(ledger.entries.length).toBeLessThan(250);
    expect(ledger.entries.reduce((sum, { data }) => sum + (data['count'] as number), 0)).toBe(6001);
  });
});

describe('history through the gate', () => {
  const query = { match: '#', from: START - HOUR, to: START + HOUR };

  it('is apart from read, and gives what is asked under a raw grant', async () => {
    const { live, gate, party, history } = smallGate();
    const handle = live.declare('pcc/power');
    live.declare('pv/power');
    history.rows.set(handle, [
      [START - 5, 1],
      [START, 2],
    ]);
    expect(await party('reader', reads('#')).history(query)).toEqual([]);
    const view = party('esco', allow({ history: ['pcc/#'] }));
    expect(await rowsOf(view, query)).toEqual({
      'pcc/power': [
        [START - 5, 1],
        [START, 2],
      ],
    });
    await rowsOf(view, { ...query, every: 7000, as: 'max' });
    expect(history.asked.at(-1)).toMatchObject({ handle, every: 7000, as: 'max' });
    await rowsOf(view, { ...query, every: 7000 });
    expect(history.asked.at(-1)).toMatchObject({ as: 'mean' });
    await expect(view.history({ ...query, every: 0.5 })).rejects.toMatchObject({ code: 'SMX_HTTP_BAD_REQUEST' });
    gate.close();
  });

  it('refuses what is finer or another function than granted', async () => {
    const { live, gate, party, history } = smallGate();
    live.declare('pcc/power');
    const view = party('esco', allow({ history: ['#'] }, { every: 900_000, round: 10 }));
    const ask = (more: object): Promise<GrantedHistory[]> => view.history({ ...query, ...more });
    await expect(ask({ every: 60_000 })).rejects.toMatchObject({ code: 'SMX_ACCESS_TOO_FINE' });
    await expect(ask({ every: 0 })).rejects.toMatchObject({ code: 'SMX_ACCESS_TOO_FINE' });
    await expect(ask({ every: 1_000_000 })).rejects.toMatchObject({ code: 'SMX_ACCESS_TOO_FINE' });
    await expect(ask({ every: 900_000, as: 'max' })).rejects.toMatchObject({ code: 'SMX_ACCESS_DENIED' });
    await expect(ask({ as: 'last' })).rejects.toMatchObject({ code: 'SMX_ACCESS_DENIED' });
    await rowsOf(view, query);
    expect(history.asked.at(-1)).toMatchObject({ every: 900_000, as: 'mean', round: 10 });
    await rowsOf(view, { ...query, every: 3_600_000, as: 'mean' });
    expect(history.asked.at(-1)).toMatchObject({ every: 3_600_000, as: 'mean' });
    gate.close();
  });

  it('gives only data of the time, hours and age of the grant', async () => {
    const { live, gate, party, history, clock } = smallGate('Etc/UTC');
    const handle = live.declare('pcc/power');
    clock.setWall(START + 24 * HOUR);
    const rows: HistoryRow[] = Array.from({ length: 96 }, (_, i) => [START - 12 * HOUR + (i * HOUR) / 2, i]);
    history.rows.set(handle, rows);
    const times = async (view: View): Promise<number[]> =>
      (await rowsOf(view, { match: '#', from: 0, to: START + 48 * HOUR }))['pcc/power']!.map(
        ([t]) => (t - START) / HOUR,
      );
    const from = { t: START, local: false };
    const until = { t: START + 26 * HOUR, local: false };
    const since = await times(party('a', allow({ history: ['#'] }, { from, until })));
    expect([since[0], since.at(-1)]).toEqual([0, 24]);
    const old = await times(party('b', allow({ history: ['#'] }, { delay: 6 * HOUR })));
    expect(old.at(-1)).toBe(18);
    const windows = await times(party('c', allow({ history: ['#'] }, { every: HOUR, from })));
    expect(windows[0]).toBe(1);
    clock.setWall(START + 23 * HOUR);
    const night = { from: 22 * HOUR, to: 2 * HOUR };
    const nights = await times(party('d', allow({ history: ['#'] }, { hours: night })));
    expect(nights).toEqual([-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 22, 22.5, 23]);
    expect(await times(party('e', allow({ history: ['#'] }, { hours: night, every: HOUR })))).toEqual([
      -1, -0.5, 0, 0.5, 1, 1.5, 2, 23,
    ]);
    gate.close();
  });

  it('prefers the grant that covers what is asked', async () => {
    const { live, gate, party, history } = smallGate();
    live.declare('pcc/power');
    const fresh = allow({ history: ['#'] }, { from: { t: START - 60_000, local: false } });
    const view = party('esco', fresh, allow({ history: ['#'] }, { every: 900_000 }));
    await rowsOf(view, { ...query, every: 900_000 });
    expect(history.asked.at(-1)!.from).toBe(query.from);
    await rowsOf(view, query);
    expect(history.asked.at(-1)).not.toHaveProperty('every');
    gate.close();
  });

  it('breaks off with its grant, and does not pass for whole', async () => {
    const { live, gate, party, history } = smallGate();
    const handle = live.declare('pcc/power');
    history.rows.set(handle, [
      [START - 3, 1],
      [START - 2, 2],
      [START - 1, 3],
    ]);
    const view = party('esco', allow({ history: ['#'] }));
    const [given] = await view.history(query);
    const seen: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const rows of given!.rows) {
        seen.push(...rows);
        gate.removePrincipal('esco');
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 'SMX_ACCESS_DENIED' });
    expect(seen).toEqual([[START - 3, 1]]);
    gate.close();
  });
});
