import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { startMosquitto, type Mosquitto } from '../../libs/northbound/test-support/mosquitto.js';
import { Box, until } from './smxcore-support.js';

const ROOT = join(__dirname, '../..');
const TUTORIAL = readFileSync(join(ROOT, 'docs/tutorials/subscribe.md'), 'utf8');

/** Code of the tutorial, in order. */
const blocks = (language: string): string[] =>
  [...TUTORIAL.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, code]) => code!);
const [printsInPython, keepsInPython] = blocks('python') as [string, string];
const [printsInTypeScript, keepsInTypeScript] = blocks('ts') as [string, string];

/** A Python that has paho: Debian's, or the one in the path. */
const python = ['/usr/bin/python3', 'python3'].find(
  (command) => spawnSync(command, ['-c', 'import paho.mqtt.subscribe']).status === 0,
);
const inPython = python === undefined ? 'in Python (none with paho: apt install python3-paho-mqtt)' : 'in Python';
const withPython = python === undefined ? it.skip : it;

interface Door {
  readonly port: number;
  readonly party: string;
  readonly token: string;
}

interface LinkRow {
  readonly name: string;
  readonly streams: readonly { readonly oldest: number }[];
}

interface Running {
  out: string;
  /** Throws what it said where it ended. */
  alive(): boolean;
}

const DOORS = ['local', 'link'] as const;

