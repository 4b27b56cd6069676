import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { startP1Site, type P1Site } from '@smx-edge/site-simulator';
import { parse } from 'yaml';
import { Box, Running, until, type Outcome } from './smxcore-support.js';

const ROLES = 'roles:\n  volts: { grants: [{ read: ["pcc/voltage/+"] }, { history: ["pcc/voltage/+"] }] }\n';

const offline = (args: readonly string[]): Promise<Outcome> => Running.start(args).ended();

describe('usage', () => {
  it.each([
    [[], 'say what to do'],
    [['frobnicate'], 'there is no command "frobnicate" in this version'],
    [['pionts'], 'did you mean "points"?'],
    [['ledger', 'steal'], 'usage: smx ledger verify'],
    [['teleport', 'x'], 'there is no command "teleport" in this version'],
    [['read'], 'an argument is missing'],
    [['points', 'a', 'b'], 'one argument too many: "b"'],
    [['points', '--nope'], "Unknown option '--nope'"],
    [['token', 'create'], '--role is missing'],
    [['token', 'steal'], 'usage: smx token create'],
    [['user', 'add', 'anna'], '--role is missing'],
    [['user', 'steal'], 'usage: smx user add'],
  ])('%j is bad usage', async (args, text) => {
    const { status, err, out } = await offline(args);
    expect([status, out]).toEqual([2, '']);
    expect(err).toContain(text);
  });

  it.each([
    [['frobnicate'], 'SMX_CLI_USAGE'],
    [['read'], 'SMX_CLI_USAGE'],
    [['points', '--nope'], 'SMX_CLI_USAGE'],
    [['token', 'create'], 'SMX_CLI_USAGE'],
    [['user', 'add', 'anna'], 'SMX_CLI_USAGE'],
    [['user', 'steal'], 'SMX_CLI_USAGE'],
    [['ledger', 'steal'], 'SMX_CLI_USAGE'],
    [['extensions', 'stop', 'p1'], 'SMX_CLI_USAGE'],
    [['erase', '#'], 'SMX_CLI_USAGE'],
    [['erase', 'a//b', '--before', '1h'], 'SMX_CLI_USAGE'],
    [['write', 'battery/power/setpoint', '1'], 'SMX_CLI_USAGE'],
    [['extension', 'steal', 'x'], 'SMX_CLI_USAGE'],
    [['extension', 'test', '/nonexist'], 'SMX_EXTENSION_UNKNOWN'],
  ])('%j with --json is one object with a code', async (args, code) => {
    const { status, err, out } = await offline([...args, '--json']);
    expect([status, err]).toEqual([2, '']);
    expect(JSON.parse(out)).toEqual({ code, message: expect.stringMatching(/./), errors: [] });
  });

  it.each([
    'run',
    'demo',
    'check',
    'points',
    'read',
    'watch',
    'history',
    'token',
    'user',
    'grants',
    'ledger',
    'extensions',
  ])('%s has help', async (name) => {
    const { status, out } = await offline([name, '--help']);
    expect(status).toBe(0);
    expect(out).toContain(`usage: smx ${name}`);
    expect(out).toContain('--config FILE');
  });
});

