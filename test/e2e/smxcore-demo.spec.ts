import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Box, Running, stop, until } from './smxcore-support.js';

const CONFIG = join(__dirname, '../../config');

let box: Box;
afterEach(() => box.remove());

it('the demo runs a site, a core and a token per role, and two roles see different things', async () => {
  // the demo's own config, on a data folder of its own; taken ports are replaced by free ones
  const config = readFileSync(join(CONFIG, 'demo.yaml'), 'utf8').replace('../var/demo', './var');
  box = new Box('', config);
  writeFileSync(join(box.folder, 'demo-roles.yaml'), readFileSync(join(CONFIG, 'demo-roles.yaml'), 'utf8'));
  const demo = box.start(['demo', '--speed', '10']);
  await until(() => demo.child.exitCode !== null || demo.out.includes('Ctrl-C'));
  const url = /page and API +(\S+)/.exec(demo.out)![1]!;
  const password = /log in as +demo +password (\S+)/.exec(demo.out)![1]!;
  const login = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'demo', password }),
  });
  expect(await login.json()).toMatchObject({ role: 'owner' });
  const tokenOf = (role: string): string => new RegExp(`^ +${role} +(smx_\\S+)$`, 'm').exec(demo.out)![1]!;
  const points = async (role: string): Promise<{ path: string; value: unknown; every?: string }[]> => {
    const answer = await fetch(`${url}/api/v1/points`, { headers: { authorization: `Bearer ${tokenOf(role)}` } });
    return (await answer.json()) as never;
  };
  await until(async () =>
    (await points('esco')).some(({ path, value }) => path === 'pcc/power/active' && value !== null),
  );
  const esco = await points('esco');
  const dso = await points('dso');
  expect(esco.some(({ path }) => path.startsWith('pcc/voltage/'))).toBe(false);
  expect(dso.filter(({ path }) => path.startsWith('pcc/voltage/')).every(({ every }) => every === undefined)).toBe(
    true,
  );
  expect(dso.find(({ path }) => path === 'pcc/power/active')).toMatchObject({ every: '1m', next: expect.any(Number) });
  expect(demo.out).toMatch(/^ +dso +1m windows: the first closes \d\d:\d\d:00 \(Europe\/Brussels\)$/m);
  // each command that the demo prints does what it says, as it stands
  const printed = demo.out.split('\n').filter((line) => /^ +npx smx (read|grants) /.test(line));
  expect(printed).toHaveLength(2);
  for (const line of printed) {
    const [, , ...args] = line.trim().replaceAll('"', '').split(' ');
    const { status, out } = await Running.start(args).ended();
    expect([line, status, out]).toEqual([line, 0, expect.stringContaining('pcc/voltage/l1')]);
  }
  // the car charges through the box, and its back end has it on the bill
  const bill = /bill of the car +(\S+)/.exec(demo.out)![1]!;
  const billed = async (): Promise<unknown> => (await fetch(bill)).json();
  await until(async () => /"values":[1-9]/.test(JSON.stringify(await billed())));
  expect(await billed()).toMatchObject({
    stations: ['SMX-DEMO-1'],
    sessions: [{ tag: 'OWNER', id: '1000' }],
    orphans: 0,
  });
  // the house limits it, and the back end is not asked
  const write = demo.out.split('\n').find((line) => /^ +npx smx write /.test(line))!;
  const [, before, , after] = /npx smx (.*)"(.*)"(.*)$/.exec(write)!.map((text) => text.trim());
  const limit = await Running.start([...before!.split(' '), 'the oven is on', ...after!.split(' ')]).ended();
  expect(limit.out).toContain('verified: ev1/current/limit 10, measured 10');
  expect(await billed()).toMatchObject({ orphans: 0, sessions: [{ id: '1000' }] });
  expect((await points('resident')).some(({ path }) => path === 'gas/volume')).toBe(true);
  expect((await stop(demo)).status).toBe(0);
});

it('a wrong speed is bad usage', async () => {
  box = new Box();
  expect(await box.smx(['demo', '--speed', 'fast'])).toMatchObject({
    status: 2,
    err: expect.stringContaining('--speed'),
  });
});
