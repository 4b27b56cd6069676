import { Box, type Filed } from './matrix/box.js';
import { lookBack, Matrix } from './matrix/cells.js';
import { Party, type Given } from './matrix/exits.js';
import * as world from './matrix/world.js';

const { LOOKS, PARTIES, POINTS, PROFILES, START } = world;

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

type Answers = Awaited<ReturnType<typeof answersOf>>;
type Row = [t: number, value: Given, quality?: string];
interface Entry {
  readonly path: string;
  readonly value: Given;
  readonly every?: string;
  readonly as?: string;
}

/** What the exits that are asked answer now. */
async function answersOf(party: Party, k: number) {
  const span = `from=${START}&to=${START + k * 1000}`;
  const listed = await party.json<Entry[]>('/api/v1/points', []);
  const one = new Map<string, Entry | undefined>();
  const oneHistory = new Map<string, Row[] | undefined>();
  for (const { path } of POINTS) {
    one.set(path, await party.json<Entry | undefined>(`/api/v1/points/${path}`, undefined));
    const query = `/api/v1/history?match=${path}&${span}`;
    oneHistory.set(path, (await party.json<{ points: Record<string, Row[]> }>(query, { points: {} })).points[path]);
  }
  const csv = new Map<string, string[]>();
  const { status, text } = await party.ask(`/api/v1/history?${span}`, 'text/csv');
  for (const line of status === 200 ? text.split('\r\n').slice(1, -1) : []) {
    const [path, t, , value] = line.split(',') as [string, string, string, string];
    csv.set(path, [...(csv.get(path) ?? []), `${t} ${value}`]);
  }
  return {
    one,
    oneHistory,
    csv,
    listed: new Map(listed.map((entry) => [entry.path, entry])),
    history: (await party.json<{ points: Record<string, Row[]> }>(`/api/v1/history?${span}`, { points: {} })).points,
    devices: await party.json<Record<string, unknown>[]>('/api/v1/devices', []),
    events: await party.json<{ path: string; t: number }[]>('/api/v1/events', []),
  };
}

const rowsOf = (rows: readonly Row[] | undefined): unknown => rows?.map(([t, value]) => [(t - START) / 1000, value]);

function lookAtPoints(matrix: Matrix, party: Party, { k, answers }: { k: number; answers: Answers }): void {
  for (const point of POINTS) {
    const { path } = point;
    const cell = (exit: string, given: unknown, allowed: readonly unknown[]): void =>
      matrix.cell(`${party.name} at ${k} s, ${path}, ${exit}`, given, allowed);
    const grant = world.grantOn(party.name, point, 'read', k);
    const values = grant === undefined ? [undefined] : world.readable(grant, point, k);
    cell('now', party.now[path], values);
    cell('SSE', party.stream.get(path), values);
    cell('GET points', answers.listed.get(path)?.value, values);
    cell('GET one', answers.one.get(path)?.value, values);
    const form = grant?.every === undefined ? undefined : [grant.every, world.aggregateOf(grant, point)];
    const { every, as } = answers.listed.get(path) ?? {};
    cell('form', every === undefined ? undefined : [every, as], [form]);
    const entry = party.cat.points.find((one) => one['path'] === path);
    cell('cat', entry && [entry['every'], entry['as'], entry['write']], [world.entryOn(party.name, point, k)]);
    const historic = world.grantOn(party.name, point, 'history', k);
    const rows = historic === undefined ? undefined : world.historyRows(historic, point, k);
    cell('history', rowsOf(answers.history[path]), [rows]);
    cell('history of one', rowsOf(answers.oneHistory.get(path)), [rows]);
    const lines = rows?.map(([t, value]) => `${START + t * 1000} ${value}`);
    cell('CSV', answers.csv.get(path), [lines?.length === 0 ? undefined : lines]);
    const times = answers.events.filter((event) => event.path === path).map(({ t }) => (t - START) / 1000);
    cell('events', times, [world.visibleEvents(party.name, point, k)]);
  }
}

function lookAtDevices(matrix: Matrix, party: Party, { k, answers }: { k: number; answers: Answers }): void {
  for (const device of new Set(POINTS.map((point) => point.device))) {
    const granted = POINTS.filter(
      (point) => point.device === device && world.grantOn(party.name, point, 'read', k) !== undefined,
    );
    const plate = granted.some(({ path }) => path === `${device}/serial`) ? `plate of ${device}` : undefined;
    const allowed = granted.length === 0 ? undefined : [plate, plate && `maker of ${device}`];
    for (const [exit, devices] of [
      ['GET devices', answers.devices],
      ['devices of cat', party.cat.devices],
    ] as const) {
      const found = devices.find(({ name }) => name === device);
      const given = found && [found['serial'], found['manufacturer']];
      matrix.cell(`${party.name} at ${k} s, ${device}, ${exit}`, given, [allowed]);
    }
  }
}