describe('smx check', () => {
  let box: Box;
  afterEach(() => box.remove());

  it('is content with the configs that come along', async () => {
    box = new Box();
    for (const name of ['smx.yaml', 'demo.yaml']) {
      const { status, out } = await offline(['check', '--config', join(__dirname, '../../config', name)]);
      expect(status).toBe(0);
      expect(out).not.toContain('warning');
    }
  });

  it('warns where grants of one role together undo what one of them holds back', async () => {
    box = new Box('roles: ./roles.yaml\n');
    const { writeFileSync } = await import('node:fs');
    writeFileSync(
      join(box.folder, 'roles.yaml'),
      'roles:\n  a:\n    grants:\n      - read: ["pcc/power/active/import"]\n        every: 15m\n      - read: ["pcc/energy/#"]\n',
    );
    const { status, out } = await box.smx(['check']);
    expect(status).toBe(0);
    expect(out).toMatch(
      /^\S*roles\.yaml:4:9 roles\.a\.grants\[0\]: warning: .*follows from pcc\/energy\/active\/import/m,
    );
    const [row] = JSON.parse((await box.smx(['check', '--json'])).out) as unknown[];
    expect(row).toMatchObject({ code: 'SMX_CONFIG_PRIVACY', severity: 'warning', line: 4 });
  });

  it('tells each problem at its place: config, roles, extensions', async () => {
    box = new Box(
      'roles: ./roles.yaml\nextensions:\n  p1:\n    use: p1-reader\n    config: { devise: pcc }\n  x: { use: p1-raeder }\n' +
        '  p2: { use: p1-reader, config: { source: "mqtt://h" } }\n',
    );
    const { writeFileSync } = await import('node:fs');
    writeFileSync(
      join(box.folder, 'roles.yaml'),
      'roles:\n  a:\n    grants:\n      - reed: ["#"]\n  b: { grants: [{ read: ["x/#/y"] }] }\n',
    );
    const { status, out } = await box.smx(['check']);
    expect(status).toBe(2);
    const at = (line: string) => out.split('\n').find((other) => other.includes(line)) ?? out;
    expect(at('roles.yaml:4:9')).toContain('roles.a.grants[0].reed: unknown key "reed"');
    expect(at('roles.yaml:5:')).toContain('roles.b.grants[0].read[0]');
    expect(at('smx.yaml:9:')).toMatch(/smx.yaml:9:\d+ extensions.p1.config/);
    expect(at('smx.yaml:11:')).toMatch(
      /smx.yaml:11:43 extensions.p2.config.source: this does not fit, expected a source of kind serial, .*does not speak mqtt/,
    );
    expect(at('smx.yaml:10:')).toMatch(
      /smx.yaml:10:13 extensions.x.use: no extension "p1-raeder" is installed \(did you mean "p1-reader"\?\)/,
    );
    const { out: json } = await box.smx(['check', '--json']);
    expect(JSON.parse(json)).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: 'SMX_EXTENSION_UNKNOWN', line: 10, col: 13 })]),
    );
  });

  it('places a roles file that is not there where the config names it', async () => {
    box = new Box('roles: ./none.yaml\n');
    const { status, out } = await box.smx(['check']);
    expect([status, out]).toEqual([
      2,
      expect.stringMatching(/^\S*smx\.yaml:5:8 roles: .*none\.yaml is not there, expected /),
    ]);
  });

  it('exits 2 for a file that is not there', async () => {
    box = new Box();
    const { status, out } = await offline(['check', '--config', join(box.folder, 'none.yaml')]);
    expect(status).toBe(2);
    expect(out).toContain('cannot be read');
  });
});

describe('commands without a core', () => {
  let box: Box;
  afterEach(() => box.remove());

  it('say that none answers, with exit 1 and the code', async () => {
    box = new Box();
    const { status, err } = await box.smx(['points']);
    expect(status).toBe(1);
    expect(err).toContain('SMX_HTTP_UNREACHABLE');
    const json = await box.smx(['points', '--json', '--token', 'x', '--url', 'http://127.0.0.1:9']);
    expect(json.status).toBe(1);
    expect(JSON.parse(json.out).code).toBe('SMX_HTTP_UNREACHABLE');
  });

  it('but tokens are made, listed and revoked', async () => {
    box = new Box();
    const made = await box.smx(['token', 'create', '--role', 'viewer', '--name', 'v1', '--expires', '1d', '--json']);
    expect(JSON.parse(made.out)).toEqual({
      token: expect.stringMatching(/^smx_/),
      principal: 'v1',
      role: 'viewer',
      expires: expect.any(Number),
    });
    expect((await box.smx(['token', 'create', '--role', 'viewer', '--name', 'v1'])).err).toContain(
      'SMX_ACCESS_NAME_TAKEN',
    );
    expect((await box.smx(['token', 'create', '--role', 'viewr'])).err).toContain('did you mean "viewer"?');
    expect((await box.smx(['token', 'list'])).out).toContain('v1');
    expect((await box.smx(['token', 'revoke', 'v1'])).status).toBe(0);
    expect(JSON.parse((await box.smx(['token', 'list', '--json'])).out)).toEqual([]);
    // nobody but the owner gets into the folder
    expect(statSync(join(box.folder, 'var')).mode & 0o777).toBe(0o700);
    expect(existsSync(join(box.folder, 'var/lock'))).toBe(false);
  });
});

