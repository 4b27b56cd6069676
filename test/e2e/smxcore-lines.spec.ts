import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { startP1Site, type P1Site } from '@smx-edge/site-simulator';
import { Box, until } from './smxcore-support.js';

interface Instance {
  readonly id: string;
  readonly pid?: number;
  readonly state: string;
  readonly reason?: string;
  readonly status?: { readonly state: string; readonly text?: string };
}

let box: Box;
let site: P1Site;
beforeEach(async () => (site = await startP1Site({ host: '127.0.0.1', port: 0 })));
afterEach(async () => {
  await box.remove();
  await site.stop();
});

const meter = (): string =>
  `extensions:\n  p1: { use: p1-reader, config: { device: pcc, source: "tcp://127.0.0.1:${site.address.port}" } }\n`;

async function instance(id: string): Promise<Instance | undefined> {
  const { status, out } = await box.smx(['extensions', '--json']);
  if (status !== 0) return undefined;
  return (JSON.parse(out) as Instance[]).find((other) => other.id === id);
}

async function reading(path: string): Promise<boolean> {
  const { status, out } = await box.smx(['read', path, '--json']);
  return status === 0 && (JSON.parse(out) as { value: unknown }[]).some(({ value }) => value !== null);
}

const lives = (pid: number): boolean => {
  try {
    // a process that ended and was not waited for yet is a zombie: it runs nothing
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

it('a meter that goes away stands in the state of its instance, with why, and its return too', async () => {
  box = new Box(meter());
  await box.core();
  await until(() => reading('pcc/power/active'));
  // the first value is there before the word that the meter is read
  await until(async () => (await instance('p1'))?.status?.state === 'ok');
  expect(await instance('p1')).toMatchObject({ state: 'running', status: { text: 'reading' } });
  const { port } = site.address;
  await site.stop();
  await until(async () => (await instance('p1'))?.status?.state === 'error');
  const { out } = await box.smx(['extensions']);
  expect(out).toMatch(/p1 +p1-reader +running \(error\) .*tcp:\/\/127\.0\.0\.1:\d+: /);
  site = await startP1Site({ host: '127.0.0.1', port });
  await until(async () => (await instance('p1'))?.status?.state === 'ok');
});

it('an instance whose core is killed ends by itself, though its meter still sends', async () => {
  box = new Box(meter());
  const { core } = await box.core();
  await until(() => reading('pcc/power/active'));
  const { pid } = (await instance('p1'))!;
  expect(lives(pid!)).toBe(true);
  core.child.kill('SIGKILL');
  await core.ended();
  await until(() => !lives(pid!));
});

it('a recording named from the config file is read under the permission model', async () => {
  box = new Box(
    'extensions:\n  p1: { use: p1-reader, config: { device: pcc, source: "file:lines/meter.txt?loop=true" } }\n',
  );
  const lines = join(box.folder, 'lines');
  mkdirSync(lines);
  const socket = connect(site.address.port, '127.0.0.1');
  let telegrams = Buffer.alloc(0);
  while (telegrams.toString('latin1').split('!').length < 4)
    telegrams = Buffer.concat([telegrams, (await once(socket, 'data'))[0] as Buffer]);
  socket.destroy();
  writeFileSync(join(lines, 'meter.txt'), telegrams);
  expect(await box.smx(['check'])).toMatchObject({ status: 0 });
  await box.core();
  await until(() => reading('pcc/power/active'));
});

it('a source that is none is told at its place, by check and in the state', async () => {
  box = new Box('extensions:\n  p1: { use: p1-reader, config: { source: "tpc://127.0.0.1:2001" } }\n');
  const { status, out } = await box.smx(['check']);
  expect(status).toBe(2);
  expect(out).toMatch(
    /smx\.yaml:6:\d+ extensions\.p1\.config\.source: this does not fit, expected \(did you mean "tcp"\?\)/,
  );
  await box.core();
  expect(await instance('p1')).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('did you mean "tcp"?'),
  });
});

it('an installed package that nothing is allowed to is told, by check and in the state', async () => {
  box = new Box('packages: ./packages\nextensions:\n  meter: { use: many-points }\n');
  cpSync(join(__dirname, '../fixtures/packages'), join(box.folder, 'packages'), { recursive: true });
  const { status, out } = await box.smx(['check']);
  expect(status).toBe(2);
  expect(out).toMatch(/smx\.yaml:\d+:\d+ extensions\.meter\.allow: this is missing, expected .*asks for publish #/);
  await box.core();
  expect(await instance('meter')).toMatchObject({ state: 'failed', reason: expect.stringContaining('allow') });
  expect((await box.smx(['extensions'])).out).toMatch(/meter +many-points +failed .*allow/);
});
