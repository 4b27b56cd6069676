import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { Box, stop, until } from './smxcore-support.js';

const ESSENTIALS = 'site: test\ndata: ./var\nhttp: { port: 0 }\nbroker: { port: 0 }\n';
const POINT = 'battery/power/setpoint';
const EXTRA = `
roles: ./roles.yaml
limits: { import: 2500, export: 4000 }
extensions:
  virtual: { use: virtual-device, control: on, config: { ramp: 0, interval: 0, remembers: true } }
  off: { use: virtual-device, config: { sensor: s2, battery: b2 } }
`;
const ROLES = {
  roles: {
    ctl: {
      grants: [
        { read: ['battery/#'] },
        { events: ['battery/#'] },
        { command: [POINT], between: [-4000, 4000], lease: '15m', priority: 40 },
      ],
    },
    dso: { authority: 'dso', grants: [{ command: ['box/limit/+'] }] },
    other: { grants: [{ read: ['battery/#'] }, { command: ['b2/#'] }] },
  },
};

interface Stage {
  readonly id: string;
  readonly state: string;
  readonly value?: number;
  readonly measured?: number;
  readonly code?: string;
}

let box: Box;
let url: string;
let client: MqttClient | undefined;
const tokens: Record<string, string> = {};

async function token(role: string, ...more: string[]): Promise<string> {
  const { out } = await box.smx(['token', 'create', '--role', role, ...more, '--json']);
  return (JSON.parse(out) as { token: string }).token;
}

async function ask(as: string, path: string, how: { method?: string; body?: unknown } = {}): Promise<Response> {
  return fetch(`${url}/api/v1/${path}`, {
    method: how.method ?? 'GET',
    headers: { authorization: `Bearer ${tokens[as]!}`, 'content-type': 'application/json' },
    ...(how.body === undefined ? {} : { body: JSON.stringify(how.body) }),
  });
}

const value = async (path: string): Promise<unknown> =>
  ((await (await ask('owner', `points/${path}`)).json()) as { value: unknown }).value;

async function start(): Promise<Awaited<ReturnType<Box['core']>>> {
  const running = await box.core();
  ({ url } = running);
  await until(async () => (await fetch(`${url}/health/ready`)).status === 200);
  return running;
}

