import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startMosquitto, type Mosquitto } from '../../../libs/northbound/test-support/mosquitto.js';
import { Box, until } from '../test-support/box.js';
import { connectPostgres, postgresPrograms, startPostgres, type Postgres } from '../test-support/postgres.js';

const MAIN = resolve(__dirname, '../../../bin/gesscon.js');
const DYING = resolve(__dirname, '../test-support/kill-before.js');

interface Start {
  readonly sign?: string;
  readonly diesBefore?: string;
}

/** A worker as a process, started as an operator starts it. */
class Worker {
  out = '';
  readonly gone: Promise<number | null>;

  private constructor(readonly child: ChildProcess) {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.out += text));
    this.gone = new Promise((done) => child.once('exit', done));
  }

  /** Resolves once it has said `sign`; with `diesBefore` it is killed when it is about to publish or to ask such. */
  static async start(config: string, { sign = 'connected to the broker', diesBefore }: Start): Promise<Worker> {
    const preload = diesBefore === undefined ? [] : ['--require', DYING];
    const args = [...preload, MAIN, 'run', '--config', config];
    const env = { ...process.env, ...(diesBefore === undefined ? {} : { DIES_BEFORE: diesBefore }) };
    const worker = new Worker(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env }));
    await until(() => {
      if (worker.child.exitCode !== null) throw new Error(`the worker ended: ${worker.out}`);
      return worker.out.includes(sign);
    }, 'a worker');
    return worker;
  }

  get url(): string {
    return /http:\/\/127\.0\.0\.1:\d+/.exec(this.out)![0];
  }

  async ask(path: string, body?: object): Promise<{ readonly status: number } & Readonly<Record<string, unknown>>> {
    const headers = { authorization: 'Bearer secret', 'content-type': 'application/json' };
    const how = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const answer = await fetch(`${this.url}${path}`, { headers, ...how });
    return { ...((await answer.json()) as object), status: answer.status };
  }

  end(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return this.gone;
  }
}

const suite = postgresPrograms() === undefined ? describe.skip : describe;

