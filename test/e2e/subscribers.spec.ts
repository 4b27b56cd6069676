import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startMosquitto, type Mosquitto } from '../../libs/northbound/test-support/mosquitto.js';
import { Box, until } from './smxcore-support.js';

const ROOT = join(__dirname, '../..');
const TUTORIAL = readFileSync(join(ROOT, 'docs/tutorials/subscribe.md'), 'utf8');

/** Code of the tutorial, in order. */
const blocks = (language: string): string[] =>
  [...TUTORIAL.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, code]) => code!);

/** A Python that has paho: Debian's, or the one in the path. */
const python = ['/usr/bin/python3', 'python3'].find(
  (command) => spawnSync(command, ['-c', 'import paho.mqtt.subscribe']).status === 0,
);
const inPython = python === undefined ? 'in Python (none with paho: apt install python3-paho-mqtt)' : 'in Python';

interface Door {
  readonly port: number;
  readonly party: string;
  readonly token: string;
}

describe('the subscribers of the tutorial', () => {
  const box = new Box();
  const children: ChildProcess[] = [];
  const doors: Record<string, Door> = {};
  let broker: Mosquitto;

  /** Only address, name and token are put in; all else stands in the tutorial. */
  const written = (code: string, { port, party, token }: Door): string =>
    code.replaceAll('1883', String(port)).replaceAll('acme', party).replaceAll('TOKEN', token);

  /** The first line that a program prints. */
  async function firstLine(command: string, file: string): Promise<string> {
    const child = spawn(command, [file], { cwd: box.folder, env: { ...process.env, PYTHONUNBUFFERED: '1' } });
    children.push(child);
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    return until(() => {
      if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}: ${err}`);
      return /^(.*)\n/.exec(out)?.[1];
    });
  }

  beforeAll(async () => {
    broker = await startMosquitto();
    writeFileSync(join(box.folder, 'roles.yaml'), 'roles:\n  esco: { grants: [{ read: ["box/cpu/#"] }] }\n');
    box.write(
      `${readFileSync(box.config, 'utf8')}roles: ./roles.yaml\n` +
        `links:\n  gesscon: { url: "mqtt://127.0.0.1:${broker.port}", role: esco }\n`,
    );
    const { out } = await box.smx(['token', 'create', '--role', 'esco', '--name', 'acme', '--json']);
    const { token } = JSON.parse(out) as { token: string };
    const { broker: local } = await box.core();
    doors['local'] = { port: local!.port, party: 'acme', token };
    doors['link'] = { port: broker.port, party: 'gesscon', token: 'none' };
    mkdirSync(join(box.folder, 'node_modules'));
    for (const name of ['mqtt', '@types'])
      symlinkSync(join(ROOT, 'node_modules', name), join(box.folder, 'node_modules', name));
  }, 60_000);

  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await box.remove();
    await broker.remove();
  });

  it('are of ten lines', () => {
    for (const code of [blocks('python')[0]!, blocks('ts')[0]!])
      expect(code.split('\n').length).toBeLessThanOrEqual(11);
  });

  (python === undefined ? it.skip : it).each(['local', 'link'])(`${inPython}: %s`, async (door) => {
    const file = join(box.folder, `${door}.py`);
    writeFileSync(file, written(blocks('python')[0]!, doors[door]!));
    expect(await firstLine(python!, file)).toMatch(/^\{'box\/cpu\/load': [\d.]+\}$/);
  });

  it.each(['local', 'link'])('in TypeScript: %s', async (door) => {
    const file = join(box.folder, `${door}.mts`);
    writeFileSync(file, written(blocks('ts')[0]!, doors[door]!));
    const options = ['--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const made = spawnSync(process.execPath, [tsc, ...options, file], { cwd: box.folder, encoding: 'utf8' });
    expect([made.status, made.stdout]).toEqual([0, '']);
    expect(await firstLine(process.execPath, file.replace('.mts', '.mjs'))).toMatch(/^\{ 'box\/cpu\/load': [\d.]+ \}$/);
  });
});
