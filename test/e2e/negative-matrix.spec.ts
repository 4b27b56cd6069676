import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SampleBatch, silentLog, VirtualClock } from '@smx-edge/model';
import { loadConfig, startCore, type Core } from '@smx-edge/smxcore';
import { Party, type Given } from './matrix/exits.js';
import * as world from './matrix/world.js';

const { EVENTS, FILED, LOOKS, PARTIES, POINTS, PROFILES, START } = world;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

interface Filed {
  readonly id: number;
  readonly path: string;
  readonly k: number;
}

/** A whole core on a clock that the test moves, in a folder of its own; every socket is real. */
class Box {
  readonly clock = new VirtualClock(START);
  readonly folder = mkdtempSync(join(tmpdir(), 'smx-matrix-'));
  readonly handles = new Map<string, number>();
  /** Events with a file. */
  readonly filed: Filed[] = [];
  private readonly batch = new SampleBatch(POINTS.length);
  core!: Core;

  async start(): Promise<void> {
    const roles = Object.fromEntries(
      Object.entries(PARTIES).map(([name, grants]) => [
        name,
        { grants, ...(name === 'device' ? { mqtt: { publish: ['#'], subscribe: ['#'] } } : {}) },
      ]),
    );
    const config = { site: 'matrix', timezone: world.TIME_ZONE, data: './var', roles: './roles.yaml' };
    writeFileSync(join(this.folder, 'roles.yaml'), JSON.stringify({ roles }));
    writeFileSync(join(this.folder, 'smx.yaml'), JSON.stringify({ ...config, http: { port: 0 }, broker: { port: 0 } }));
    const loaded = loadConfig(join(this.folder, 'smx.yaml'), {});
    this.core = await startCore({ loaded, log: silentLog, clock: this.clock });
    const { live } = this.core.store;
    for (const name of new Set(POINTS.map(({ device }) => device)))
      live.setDevice({
        ...{ name, instance: 'p1', kind: 'meter', online: true, since: START },
        ...{ manufacturer: `maker of ${name}`, model: `model of ${name}`, serial: `plate of ${name}` },
      });
    for (const { path, device, type, kind, personal } of POINTS)
      this.handles.set(
        path,
        live.declare({ path, device, instance: 'p1', unit: null, type, kind, personal, maxAge: 10_000 }),
      );
  }

  /** One second on: a sample of each point, and its event where one is due. */
  async second(k: number): Promise<void> {
    this.clock.advance(1000);
    const { batch, core } = this;
    batch.clear(this.clock.now());
    for (const point of POINTS) {
      const i = batch.add(this.handles.get(point.path)!);
      const value = world.valueAt(point, k);
      if (typeof value === 'string') batch.other.set(i, value);
      else batch.number[i] = Number(value);
    }
    core.store.live.ingest(batch);
    if ((EVENTS as readonly number[]).includes(k)) await this.happen(k);
    await turn();
    await turn();
  }

  /** An event of each point, and a row of each load profile. */
  private async happen(k: number): Promise<void> {
    const { store } = this.core;
    const t = this.clock.now();
    for (const { path } of POINTS) {
      const files = [{ name: 'file', type: 'text/html', bytes: Buffer.from(`file of ${path} at ${k}`) }];
      const { id } = await store.addEvent(
        { ...{ t, path, code: 'TEST', severity: 'info', state: 'once', text: `event of ${path}` } },
        FILED.includes(path) ? files : [],
      );
      if (FILED.includes(path)) this.filed.push({ id, path, k });
    }
    for (const path of PROFILES) {
      const [device, id] = path.split('/') as [string, string];
      await store.profiles.put({ device, id, period: 0, columns: [{ obis: '1-0:1.8.0', unit: 'Wh' }] });
      await store.profiles.append({ device, id, rows: [[t, 0, `${k}.50`]], source: null });
    }
  }

  async stop(): Promise<void> {
    await this.core.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Counts cells and collects those that are wrong, so that one look shows them all. */
class Matrix {
  cells = 0;
  /** Cells in which the party may see something. */
  granted = 0;
  readonly wrong: string[] = [];

  cell(what: string, given: unknown, allowed: readonly unknown[]): void {
    this.cells++;
    if (allowed.length > 1 || allowed[0] !== undefined) this.granted++;
    if (!allowed.some((one) => JSON.stringify(one) === JSON.stringify(given)))
      this.wrong.push(`${what}: ${JSON.stringify(given)} instead of ${JSON.stringify(allowed)}`);
  }
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
    cell('cat', entry === undefined ? undefined : [entry['every'], entry['as']], [
      grant && (form === undefined ? [0, 'last'] : [Number.parseInt(grant.every!) * 1000, form[1]]),
    ]);
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
  for (const path of PROFILES) {
    const visible = world.visibleRows(party.name, path, k);
    const cell = (exit: string, given: unknown, allowed: unknown): void =>
      matrix.cell(`${party.name} at ${k} s, ${path}, ${exit}`, given, [allowed]);
    cell(
      'GET profiles',
      listed.some(({ device, id }) => `${device}/${id}` === path),
      visible !== undefined,
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
    matrix.cell(`${party.name} at ${k} s, file of ${path}`, given, [
      isVisible ? `file of ${path} at ${at}` : undefined,
    ]);
  }
}

/** Over the whole run: nothing of a point that was never granted, and of a granted one only its granted form. */
function lookBack(matrix: Matrix, party: Party, last: number): void {
  for (const point of POINTS) {
    const { path } = point;
    const allowed = new Set<string>();
    for (let k = 0; k <= last; k++) {
      const grant = world.grantOn(party.name, point, 'read', k);
      // at an edge of time the newest sample is that of the second before
      for (const newest of grant === undefined ? [] : [k - 1, k])
        for (const value of world.readable(grant!, point, k, newest)) allowed.add(JSON.stringify(value));
    }
    const leaked = [...(party.ever.get(path) ?? [])].filter((value) => !allowed.has(value));
    matrix.cell(`${party.name}, ${path}, all that ever came`, leaked, [[]]);
    const hasRows = LOOKS.some((k) => world.visibleRows(party.name, path, k) !== undefined);
    const never =
      !hasRows &&
      (['read', 'history', 'events'] as const).every((action) =>
        Array.from({ length: last + 1 }, (_, k) => world.grantOn(party.name, point, action, k)).every((one) => !one),
      );
    matrix.cell(`${party.name}, ${path}, named anywhere`, never && party.received.includes(`"${path}"`), [false]);
  }
  const foreign = [...party.topics].filter((topic) => !topic.startsWith(`smx/1/matrix/${party.name}/`));
  matrix.cell(`${party.name}, topics of others`, foreign, [[]]);
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
    for (const party of parties) lookBack(matrix, party, k);
    expect(matrix.wrong.slice(0, 40)).toEqual([]);
    expect(matrix.cells).toBeGreaterThan(10_000);
    // a matrix of refusals alone would also pass on a box that gives nothing
    expect(matrix.granted).toBeGreaterThan(5000);
  }, 120_000);
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