/** Rows of load profiles, the list of these, and files of events. */
async function lookAtRecords(matrix: Matrix, party: Party, { k, filed }: { k: number; filed: readonly Filed[] }) {
  const listed = await party.json<{ device: string; id: string }[]>('/api/v1/profiles', []);
  // who may ask but so often is refused the rest
  const rated = PARTIES[party.name]!.some((grant) => grant['max-rate'] !== undefined);
  for (const path of PROFILES) {
    const visible = world.visibleRows(party.name, path, k);
    const cell = (exit: string, given: unknown, allowed: unknown, refused?: unknown): void =>
      matrix.cell(`${party.name} at ${k} s, ${path}, ${exit}`, given, rated ? [allowed, refused] : [allowed]);
    const isNamed = party.cat.profiles.some(({ device, id }) => `${device}/${id}` === path);
    const isGranted = visible !== undefined || undefined;
    matrix.cell(`${party.name} at ${k} s, ${path}, profiles of cat`, isNamed || undefined, [isGranted]);
    cell(
      'GET profiles',
      listed.some(({ device, id }) => `${device}/${id}` === path),
      visible !== undefined,
      false,
    );
    const { rows } = await party.json<{ rows?: Row[] }>(`/api/v1/profiles/${path}`, {});
    const allowed = visible?.map((t) => [START + t * 1000, 0, `${t}.50`]);
    cell('GET profile', rows, allowed);
  }
  for (const { id, path, k: at } of filed) {
    const point = POINTS.find((one) => one.path === path)!;
    const { status, text } = await party.ask(`/api/v1/events/${id}/files/file`);
    const isVisible = world.visibleEvents(party.name, point, k).includes(at);
    const given = status === 200 ? text : undefined;
    const allowed = isVisible ? `file of ${path} at ${at}` : undefined;
    matrix.cell(`${party.name} at ${k} s, file of ${path}`, given, rated && status === 429 ? [undefined] : [allowed]);
  }
}

describe('the negative matrix: principal × point × condition × exit', () => {
  const box = new Box();
  const parties: Party[] = [];
  afterAll(async () => {
    for (const party of parties) party.close();
    await box.stop();
  });

  it('gives at every exit exactly the granted form, and nothing else ever', async () => {
    await box.start();
    for (const name of Object.keys(PARTIES))
      parties.push(await Party.enter(box.core, name, name === 'expiring' ? START + world.EXPIRES * 1000 : undefined));
    const matrix = new Matrix();
    let k = 0;
    for (const look of LOOKS) {
      while (k < look) await box.second(++k);
      await Promise.all(parties.map((party) => party.settle()));
      const answers = await Promise.all(parties.map((party) => answersOf(party, k)));
      for (const [i, party] of parties.entries()) {
        lookAtPoints(matrix, party, { k, answers: answers[i]! });
        lookAtDevices(matrix, party, { k, answers: answers[i]! });
      }
      await Promise.all(parties.map((party) => lookAtRecords(matrix, party, { k, filed: box.filed })));
    }
    for (const party of parties) lookBack(matrix, party, { base: `smx/1/matrix/${party.name}/`, last: k });
    expect(matrix.wrong.slice(0, 40)).toEqual([]);
    expect(matrix.cells).toBeGreaterThan(10_000);
    // a matrix of refusals alone would also pass on a box that gives nothing
    expect(matrix.granted).toBeGreaterThan(5000);
  }, 180_000);
});

const EXITS = [
  ...['points', 'points/pcc/voltage/l1', 'devices', 'history', 'stream', 'events', 'events/1/files/file'],
  ...['profiles', 'profiles/pcc/voltage'],
].map((exit) => `/api/v1/${exit}`);

describe('an end of a principal', () => {
  const box = new Box();
  const parties: Party[] = [];
  let ended: Party;
  let kept: Party;
  const enter = async (name: string, expires?: number): Promise<Party> => {
    const party = await Party.enter(box.core, name, expires);
    parties.push(party);
    return party;
  };
  beforeAll(() => box.start());
  afterAll(async () => {
    for (const party of parties) party.close();
    await box.stop();
  });

  /** Both streams are told and cut, all that is asked is refused, and nothing comes any more. */
  const expectEnded = async (k: number): Promise<void> => {
    await until(() => ended.brokerEnded && ended.streamEnded);
    expect(ended.streamEnd).toContain('SMX_ACCESS_UNAUTHENTICATED');
    // the topics were emptied before the connection was cut
    expect([ended.now, ended.cat.points]).toEqual([{}, []]);
    for (const exit of EXITS) expect([exit, (await ended.ask(exit)).status]).toEqual([exit, 401]);
    const { received } = ended;
    for (let i = 1; i <= 3; i++) await box.second(k + i);
    await kept.settle();
    await until(() => kept.stream.get('pcc/voltage/l1') === world.valueAt(POINTS[1]!, k + 3));
    expect(ended.received).toBe(received);
    expect(kept.now['pcc/voltage/l1']).toBe(world.valueAt(POINTS[1]!, k + 3));
  };

  it('by revocation holds at every exit before the clock has moved, and for no one else', async () => {
    [ended, kept] = [await enter('hash'), await enter('root')];
    for (let k = 1; k <= 5; k++) await box.second(k);
    await until(() => ended.now['pcc/voltage/l1'] !== undefined && ended.stream.size > 0);
    await box.core.principals.revoke('hash');
    await expectEnded(5);
  });

  it('by expiry holds at every exit within the second, without traffic', async () => {
    ended = await enter('exact', START + 12_000);
    for (let k = 9; k <= 11; k++) await box.second(k);
    await until(() => ended.now['pcc/voltage/l1'] !== undefined && ended.stream.size > 0);
    box.clock.advance(1000);
    await expectEnded(12);
  });
});