describe('commands to a real device process', () => {
  beforeEach(() => {
    box = new Box(EXTRA);
    writeFileSync(join(box.folder, 'roles.yaml'), JSON.stringify(ROLES));
  });
  afterEach(async () => {
    await client?.endAsync(true);
    await box.remove();
  });

  it('come in by every door, are bounded, proved and undone, and survive every death', async () => {
    let running = await start();
    for (const role of ['owner', 'ctl', 'dso', 'other']) tokens[role] = await token(role);
    await until(async () => (await value('battery/power')) === 0);

    // HTTP, with all stages to read
    const posted = await ask('ctl', 'commands', {
      method: 'POST',
      body: { id: 'h1', point: POINT, value: -1500, for: '10m' },
    });
    expect([posted.status, await posted.json()]).toEqual([202, { id: 'h1', state: 'accepted' }]);
    const done = await until(async () => {
      const answer = (await (await ask('ctl', 'commands/h1')).json()) as Record<string, unknown>;
      return answer['outcome'] === undefined ? undefined : answer;
    });
    expect(done).toMatchObject({
      outcome: 'verified',
      value: -1500,
      measured: -1500,
      asked: -1500,
      authority: 'controller',
    });
    expect((done['stages'] as Stage[]).map(({ state }) => state)).toEqual([
      'received',
      'accepted',
      'applied',
      'verified',
    ]);

    // the command line acts as the owner of the box, and the site bounds it
    const written = await box.smx(['write', POINT, '4000', '--for', '1h', '--reason', 'try', '--json']);
    expect(written.status).toBe(0);
    expect(JSON.parse(written.out)).toMatchObject({ outcome: 'clamped', value: 2500, asked: 4000, authority: 'owner' });
    expect((await box.smx(['write', POINT, '-9000', '--for', '1h'])).err).toContain('SMX_COMMAND_BOUNDS');
    expect((await box.smx(['write', 'b2/power/setpoint', '1', '--for', '1h'])).err).toContain(
      'SMX_COMMAND_CONTROL_OFF',
    );
    const refused = await box.smx(['write', POINT, '-9000', '--for', '1h', '--json']);
    expect([refused.status, JSON.parse(refused.out)]).toEqual([
      1,
      expect.objectContaining({ outcome: 'refused', code: 'SMX_COMMAND_BOUNDS', asked: -9000, point: POINT }),
    ]);
    const formless = await box.smx(['write', POINT, '1', '--for', 'long', '--json']);
    expect(JSON.parse(formless.out)).toMatchObject({ code: expect.stringMatching(/^SMX_/), errors: expect.any(Array) });
    expect((await box.smx(['write', POINT, '1'])).status).toBe(2);

    // what a party may not do is a problem with its code
    const refusal = async (as: string, body: object): Promise<unknown[]> => {
      const answer = await ask(as, 'commands', { method: 'POST', body });
      return [answer.status, ((await answer.json()) as { code: string }).code];
    };
    expect(await refusal('other', { point: POINT, value: 1, for: '1m' })).toEqual([403, 'SMX_ACCESS_DENIED']);
    expect(await refusal('ctl', { point: 'b2/power/setpoint', value: 1, for: '1m' })).toEqual([
      404,
      'SMX_POINT_UNKNOWN',
    ]);
    expect(await refusal('ctl', { point: 'battery/power', value: 1, for: '1m' })).toEqual([
      405,
      'SMX_COMMAND_READ_ONLY',
    ]);
    expect(await refusal('ctl', { point: POINT, value: 1, for: '1h' })).toEqual([400, 'SMX_COMMAND_LEASE']);
    expect(await refusal('ctl', { point: POINT, value: 1 })).toEqual([400, 'SMX_COMMAND_LEASE']);
    expect(await refusal('ctl', { point: POINT, value: 'x', for: '1m' })).toEqual([400, 'SMX_POINT_TYPE']);
    expect(await refusal('ctl', { point: POINT, for: '1m' })).toEqual([400, 'SMX_HTTP_BAD_REQUEST']);
    for (let i = 0; i < 12; i++) await refusal('other', { point: POINT, value: 1, for: '1m' });
    const limited = await ask('other', 'commands', { method: 'POST', body: { point: POINT, value: 1, for: '1m' } });
    expect([limited.status, Number(limited.headers.get('retry-after'))]).toEqual([429, expect.any(Number)]);

    // the owner ends its command, and the controller's is back
    const all = (await (await ask('owner', 'commands?match=battery/%23')).json()) as {
      id: string;
      principal: string;
      over: boolean;
    }[];
    const paged: typeof all = [];
    for (let path: string | undefined = `commands?match=${POINT}&limit=2`; path !== undefined;) {
      const page = await ask('owner', path);
      paged.push(...((await page.json()) as typeof all));
      path = /^<\/api\/v1\/(.*)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1];
    }
    expect(all.length).toBeGreaterThan(2);
    expect(paged).toEqual(all);
    const own = all.find(({ principal, over }) => principal === 'local' && !over)!;
    expect((await ask('ctl', `commands/${own.id}?principal=local`, { method: 'DELETE' })).status).toBe(404);
    await ask('owner', `commands/${own.id}?principal=local`, { method: 'DELETE' });
    await until(async () => (await value('battery/power')) === -1500);

    // MQTT, and the same id again
    const rsp: Stage[] = [];
    client = await connectAsync(`mqtt://127.0.0.1:${running.broker!.port}`, {
      username: 'ctl',
      password: tokens['ctl']!,
    });
    client.on('message', (_topic, payload) => rsp.push(JSON.parse(payload.toString()) as Stage));
    await client.subscribeAsync('smx/1/test/ctl/rsp');
    const cmd = (body: object): Promise<unknown> =>
      client!.publishAsync('smx/1/test/ctl/cmd', JSON.stringify({ t: Date.now(), ...body }), { qos: 1 });
    await cmd({ id: 'm1', point: POINT, value: 800, for: '10m', hb: '1m' });
    await until(() => rsp.some(({ id, state }) => id === 'm1' && state === 'verified'));
    await cmd({ id: 'm1', point: POINT, value: 900, for: '10m' });
    await cmd({ id: 'm2', t: Date.now() - 61_000, point: POINT, value: 900, for: '10m' });
    await until(() => rsp.some(({ id, state }) => id === 'm2' && state === 'refused'));
    await cmd({ id: 'm3', point: POINT, for: '10m' });
    await until(() => rsp.some(({ id }) => id === 'm3'));
    expect(rsp.map(({ id, state, code }) => [id, state, ...(code === undefined ? [] : [code])])).toEqual([
      ...['received', 'accepted', 'applied', 'verified', 'verified'].map((state) => ['m1', state]),
      ['m2', 'received'],
      ['m2', 'refused', 'SMX_COMMAND_STALE'],
      ['m3', 'refused', 'SMX_MESSAGE_MALFORMED'],
    ]);

    // the grid operator narrows the connection, and what holds follows
    const narrow = { id: 'd1', point: 'box/limit/import', value: 500, for: '10m' };
    expect((await ask('dso', 'commands', { method: 'POST', body: narrow })).status).toBe(202);
    await until(async () => (await value('battery/power')) === 500);
    expect((await ask('dso', 'commands/d1', { method: 'DELETE' })).status).toBe(200);
    await until(async () => (await value('battery/power')) === 800);

    // set-points in advance: the present value at once, the next ones in time
    const plan = { id: 's1', start: Date.now() - 1000, step: '3s', values: [0.7, -0.3, 0.2], unit: 'kW', priority: 39 };
    expect((await ask('ctl', `schedules/${POINT}`, { method: 'PUT', body: plan })).status).toBe(200);
    expect(await (await ask('ctl', `schedules/${POINT}`)).json()).toMatchObject({ id: 's1', values: [700, -300, 200] });
    // of all set-points in one list: own ones, those of all for the owner, who alone may end them besides their party
    expect(await (await ask('owner', 'schedules?match=battery/%23')).json()).toEqual([
      expect.objectContaining({ id: 's1', point: POINT, authority: 'controller' }),
    ]);
    expect(await (await ask('owner', 'schedules?match=b2/%23')).json()).toEqual([]);
    expect(await (await ask('other', 'schedules')).json()).toEqual([]);
    const [{ principal }] = (await (await ask('ctl', 'schedules')).json()) as [{ principal: string }];
    expect((await ask('other', `schedules/${POINT}?principal=${principal}`, { method: 'DELETE' })).status).toBe(404);
    await cmd({ id: 'm1', cancel: true });
    await until(async () => (await value('battery/power')) === -300);
    const day = [
      { bn: POINT, bt: Math.floor(Date.now() / 1000) - 60, bu: 'W', v: 650 },
      { t: 900, v: 0 },
    ];
    await client.publishAsync('smx/1/test/ctl/schedule', JSON.stringify(day), { qos: 1 });
    await until(() => rsp.some(({ id, state, value: shown }) => id === POINT && state === 'verified' && shown === 650));
    expect((await ask('ctl', `schedules/${POINT}`, { method: 'DELETE' })).status).toBe(204);
    await until(async () => (await value('battery/power')) === 0);
    expect((await ask('ctl', `schedules/${POINT}`)).status).toBe(404);
    await cmd({ id: 'm4', point: POINT, value: 800, for: '10m', hb: '1m' });
    await until(() => rsp.some(({ id, state }) => id === 'm4' && state === 'verified'));

    // the process of the device is killed: it goes on with what it was told, until it is put back
    const pid = async (): Promise<number> =>
      ((await (await ask('owner', 'extensions')).json()) as { id: string; pid: number }[]).find(
        ({ id }) => id === 'virtual',
      )!.pid;
    process.kill(await pid(), 'SIGKILL');
    await until(() => rsp.some(({ id, state }) => id === 'm4' && state === 'ended'));
    await until(async () => (await value('battery/online')) === true && (await value('battery/power')) === 0);
    await client.endAsync();

    // the core is killed: the default first, then it tells that it was so
    await ask('ctl', 'commands', { method: 'POST', body: { id: 'h2', point: POINT, value: 600, for: '10m' } });
    // an outcome that nobody was told of yet may end with the core
    await until(
      async () => ((await (await ask('ctl', 'commands/h2')).json()) as { outcome?: string }).outcome === 'verified',
    );
    running.core.child.kill('SIGKILL');
    await running.core.ended();
    running = await start();
    await until(async () => (await value('battery/power')) === 0);
    expect(await (await ask('ctl', 'commands/h2')).json()).toMatchObject({
      state: 'ended',
      outcome: 'verified',
      over: true,
    });
    expect(
      (await ask('ctl', 'commands', { method: 'POST', body: { id: 'h2', point: POINT, value: 600, for: '10m' } }))
        .status,
    ).toBe(202);

    // a token that ends takes its commands with it
    await ask('ctl', 'commands', { method: 'POST', body: { id: 'h3', point: POINT, value: 700, for: '10m' } });
    await until(async () => (await value('battery/power')) === 700);
    expect((await box.smx(['token', 'revoke', 'ctl'])).status).toBe(0);
    await until(async () => (await value('battery/power')) === 0);

    // all of it stands in events and ledger; and an orderly stop puts the device back
    expect((await box.smx(['write', POINT, '300', '--for', '1h'])).status).toBe(0);
    expect((await stop(running.core)).status).toBe(0);
    const { out } = await box.smx(['ledger', 'export']);
    const entries = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string; principal: string; data: Stage });
    const states = (id: string): string[] =>
      entries.filter(({ kind, data }) => kind === 'command' && data.id === id).map(({ data }) => data.state);
    expect(states('h1')).toEqual(['accepted', 'applied', 'verified', 'superseded', 'applied', 'superseded']);
    // the envelope bounded it, and then no more
    expect(states('m1')).toEqual(['accepted', 'applied', 'verified', 'applied', 'applied', 'cancelled']);
    expect(states('m4')).toEqual(['accepted', 'applied', 'verified', 'ended']);
    expect(states('h3')).toEqual(['accepted', 'applied', 'verified', 'cancelled']);
    running = await start();
    await until(async () => (await value('battery/power')) === 0);
  });

  it.each([
    ['a limit of the site is mistyped', 'export', 'exprot', 'limits.exprot'],
    ['all limits stand under a mistyped key', 'limits', 'limts', 'limts: unknown key'],
  ])('are not taken, and schedules wait, while %s', async (_what, key, typo, told) => {
    let running = await start();
    for (const role of ['owner', 'ctl']) tokens[role] = await token(role);
    await until(async () => (await value('battery/power')) === 0);
    const body = { start: Date.now() - 60_000, step: '1h', values: [1500] };
    expect((await ask('owner', `schedules/${POINT}`, { method: 'PUT', body })).status).toBe(200);
    await until(async () => (await value('battery/power')) === 1500);
    // the owner's schedule is the stronger: this one waits
    await ask('ctl', 'commands', { method: 'POST', body: { id: 'w1', point: POINT, value: -700, for: '15m' } });
    await stop(running.core);
    box.write(`${ESSENTIALS}${EXTRA.replace(key, typo)}`);
    running = await start();
    const refused = await box.smx(['write', POINT, '3000', '--for', '1m']);
    expect([refused.status, refused.err]).toEqual([2, expect.stringContaining('SMX_CONFIG_INVALID')]);
    expect(refused.err).toContain(told);
    await until(async () => (await value('battery/power')) === 0);
    expect(await value(POINT)).toBe(0);
    expect(await (await ask('ctl', 'commands/w1')).json()).toMatchObject({ outcome: 'expired', over: true });
    await stop(running.core);
    box.write(`${ESSENTIALS}${EXTRA}`);
    await start();
    await until(async () => (await value('battery/power')) === 1500);
  });
});