suite('workers that share the batches of one party', () => {
  let folder: string;
  let broker: Mosquitto;
  let postgres: Postgres;
  let config: string;
  const boxes: Box[] = [];
  const workers: Worker[] = [];

  const query = async <R>(text: string): Promise<R[]> => {
    const client = await connectPostgres(postgres);
    try {
      return (await client.query(text)).rows as R[];
    } finally {
      await client.end();
    }
  };
  const count = async (what: string): Promise<number> =>
    Number((await query<{ n: string }>(`select count(*) as n from ${what}`))[0]!.n);

  const work = async (how: Start = {}): Promise<Worker> => {
    const worker = await Worker.start(config, how);
    workers.push(worker);
    return worker;
  };

  const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

  const say = (from: number, to: number): Promise<unknown> =>
    Promise.all(boxes.flatMap((box) => numbers(from, to).map((seq) => box.batch(seq))));

  const allAcked = (to: number): boolean => boxes.every((box) => numbers(1, to).every((seq) => box.hasAck(seq)));

  /** As a box does: what has no ack is sent again. */
  const resend = (to: number): Promise<void> =>
    until(async () => {
      for (const box of boxes)
        for (const seq of numbers(1, to)) if (!box.hasAck(seq)) await box.batch(seq, { h: true });
      return allAcked(to);
    }, 'acks of everything');

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'smx-workers-'));
    broker = await startMosquitto();
    postgres = await startPostgres();
    config = join(folder, 'gesscon.yaml');
    writeFileSync(
      config,
      `party: gesscon\nbroker: { url: "mqtt://127.0.0.1:${broker.port}" }\ndatabase: "${postgres.url}"\nhttp: { port: 0, token: secret }\n`,
    );
  });

  beforeEach(async () => {
    for (let i = 0; i < 4; i++) boxes.push(await Box.connect(broker.port, `site-${i}`));
  });

  afterEach(async () => {
    for (const box of boxes.splice(0)) await box.leave();
    for (const worker of workers.splice(0)) await worker.end('SIGKILL');
    await query(
      'truncate batch, value, stream, record, gap, alarm, catalogue, catalogue_point, command, command_stage, offer',
    );
  });

  afterAll(async () => {
    await postgres.remove();
    await broker.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('lose nothing and double nothing where one is killed between its commit and its ack', async () => {
    const dying = await work({ diesBefore: '/ack/inst' });
    await say(1, 1);
    await dying.gone;
    const committed = await count('batch');
    expect(committed).toBeGreaterThan(0);
    expect(boxes.some((box) => box.hasAck(1))).toBe(false);
    await work();
    await say(2, 20);
    await resend(20);
    expect(await count('batch')).toBe(4 * 20);
    expect(await count('value')).toBe(4 * 20 * 3);
    expect(await count('(select 1 from value group by point, t having count(*) > 1) twice')).toBe(0);
  });

  it('send an order that was kept where one is killed before it is sent, under the id it was kept with', async () => {
    const [box] = boxes as [Box];
    const ids = (): unknown[] => box.down.flatMap(({ topic, body }) => (topic === 'cmd' ? [body['id']] : []));
    const dying = await work({ diesBefore: '/cmd' });
    await box.offer('battery', [{ path: 'battery/power', write: { lease: 900_000 } }]);
    await until(
      async () => (await count(`offer join site on site.key = offer.site where name = '${box.site}'`)) > 0,
      'a box',
    );
    const order = { id: 'once', point: 'battery/power', value: 1, for: '10m' };
    await expect(dying.ask(`/api/v1/sites/${box.site}/commands`, order)).rejects.toThrow(/./);
    await dying.gone;
    expect([await count('command'), ids()]).toEqual([1, []]);
    const worker = await work();
    await until(() => ids().length > 0, 'the order');
    await box.say('rsp', { id: 'once', state: 'verified', value: 1, t: 1 });
    const told = (): ReturnType<Worker['ask']> => worker.ask(`/api/v1/sites/${box.site}/commands/once`);
    await until(async () => (await told())['outcome'] === 'verified', 'the outcome');
    // what asks for it again finds it
    expect(await worker.ask(`/api/v1/sites/${box.site}/commands`, order)).toMatchObject({
      status: 202,
      outcome: 'verified',
    });
    expect(await count('command')).toBe(1);
    expect(new Set(ids())).toEqual(new Set(['once']));
  });

  it('share them: each batch goes to one of two, and SIGTERM ends one without loss', async () => {
    const [one, other] = [await work(), await work()];
    await say(1, 30);
    await until(() => allAcked(30), 'acks');
    // none was acknowledged twice, so none went to both
    for (const box of boxes)
      expect(box.acks.reduce((n, { s }) => n + s.reduce((sum, [from, to]) => sum + to - from + 1, 0), 0)).toBe(30);
    const saying = say(31, 60);
    expect(await one.end('SIGTERM')).toBe(0);
    await saying;
    await resend(60);
    expect(await count('value')).toBe(4 * 60 * 3);
    expect(other.child.exitCode).toBeNull();
  });

  it.each([
    ['between its commit and its acks', '/ack/inst'],
    ['in the middle of its transaction', 'insert into value'],
  ])('share them, and lose nothing and double nothing where one of two is killed %s', async (_when, diesBefore) => {
    const [dying, other] = [await work({ diesBefore }), await work()];
    await say(1, 30);
    await dying.gone;
    await resend(30);
    expect([dying.child.signalCode, other.child.exitCode]).toEqual(['SIGKILL', null]);
    expect([await count('batch'), await count('value')]).toEqual([4 * 30, 4 * 30 * 3]);
    expect(await count('(select 1 from value group by point, t having count(*) > 1) twice')).toBe(0);
  });

  it('start without their database: not ready, with the reason, and at work once it is there', async () => {
    await postgres.stop();
    const worker = await work({ sign: 'the database is away' });
    const away = expect.stringContaining('SMX_CLOUD_DATABASE') as string;
    expect(await worker.ask('/health/ready')).toMatchObject({ status: 503, database: away });
    expect(await worker.ask('/api/v1/alarms')).toMatchObject({ status: 503, code: 'SMX_CLOUD_DATABASE' });
    await say(1, 2);
    expect(boxes.some((box) => box.hasAck(1))).toBe(false);
    await postgres.start();
    await until(async () => (await worker.ask('/health/ready')).status === 200, 'the worker');
    await resend(2);
    expect(await count('value')).toBe(4 * 2 * 3);
  });

  it('lose nothing of what boxes say while the database is away', async () => {
    const worker = await work();
    for (const box of boxes) await box.state();
    await say(1, 1);
    await until(() => allAcked(1), 'acks');
    const [first, second] = boxes as [Box, Box];
    const order = { id: 'a', point: 'p', value: 1, for: '10m' };
    await until(async () => (await worker.ask(`/api/v1/sites/${first.site}/commands`, order)).status === 202, 'a box');
    await postgres.stop('SIGQUIT');
    // each of it is said once
    await second.cat();
    await second.state({ s: 'closing' });
    for (const state of ['received', 'accepted', 'verified']) await first.say('rsp', { id: 'a', state, t: 1 });
    await say(2, 5);
    for (const sign of ['were not taken', '"topic":"state"', '"topic":"cat"', '"topic":"rsp"'])
      await until(() => worker.out.includes(sign), `the log of ${sign}`);
    const away = expect.stringContaining('SMX_CLOUD_DATABASE') as string;
    expect(await worker.ask('/health/ready')).toMatchObject({ status: 503, broker: 'ok', database: away });
    expect(boxes.some((box) => box.hasAck(2))).toBe(false);
    await postgres.start();
    await resend(5);
    expect(await count('value')).toBe(4 * 5 * 3);
    await until(
      async () => (await count(`reading where site = '${second.site}' and path is not null`)) === 15,
      'the cat',
    );
    await until(
      async () => (await count(`site where name = '${second.site}' and state = 'closing'`)) === 1,
      'the state',
    );
    const told = (): ReturnType<Worker['ask']> => worker.ask(`/api/v1/sites/${first.site}/commands/a`);
    await until(async () => (await told())['outcome'] === 'verified', 'the outcome');
    expect((await told())['stages']).toHaveLength(3);
  });

  it('come back to a broker that was away', async () => {
    await work();
    await broker.stop();
    await broker.start();
    await resend(2);
    expect(await count('batch')).toBe(8);
  });
});