describe('the subscribers of the tutorial', () => {
  const box = new Box();
  const children: ChildProcess[] = [];
  let broker: Mosquitto;
  let local: { readonly port: number };
  let http: string;

  /** Those that keep, from the beginning on: who comes later waits until the box sends again. */
  const keepers = new Map<string, { running: Running; door: Door; kept: () => Set<number> }>();

  /** A party of its own at one of the two brokers. */
  async function doorOf(where: (typeof DOORS)[number], name: string): Promise<Door> {
    if (where === 'link') return { port: broker.port, party: `link-${name}`, token: 'none' };
    const { out } = await box.smx(['token', 'create', '--role', 'esco', '--name', name, '--json']);
    return { port: local.port, party: name, token: (JSON.parse(out) as { token: string }).token };
  }

  /** Only address, name and token are put in; all else stands in the tutorial. */
  const written = (code: string, { port, party, token }: Door): string =>
    code.replaceAll('1883', String(port)).replaceAll('acme', party).replaceAll('TOKEN', token);

  /** A folder with the program in it, compiled where it is TypeScript; gives its file. */
  function program(name: string, code: string): string {
    const folder = join(box.folder, name.replace(/\W/g, '-'));
    mkdirSync(folder);
    const file = join(folder, name);
    writeFileSync(file, code);
    if (!name.endsWith('.mts')) return file;
    const options = ['--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const made = spawnSync(process.execPath, [tsc, ...options, file], { cwd: folder, encoding: 'utf8' });
    expect([made.status, made.stdout]).toEqual([0, '']);
    return file.replace('.mts', '.mjs');
  }

  function run(command: string, file: string): Running {
    const child = spawn(command, [file], { cwd: join(file, '..'), env: { ...process.env, PYTHONUNBUFFERED: '1' } });
    children.push(child);
    let err = '';
    const running = {
      out: '',
      alive: () => {
        if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}: ${err}`);
        return true;
      },
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (running.out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    return running;
  }

  async function firstLine(command: string, file: string): Promise<string> {
    const running = run(command, file);
    return until(() => (running.alive() ? /^(.*)\n/.exec(running.out)?.[1] : undefined));
  }

  /** The first batch that the box still waits for; it counts from 1. */
  async function oldest({ party, port, token }: Door): Promise<number> {
    if (party.startsWith('link-')) {
      const secret = readFileSync(join(box.folder, 'var/secret'), 'utf8').trim();
      const answer = await fetch(`${http}/api/v1/links`, { headers: { authorization: `Bearer ${secret}` } });
      return ((await answer.json()) as LinkRow[]).find(({ name }) => name === party)?.streams[0]?.oldest ?? 0;
    }
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { username: party, password: token });
    const state = new Promise<{ head: { inst?: [number, number] } }>((resolve) =>
      client.on('message', (_topic, payload) => resolve(JSON.parse(payload.toString()))),
    );
    await client.subscribeAsync(`smx/1/+/${party}/state`);
    const { head } = await state;
    await client.endAsync(true);
    return head.inst?.[0] ?? 0;
  }

  async function keepPython(where: (typeof DOORS)[number]): Promise<void> {
    const door = await doorOf(where, 'keeps-python');
    const file = program(`keeps-${where}.py`, written(keepsInPython, door));
    const query = 'import sqlite3; print([s for s, in sqlite3.connect("batches.db").execute("select s from batch")])';
    const kept = (): Set<number> => {
      const { stdout } = spawnSync(python!, ['-c', query], { cwd: join(file, '..'), encoding: 'utf8' });
      return new Set(JSON.parse(stdout) as number[]);
    };
    keepers.set(`python ${where}`, { running: run(python!, file), door, kept });
  }

  async function keepTypeScript(where: (typeof DOORS)[number]): Promise<void> {
    const door = await doorOf(where, 'keeps-ts');
    const file = program(`keeps-${where}.mts`, written(keepsInTypeScript, door));
    const folder = join(file, '../batches');
    const kept = (): Set<number> => {
      const files = existsSync(folder) ? readdirSync(folder) : [];
      return new Set(files.map((name) => Number(/-(\d+)\.json$/.exec(name)?.[1])));
    };
    keepers.set(`ts ${where}`, { running: run(process.execPath, file), door, kept });
  }

  beforeAll(async () => {
    broker = await startMosquitto();
    writeFileSync(join(box.folder, 'roles.yaml'), 'roles:\n  esco: { grants: [{ read: ["sensor/temperature"] }] }\n');
    const links = ['prints-python', 'prints-ts', 'keeps-python', 'keeps-ts'].map(
      (name) => `  link-${name}: { url: "mqtt://127.0.0.1:${broker.port}", role: esco, batch: 1s }\n`,
    );
    box.write(
      `${readFileSync(box.config, 'utf8')}roles: ./roles.yaml\nextensions:\n  virtual: { use: virtual-device, config: {} }\nhistory: { flush: 1s }\nlinks:\n${links.join('')}`,
    );
    const started = await box.core();
    [local, http] = [started.broker!, started.url];
    mkdirSync(join(box.folder, 'node_modules'));
    for (const name of ['mqtt', '@types'])
      symlinkSync(join(ROOT, 'node_modules', name), join(box.folder, 'node_modules', name));
    for (const where of DOORS) {
      if (python !== undefined) await keepPython(where);
      await keepTypeScript(where);
    }
  }, 120_000);

  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await box.remove();
    await broker.remove();
  });

  it('are of ten lines; those that keep every value of a few more', () => {
    const lines = (code: string): number => code.split('\n').filter((line) => line.trim() !== '').length;
    for (const code of [printsInPython, printsInTypeScript]) expect(lines(code)).toBeLessThanOrEqual(10);
    for (const code of [keepsInPython, keepsInTypeScript]) expect(lines(code)).toBeLessThanOrEqual(11);
  });

  withPython.each(DOORS)(`print, ${inPython}: %s`, async (where) => {
    const door = await doorOf(where, 'prints-python');
    const file = program(`prints-${where}.py`, written(printsInPython, door));
    expect(await firstLine(python!, file)).toMatch(/^\{'sensor\/temperature': [\d.]+\}$/);
  });

  it.each(DOORS)('print, in TypeScript: %s', async (where) => {
    const door = await doorOf(where, 'prints-ts');
    const file = program(`prints-${where}.mts`, written(printsInTypeScript, door));
    expect(await firstLine(process.execPath, file)).toMatch(/^\{ 'sensor\/temperature': [\d.]+ \}$/);
  });

  /** Every batch that the box takes for stored is stored. */
  async function keeps(name: string): Promise<void> {
    const { running, door, kept } = keepers.get(name)!;
    const waits = await until(async () => {
      const first = running.alive() ? await oldest(door) : 0;
      return first > 2 ? first : undefined;
    });
    const numbers = kept();
    for (let s = 1; s < waits; s++) expect([s, numbers.has(s)]).toEqual([s, true]);
  }

  withPython.each(DOORS)(`keep and acknowledge, ${inPython}: %s`, (where) => keeps(`python ${where}`));
  it.each(DOORS)('keep and acknowledge, in TypeScript: %s', (where) => keeps(`ts ${where}`));
});
