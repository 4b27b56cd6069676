import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog, VirtualClock } from '@smx-edge/model';
import { startMosquitto, type Mosquitto } from '../../../libs/northbound/test-support/mosquitto.js';
import { batchOf, Box, until } from '../test-support/box.js';
import { postgresPrograms, startPostgres, type Postgres } from '../test-support/postgres.js';
import type { Config } from './config/config.js';
import { startGesscon, type Gesscon } from './gesscon.js';
import { readBatch } from './ingest/batch.js';

interface Reading {
  readonly path: string | null;
  readonly t: number;
  readonly value: number | null;
  readonly other: string | null;
  readonly quality: string | null;
  readonly epoch: number;
}

const databases = ['sqlite', ...(postgresPrograms() === undefined ? [] : ['postgres'])];
if (databases.length === 1)
  process.stderr.write('PostgreSQL is not installed: the consumer is tested on SQLite only\n');

describe.each(databases)('a worker on %s', (kind) => {
  let folder: string;
  let broker: Mosquitto;
  let postgres: Postgres | undefined;
  let gesscon: Gesscon;
  let box: Box;
  let clock: VirtualClock;
  let count = 0;

  const config = (): Config => ({
    party: 'gesscon',
    broker: { url: `mqtt://127.0.0.1:${broker.port}`, version: 5, share: 'workers', access: {} },
    ...{ database: postgres?.url ?? `sqlite:${join(folder, 'gesscon.db')}`, silence: 45_000, keep: undefined },
    ...{ http: { host: '127.0.0.1', port: 0, token: 'secret' }, log: 'error' },
  });

  const readings = (): Promise<Reading[]> =>
    gesscon.store.db.rows<Reading>(
      'select path, t, value, other, quality, epoch from reading where site = $1 order by epoch, path, t',
      [box.site],
    );

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'smx-gesscon-'));
    broker = await startMosquitto();
    if (kind === 'postgres') postgres = await startPostgres();
    clock = new VirtualClock();
    gesscon = await startGesscon({ config: config(), clock, log: silentLog });
    await until(() => gesscon.boxes.upSince !== undefined, 'the broker');
  });

  beforeEach(async () => {
    box = await Box.connect(broker.port, `site-${kind}-${count++}`);
  });

  afterEach(() => box.leave());

  afterAll(async () => {
    await gesscon.stop();
    await postgres?.remove();
    await broker.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('keeps each batch once, in whatever order and how often it comes, and acknowledges it each time', async () => {
    await box.state({ head: { inst: [1, 1] } });
    for (const seq of [1, 3, 3, 2, 5, 4]) await box.batch(seq, {}, { deflate: seq % 2 === 1 });
    await until(() => [1, 2, 3, 4, 5].every((seq) => box.hasAck(seq)), 'acks');
    const before = box.acks.length;
    await box.batch(3, { h: true });
    await until(() => box.acks.length > before, 'the ack of what is there already');
    await box.cat();
    await until(async () => (await readings()).every(({ path }) => path !== null), 'the catalogue');
    const rows = await readings();
    expect(rows.filter(({ path }) => path === 'pcc/power/active').map(({ value }) => value)).toEqual(
      [1, 2, 3, 4, 5].flatMap((seq) => [seq, seq + 0.5]),
    );
    expect(rows.filter(({ path }) => path === 'pcc/voltage/l1').map(({ value }) => value)).toEqual(
      [1, 2, 3, 4, 5].map((seq) => 230 + seq / 10),
    );
  });

  it('tells a value that there is not from a point that said nothing, and keeps what is no number', async () => {
    const r = [
      [null, 'a "quoted" \\ \u0000 text'],
      [null, true],
    ];
    await box.batch(1, { r, q: { 3: [[1, 'bad']] } });
    await until(() => box.hasAck(1), 'the ack');
    const rows = (await readings()).map(({ value, other, quality }) => [value, other, quality]);
    expect(rows).toHaveLength(3);
    expect(rows).toEqual(
      expect.arrayContaining([
        [null, JSON.stringify(r[0]![1]), null],
        [null, null, 'bad'],
        [1, null, null],
      ]),
    );
  });

  it('keeps events and rows of load profiles as they came', async () => {
    const event = { id: 7, t: 1, path: 'pcc', code: 'P1_SILENT', text: 'no telegram', files: [], device: 'pcc' };
    for (let i = 0; i < 2; i++) await box.say('t/event', { v: 1, e: 1, s: 1, rows: [event] });
    type Record = { readonly body: string };
    const records = (): Promise<Record[]> =>
      gesscon.store.db.rows<Record>('select body from record join site on site.key = site where name = $1', [box.site]);
    await until(async () => (await records()).length > 0, 'the event');
    await box.say('t/profile', { v: 1, e: 1, s: 1, rows: [{ device: 'pcc', id: 'peaks', rows: [[1, 0, '4.329']] }] });
    await until(async () => (await records()).length > 1, 'the rows');
    expect((await records()).map(({ body }) => JSON.parse(body) as object)[0]).toEqual(event);
  });

  it('says what it has when a box comes on line, and misses nothing from before they met', async () => {
    await box.state({ head: { inst: [118, 120] } });
    await until(() => box.acks.some(({ hw }) => hw === 117), 'the first ack');
    for (const seq of [118, 119, 122]) await box.batch(seq);
    await until(() => [118, 119, 122].every((seq) => box.hasAck(seq)), 'acks');
    await gesscon.watch.look();
    box.acks.length = 0;
    await box.state({ head: { inst: [118, 123] } });
    await until(() => box.acks.length > 0, 'the ack of everything');
    expect(box.acks[0]).toEqual({ e: 1, s: [[122, 122]], hw: 119 });
  });

  it('keeps the batches of another epoch apart, and alarms it', async () => {
    await box.state();
    await box.batch(1);
    await until(() => box.hasAck(1), 'the ack');
    await box.state({ epoch: 2 });
    await box.batch(1, { e: 2, r: [[77, 77]], t: [0] });
    await until(() => box.hasAck(1, 2), 'the ack of the new epoch');
    // one that was still on its way
    await box.batch(2);
    await until(() => box.hasAck(2), 'the ack of the old epoch');
    expect((await readings()).filter(({ epoch }) => epoch === 2)).toHaveLength(2);
    expect((await readings()).filter(({ epoch }) => epoch === 1)).toHaveLength(6);
    await gesscon.watch.look();
    expect(await gesscon.alarms.list('all')).toContainEqual(
      expect.objectContaining({ site: box.site, cause: 'epoch', detail: expect.stringContaining('epoch 2 after 1') }),
    );
  });

  it('asks the box for what it did not send again, page by page, and for no more', async () => {
    await box.state({ head: { inst: [1, 1], event: [1, 1] } });
    for (const seq of [1, 5]) await box.batch(seq);
    await until(() => box.hasAck(5), 'the ack');
    const asked = (): Readonly<Record<string, unknown>>[] =>
      box.down.filter(({ topic }) => topic === 'req').map(({ body }) => body);
    await gesscon.watch.look();
    clock.advance(15_000);
    await gesscon.watch.look();
    expect(asked()).toEqual([]);
    clock.advance(10_000);
    await gesscon.watch.look();
    await gesscon.watch.look();
    await until(() => asked().length > 0, 'the request');
    expect(asked()).toEqual([{ id: expect.any(String), get: 'batch', stream: 'inst', e: 1, s: [2, 4] }]);
    const [{ id }] = asked() as [{ id: string }];
    await box.say('res', { id: 'of another', n: 0, last: true, batches: [batchOf(4, 9)] });
    await box.say('res', { id, n: 0, last: false, batches: [batchOf(2), batchOf(3)] });
    await box.say('res', { id, n: 1, last: true, batches: [], next: 4 });
    await until(() => asked().length > 1, 'the request for the rest');
    expect(asked()[1]).toMatchObject({ s: [4, 4] });
    await box.say('res', { id: asked()[1]!['id'], n: 0, last: true, batches: [batchOf(4)] });
    await until(() => [2, 3, 4].every((seq) => box.hasAck(seq)), 'acks of what was missing');
    expect((await readings()).filter(({ epoch }) => epoch === 1)).toHaveLength(15);
    expect(await readings()).toHaveLength(15);
    clock.advance(60_000);
    await gesscon.watch.look();
    expect(asked()).toHaveLength(2);
  });

  it('leaves a box alone for a while that gives others but not the one that is missing', async () => {
    await box.state({ head: { inst: [1, 1] } });
    for (const seq of [1, 4]) await box.batch(seq);
    await until(() => box.hasAck(4), 'the ack');
    const asked = (): object[] => box.down.filter(({ topic }) => topic === 'req').map(({ body }) => body);
    await gesscon.watch.look();
    clock.advance(25_000);
    await gesscon.watch.look();
    await until(() => asked().length > 0, 'the request');
    const [{ id }] = asked() as [{ id: string }];
    await box.say('res', { id, n: 0, last: true, batches: [batchOf(3)] });
    await until(() => box.hasAck(3), 'the ack of what came');
    for (let i = 0; i < 12; i++) {
      clock.advance(20_000);
      await gesscon.watch.look();
    }
    expect(asked()).toHaveLength(1);
    clock.advance(70_000);
    await gesscon.watch.look();
    await until(() => asked().length > 1, 'the next request');
  });

  it('takes a gap for a batch, and alarms why', async () => {
    await box.say('t/inst', { e: 1, s: 1, gap: [1_767_258_000_000, 1_767_258_060_000], why: 'quota' });
    await until(() => box.hasAck(1), 'the ack');
    await gesscon.watch.look();
    await gesscon.watch.look();
    const told = (await gesscon.alarms.list('all')).filter(({ site }) => site === box.site);
    expect(told).toEqual([expect.objectContaining({ cause: 'gap', detail: expect.stringMatching(/2026.*quota/) })]);
  });

  it('does not acknowledge what is not as the contract says, and lets it hold back nobody', async () => {
    const before = gesscon.boxes.malformed;
    const bad = ['{"e":1,', '[]', '"x"', 'null', '{"v":1,"e":1,"s":4}', JSON.stringify({ v: 1, e: 1, s: 4, rows: 3 })];
    for (const text of bad) await box.say('t/inst', text);
    await box.batch(4, { id: [3] });
    // whole, but more than any database counts
    await box.batch(1e15, { e: 1, t0: 1e300 });
    await box.batch(5);
    await until(() => box.hasAck(5), 'the ack of the good one');
    await until(() => gesscon.boxes.malformed >= before + bad.length + 1, 'refusals');
    expect(box.hasAck(4)).toBe(false);
    expect((await readings()).filter(({ t }) => t < 2e15).length).toBe(3);
  });

  describe('orders', () => {
    const ask = async (path: string, body?: object): Promise<Record<string, unknown>> => {
      const headers = { authorization: 'Bearer secret', 'content-type': 'application/json' };
      const how = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
      const answer = await fetch(`${gesscon.url}/api/v1/sites/${box.site}/${path}`, { headers, ...how });
      return { status: answer.status, ...((await answer.json()) as object) };
    };
    const heard = (topic: string): Readonly<Record<string, unknown>>[] =>
      box.down.flatMap((one) => (one.topic === topic ? [one.body] : []));

    const POINT = 'battery/power/setpoint';

    /** Lets time pass, with a look at its end. */
    const pass = async (ms: number): Promise<void> => {
      clock.advance(ms);
      await gesscon.watch.look();
    };

    it('wait for what the box offers, and go out again until it answers; the first outcome stays', async () => {
      const order = { id: 'a', point: POINT, value: -1500, for: '10m', hb: '30s' };
      expect(await ask('commands', order)).toMatchObject({ status: 404, code: 'SMX_CLOUD_SITE' });
      await box.offer('none', []);
      await until(async () => (await ask('commands', order))['status'] === 202, 'the box');
      await until(async () => /does not offer/.test(String((await ask('commands/a'))['waits'])), 'the catalogue');
      expect(await ask('commands/a')).toMatchObject({ state: 'queued', sent: 0 });
      await box.offer('battery', [{ path: POINT, write: { lease: 900_000 } }]);
      await until(() => heard('cmd').length > 0, 'the command');
      expect(heard('cmd')[0]).toMatchObject({ id: 'a', value: -1500, hb: '30s', t: clock.now(), for: '600000ms' });
      await pass(60_000);
      await until(() => heard('cmd').at(-1)?.['for'] === '540000ms', 'the command again');
      await until(() => heard('hb').length > 0, 'a heartbeat');
      const stages = ['received', 'accepted', 'applied', 'verified', 'verified', 'applied', 'ended'];
      for (const [i, state] of stages.entries())
        await box.say('rsp', { id: 'a', state, value: -1500, t: 1000 + Math.min(i, 3) });
      await until(async () => (await ask('commands/a'))['outcome'] === 'verified', 'the outcome');
      await box.say('rsp', { id: 'b', state: 'verified', t: 1 });
      await box.say('rsp', { id: 'a', state: 'superseded', t: 2000 });
      await until(async () => (await ask('commands/a'))['state'] === 'superseded', 'the end');
      const { stages: told, outcome } = await ask('commands/a');
      expect(outcome).toBe('verified');
      expect((told as { state: string }[]).map(({ state }) => state)).toEqual(
        expect.arrayContaining(['received', 'accepted', 'applied', 'verified', 'ended', 'superseded']),
      );
      expect((told as { state: string }[]).filter(({ state }) => state === 'verified')).toHaveLength(1);
    });

    it('are asked after when their time is over, so that nothing is carried out late', async () => {
      await box.offer('battery', [{ path: POINT, write: { lease: 900_000 } }]);
      const order = { id: 'c', point: POINT, value: 1, for: '6s' };
      await until(async () => (await ask('commands', order))['status'] === 202, 'the box');
      await until(() => heard('cmd').length > 0, 'the command');
      await pass(60_000);
      await until(() => heard('cmd').at(-1)?.['until'] !== undefined, 'the question');
      const [first] = heard('cmd');
      const question = heard('cmd').at(-1);
      expect(first).toMatchObject({ id: 'c', for: '6000ms' });
      expect(question).toMatchObject({ id: 'c', until: (first!['t'] as number) + 6000 });
      expect(question!['t']).toBeLessThan(clock.now() - 60_000);
      await box.say('rsp', { id: 'c', state: 'refused', code: 'SMX_COMMAND_STALE', t: clock.now() });
      await until(async () => (await ask('commands/c'))['outcome'] === 'expired', 'the outcome');
      await pass(5000);
      const alarmed = (await gesscon.alarms.list('all')).map(({ detail }) => detail);
      expect(alarmed).toContainEqual(expect.stringContaining(`c to ${POINT}: expired`));
      expect(await ask('schedules', { point: 'p', start: 'tomorrow', step: '1h', values: [1] })).toMatchObject({
        ...{ status: 400, code: 'SMX_HTTP_BAD_REQUEST', detail: expect.stringContaining('start') },
      });
    });
  });

  if (kind === 'postgres')
    it('lives on where a connection breaks within a transaction', async () => {
      const { db } = gesscon.store;
      const broken = db.atomic(async (inside) => {
        const [own] = await inside.rows<{ pid: number }>('select pg_backend_pid() as pid');
        await db.rows('select pg_terminate_backend($1)', [own!.pid]);
        const left = (): Promise<object[]> => db.rows('select 1 from pg_stat_activity where pid = $1', [own!.pid]);
        await until(async () => (await left()).length === 0, 'the end of the connection');
        await inside.rows('select 1 as one');
      });
      await expect(broken).rejects.toMatchObject({ code: 'SMX_CLOUD_DATABASE' });
      await box.batch(1);
      await until(() => box.hasAck(1), 'the ack');
    });

  it('shows boxes and alarms to who has the token, and to nobody else', async () => {
    await box.batch(1);
    await until(() => box.hasAck(1), 'the ack');
    await gesscon.watch.look();
    const get = (path: string, token?: string): Promise<Response> =>
      fetch(`${gesscon.url}${path}`, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
    expect(await (await get('/health/ready')).json()).toMatchObject({ status: 'ok', broker: 'ok', database: 'ok' });
    expect((await get('/api/v1/sites')).status).toBe(401);
    expect((await get('/api/v1/sites', 'wrong')).status).toBe(401);
    const sites = (await (await get('/api/v1/sites', 'secret')).json()) as { site: string }[];
    expect(sites.find(({ site }) => site === box.site)).toMatchObject({ epoch: 1, stream: 'inst', hw: 1, most: 1 });
  });
});

describe('golden messages', () => {
  const golden = (name: string): { valid: object[]; invalid: { why: string; message: object }[] } =>
    JSON.parse(readFileSync(join(__dirname, `../../../libs/northbound/golden/${name}.json`), 'utf8')) as never;
  const read = (stream: string, body: object): unknown =>
    readBatch({ site: 's', topic: `t/${stream}`, body, received: 0 });

  it.each(['inst', 'gap'])('%s are taken as they stand there, and the others are refused', (name) => {
    const { valid, invalid } = golden(name);
    for (const message of valid) expect(read('inst', message)).toMatchObject({ stream: 'inst' });
    for (const { message } of invalid) expect(() => read('inst', message)).toThrow(/./);
  });

  it.each(['event', 'profile'])('records of %s are taken as they stand there', (name) => {
    for (const message of golden(name).valid) expect(read(name, message)).toMatchObject({ kind: 'records' });
  });
});