describe('commands on a running core with a meter', () => {
  let site: P1Site;
  let box: Box;
  let url: string;
  let volts: string;
  let core: Running;
  const json = async (args: readonly string[], env?: Record<string, string>) => {
    const { status, out, err } = await box.smx([...args, '--json'], env);
    if (status !== 0) throw new Error(`${status}: ${out}${err}`);
    return JSON.parse(out);
  };

  beforeAll(async () => {
    site = await startP1Site({ host: '127.0.0.1', port: 0 });
    box = new Box(
      `roles: ./roles.yaml\nextensions:\n  p1: { use: p1-reader, config: { device: pcc, source: "tcp://127.0.0.1:${site.address.port}" } }\n`,
    );
    const { writeFileSync } = await import('node:fs');
    writeFileSync(join(box.folder, 'roles.yaml'), ROLES);
    // made before the core ever ran
    volts = (await json(['token', 'create', '--role', 'volts'])).token;
    ({ core, url } = await box.core());
    await until(async () =>
      (await json(['points', 'pcc/power/active'])).some(({ value }: { value: unknown }) => value !== null),
    );
  });

  afterAll(async () => {
    await box.remove();
    await site.stop();
  });

  it('points, read and extensions show what is there', async () => {
    const points = await json(['points', 'pcc/voltage/#']);
    expect(points[0]).toMatchObject({
      path: 'pcc/voltage/l1',
      unit: 'V',
      kind: 'measurement',
      type: 'number',
      obis: '1-0:32.7.0',
      quality: 'good',
    });
    expect((await box.smx(['read', 'pcc/voltage/l1'])).out).toMatch(
      /PATH +VALUE +UNIT +QUALITY +TIME\npcc\/voltage\/l1 +\d+(\.\d+)? +V +good +20/,
    );
    expect((await box.smx(['read', 'none/#'])).status).toBe(1);
    expect((await json(['extensions']))[0]).toMatchObject({ id: 'p1', use: 'p1-reader', state: 'running' });
    expect((await json(['read', 'box/memory/used']))[0].value).toBeGreaterThan(1e6);
  });

  it('a filter or time that is none is bad usage, and an empty SMX_TOKEN is none', async () => {
    expect(await box.smx(['read', 'pcc/#/x'])).toMatchObject({ status: 2 });
    expect(await box.smx(['history', '#', '--from', 'tomorrow'])).toMatchObject({ status: 2 });
    expect(await box.smx(['read', 'box/#'], { SMX_TOKEN: '' })).toMatchObject({ status: 0, err: '' });
  });

  it('watch prints values as they come and ends when told', async () => {
    const { status, out } = await box.smx(['watch', 'pcc/power/active', '--count', '2']);
    expect(status).toBe(0);
    expect(out.trim().split('\n')).toHaveLength(2);
    expect(out).toMatch(/^20\S+Z {2}pcc\/power\/active {2}-?\d+ W\n/);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'watch without an end is ended by %s, which is no failure',
    async (signal) => {
      const watching = box.start(['watch', 'pcc/voltage/l1']);
      await until(() => watching.out.includes('pcc/voltage/l1'));
      watching.child.kill(signal);
      expect(await watching.ended()).toMatchObject({ status: 0, err: '' });
    },
  );

  it('discover finds the meter on its line, and a source that is none is told', async () => {
    const found = await box.smx(['discover', 'p1-reader', `tcp://127.0.0.1:${site.address.port}`, '--json']);
    expect(found.status).toBe(0);
    expect(JSON.parse(found.out)).toMatchObject({ config: { source: `tcp://127.0.0.1:${site.address.port}` } });
    const shown = await box.smx(['discover', 'p1-reader', `tcp://127.0.0.1:${site.address.port}`]);
    // what is shown goes into the config as it is
    expect(parse(`extensions:\n${shown.out}`)).toMatchObject({
      extensions: { 'p1-reader': { use: 'p1-reader', config: (JSON.parse(found.out) as { config: object }).config } },
    });
    const { ports } = await json(['discover']);
    if (ports.length === 0)
      expect(await box.smx(['discover', 'p1-reader'])).toMatchObject({
        status: 1,
        err: expect.stringContaining('no serial port'),
      });
    expect(await box.smx(['discover', 'p1-reader', 'tpc://127.0.0.1:1'])).toMatchObject({
      err: expect.stringContaining('did you mean "tcp"?'),
    });
  });

  it('a call whose arguments do not fit tells which, and what was expected', async () => {
    const { status, err } = await box.smx(['call', 'p1', 'peaks', '{"a":1}']);
    expect(status).toBe(1);
    expect(err).toMatch(/SMX_EXTENSION_CALL.*\n +a: expected no keys here/);
  });

  it('history comes as table, JSON and CSV', async () => {
    await until(
      async () => (await json(['history', 'pcc/voltage/l1', '--from', '10m'])).points['pcc/voltage/l1']?.length > 2,
    );
    expect((await box.smx(['history', 'pcc/voltage/l1', '--csv'])).out).toMatch(
      /^path,t,time,value,quality\r\npcc\/voltage\/l1,\d+,20/,
    );
    expect((await box.smx(['history', 'pcc/voltage/l1'])).out).toMatch(/^TIME +PATH +VALUE +QUALITY\n20/);
    const wrong = await box.smx(['history', 'pcc/voltage/l1', '--from', 'yesterday']);
    expect([wrong.status, wrong.err]).toEqual([2, expect.stringContaining('SMX_HTTP_BAD_REQUEST')]);
  });

  it('a token sees its role and nothing else', async () => {
    const env = { SMX_TOKEN: volts };
    const paths = (await json(['points'], env)).map(({ path }: { path: string }) => path);
    expect(paths).toEqual(['pcc/voltage/l1', 'pcc/voltage/l2', 'pcc/voltage/l3']);
    expect((await box.smx(['read', 'pcc/power/active'], env)).status).toBe(1);
    const denied = await box.smx(['extensions', '--json'], env);
    expect([denied.status, JSON.parse(denied.out).code]).toEqual([1, 'SMX_ACCESS_DENIED']);
    expect((await box.smx(['token', 'list'], env)).err).toContain('SMX_ACCESS_DENIED');
    expect((await box.smx(['points', '--token', 'smx_wrong'])).err).toContain('SMX_ACCESS_UNAUTHENTICATED');
  });

  it('an instance restarts by hand', async () => {
    expect((await box.smx(['extensions', 'restart', 'p1'])).status).toBe(0);
    await until(async () => (await json(['extensions']))[0].state === 'running');
    expect((await box.smx(['extensions', 'restart', 'none'])).err).toContain('SMX_EXTENSION_UNKNOWN');
  });

  it('a revoked token is out at once, and its open stream ends', async () => {
    const { token } = await json(['token', 'create', '--role', 'volts', '--name', 'v2']);
    const watching = box.start(['watch', 'pcc/voltage/#', '--token', token]);
    await until(() => watching.out.includes('pcc/voltage/l1'));
    expect((await box.smx(['token', 'revoke', 'v2'])).status).toBe(0);
    const { status, err } = await watching.ended();
    expect([status, err]).toEqual([1, expect.stringContaining('SMX_ACCESS_UNAUTHENTICATED')]);
    expect((await fetch(`${url}/api/v1/points`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
    // no token ever stands in the log
    expect(core.out).not.toContain(token);
  });
});
