import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { connectPostgres, postgresPrograms, startPostgres } from '../../apps/gesscon/test-support/postgres.js';
import { startMosquitto } from '../../libs/northbound/test-support/mosquitto.js';
import type { Bench } from './row.js';

const root = process.cwd();
/** A little more than asked, so that the pace of the fleet does not decide the figure. */
const SITES = 2050;
const POINTS = 40;
const BATCH = 10;
const SECONDS = 30;
const WARM = 5;
const WORKERS = 2;
/** Rows of one transaction of the bare insert. */
const BARE_ROWS = 4000;
const BARE_TIMES = 50;

type Client = Awaited<ReturnType<typeof connectPostgres>>;

interface Told {
  readonly batches: number;
  readonly values: number;
  readonly missing: number;
  readonly p99: number;
  /** ms until the last ack came. */
  readonly drained: number;
}

async function startWorker(config: string): Promise<ChildProcess> {
  const args = [join(root, 'bin/gesscon.js'), 'run', '--config', config];
  const worker = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  worker.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
  while (!out.includes('connected to the broker')) {
    if (worker.exitCode !== null) throw new Error(`a worker ended: ${out}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return worker;
}

async function runFleet(folder: string, port: number): Promise<Told> {
  const script = join(folder, 'fleet.js');
  const entryPoints = [join(root, 'test/bench/support/fleet.ts')];
  buildSync({ entryPoints, outfile: script, bundle: true, platform: 'node', logLevel: 'warning' });
  const wish = { port, sites: SITES, points: POINTS, batch: BATCH, seconds: SECONDS, warm: WARM };
  const env = { ...process.env, SMX_FLEET: JSON.stringify(wish) };
  const fleet = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  fleet.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
  await new Promise((resolve) => fleet.once('close', resolve));
  return JSON.parse(out) as Told;
}

/** Rows of the same shape, inserted by one client that does nothing else: values/s. */
async function bareInsert(client: Client): Promise<number> {
  await client.query('create table bare (received bigint, point integer, t bigint, v double precision)');
  await client.query('create index on bare (point, t)');
  const column = (value: (i: number) => number): string =>
    `{${Array.from({ length: BARE_ROWS }, (_, i) => value(i)).join()}}`;
  const insert =
    'insert into bare select * from unnest($1::bigint[], $2::integer[], $3::bigint[], $4::double precision[])';
  const begin = performance.now();
  for (let k = 0; k < BARE_TIMES; k++)
    await client.query(insert, [
      ...[column(() => k), column((i) => (k * BARE_ROWS + Math.floor(i / BATCH) * BATCH) % 82_000)],
      ...[column((i) => k * 1000 + i), column((i) => (i % 97) / 10)],
    ]);
  return (BARE_ROWS * BARE_TIMES * 1000) / (performance.now() - begin);
}

/** Fleet, broker, two workers and PostgreSQL share the two cores; `fsync` is on. */
async function run(): ReturnType<Bench['run']> {
  if (postgresPrograms() === undefined) throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  const folder = mkdtempSync(join(tmpdir(), 'smx-bench-gesscon-'));
  const postgres = await startPostgres(['shared_buffers=512MB', 'max_wal_size=4GB']);
  const broker = await startMosquitto();
  const config = join(folder, 'gesscon.yaml');
  writeFileSync(
    config,
    `party: gesscon\nbroker: { url: "mqtt://127.0.0.1:${broker.port}" }\ndatabase: "${postgres.url}"\nhttp: { port: 0 }\n`,
  );
  const workers: ChildProcess[] = [];
  const client = await connectPostgres(postgres);
  try {
    const bare = await bareInsert(client);
    for (let i = 0; i < WORKERS; i++) workers.push(await startWorker(config));
    const told = await runFleet(folder, broker.port);
    const { rows } = await client.query<{ values: string; batches: string }>(
      'select (select count(*) from value) as values, (select count(*) from batch) as batches',
    );
    const stored = Number(rows[0]!.values);
    const wrong = told.missing + Math.abs(stored - told.values) + Math.abs(Number(rows[0]!.batches) - told.batches);
    const row = { better: 'less', limit: null } as const;
    return [
      {
        ...{
          name: `gesscon: values of ${SITES} boxes into PostgreSQL, 10 s batches`,
          unit: 'values/s',
          target: 80_000,
        },
        ...{ figure: (stored * 1000) / told.drained, limit: bare, better: 'more' },
      },
      { ...row, name: 'gesscon: batch sent → commit → ack at the box, p99', figure: told.p99, unit: 'ms', target: 50 },
      { ...row, name: 'gesscon: values lost or doubled', figure: wrong, unit: 'values', target: 0 },
    ];
  } finally {
    await client.end();
    for (const worker of workers) worker.kill('SIGKILL');
    await broker.remove();
    await postgres.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

export const bench: Bench = { name: 'gesscon', run };
