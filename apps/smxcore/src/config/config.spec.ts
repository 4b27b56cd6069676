import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { loadConfig, problemText } from './index.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'smx-config-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const load = (text: string, env: Record<string, string> = {}) => {
  writeFileSync(join(folder, 'smx.yaml'), text);
  return loadConfig(join(folder, 'smx.yaml'), env);
};
/** Problems as printed, without the folder. */
const told = (text: string, env?: Record<string, string>): string[] =>
  load(text, env).problems.map((problem) => problemText(problem).replace(`${folder}/`, ''));

const BASE = 'site: a\ndata: ./var\n';

describe('a good config', () => {
  it('has defaults, absolute paths, milliseconds and bytes', () => {
    const { config, problems, fatal } = load(
      `${BASE}history: { flush: 500ms, budget: 64MiB, raw: 1d, 15m: 10y }\nlimits: { import: 9200 }\n` +
        'http: { port: 0, tls: { key: k.pem, cert: /c.pem } }\n' +
        'extensions:\n  p1: { use: p1-reader, control: on, config: { source: "file:x" }, limits: { memory: 64MiB, points: 5 } }\n',
    );
    expect(problems).toEqual([]);
    expect(fatal).toBe(false);
    expect(config).toMatchObject({
      site: 'a',
      timezone: 'UTC',
      data: join(folder, 'var'),
      http: { host: '127.0.0.1', port: 0, tls: { key: join(folder, 'k.pem'), cert: '/c.pem' } },
      broker: { host: '127.0.0.1', port: 1883, tls: null },
      history: {
        flush: 500,
        budget: 64 * 2 ** 20,
        raw: 86_400_000,
        minutes: 365 * 86_400_000,
        keep: 3650 * 86_400_000,
      },
      limits: { import: 9200 },
      packages: join(folder, 'var/packages'),
    });
    expect(config?.instances.get('p1')).toEqual({
      use: 'p1-reader',
      control: true,
      config: { source: 'file:x' },
      limits: { memory: 64 * 2 ** 20, points: 5 },
    });
  });

  it('switches the broker off by null and control by nothing', () => {
    const { config } = load(`${BASE}broker: null\nextensions: { p1: { use: p1-reader } }\n`);
    expect(config?.broker).toBeNull();
    expect(config?.instances.get('p1')?.control).toBe(false);
  });

  it('keeps the other limits where one is mistyped', () => {
    const { config, problems } = load(`${BASE}limits: { import: 9200, exprot: 5000 }\n`);
    expect(problems.map(({ path }) => path)).toEqual([['limits', 'exprot']]);
    expect(config?.limits).toEqual({ import: 9200 });
    const deep = load(`${BASE}limits: { soc: [10, x], failsafe: { import: 4200, exprot: 1 } }\n`);
    expect(deep.problems.map(({ path }) => path.join('.'))).toEqual(['limits.soc.1', 'limits.failsafe.exprot']);
    expect(deep.config?.limits).toEqual({ failsafe: { import: 4200, after: 120_000, for: 7_200_000 } });
  });

  it.each([
    ['', []],
    ['limits: {}\nextensions: {}\nlinks: {}\nroles: ./r.yaml\nhistroy: {}\n', []],
    ['limts: { power: 1 }\nextensions: {}\nlinks: {}\nroles: ./r.yaml\n', ['limits']],
    ['grid: { import: 9200 }\nextensions: {}\nlinks: {}\nroles: ./r.yaml\n', ['limits']],
    ['histroy: {}\nnote: 1\nlinks: {}\n', ['extensions', 'roles']],
    ['limits: 9200\nextensions: {}\nroles: {}\nlinks: []\n', ['limits', 'links', 'roles']],
    ['links: { Cloud: { url: "mqtts://h", role: r } }\n', ['links']],
    ['links: { cloud: { url: "mqtts://h", rolle: r } }\n', []],
    ['extensions: { Meter: { use: p1-reader } }\n', ['extensions']],
  ])('knows of which sections the file may say more: %j', (text, hidden) => {
    expect([...load(BASE + text).config!.hidden.keys()]).toEqual(hidden);
  });

  it('puts the environment in', () => {
    const { config, problems } = load('site: ${SITE}\ndata: ./${SITE}-data\n', { SITE: 'bz' });
    expect(problems).toEqual([]);
    expect(config).toMatchObject({ site: 'bz', data: join(folder, 'bz-data') });
  });
});

describe('each kind of error names file, line, column, path, what is wrong and what was expected', () => {
  it.each([
    [
      'an unknown key',
      `${BASE}brokr: null\n`,
      'smx.yaml:3:1 brokr: unknown key "brokr" (did you mean "broker"?), expected one of site, timezone, data, http, broker, roles, history, limits, packages, log, extensions, links',
    ],
    [
      'an unknown key deep inside',
      `${BASE}http: { host: h, prot: 1 }\n`,
      'smx.yaml:3:18 http.prot: unknown key "prot" (did you mean "port"?), expected one of host, port, tls',
    ],
    [
      'a missing key',
      'data: x\n',
      'smx.yaml:1:1 site: missing, expected letters, digits, - and _, at most 63 characters',
    ],
    [
      'a missing key in a section',
      `${BASE}extensions:\n  p1:\n    config: {}\n`,
      'smx.yaml:4:3 extensions.p1.use: missing, expected the name of an installed extension',
    ],
    [
      'a wrong type',
      `${BASE}http:\n  port: "80"\n`,
      'smx.yaml:4:9 http.port: "80" does not fit, expected a whole number from 0 to 65535',
    ],
    [
      'a number out of range',
      `${BASE}http: { port: 65536 }\n`,
      'smx.yaml:3:15 http.port: 65536 does not fit, expected a whole number from 0 to 65535',
    ],
    [
      'a bad duration',
      `${BASE}history: { flush: 10 s }\n`,
      'smx.yaml:3:19 history.flush: "10 s" does not fit, expected a duration like 500ms, 10s, 15m, 1h, 31d or 10y',
    ],
    [
      'a bad size',
      `${BASE}history: { budget: 2G }\n`,
      'smx.yaml:3:20 history.budget: "2G" does not fit, expected a size like 64MiB or 2GiB',
    ],
    [
      'a bad window',
      `${BASE}history: { 15x: 10y }\n`,
      'smx.yaml:3:12 history.15x: unknown key "15x" (did you mean "15m"?), expected flush, budget, raw, 1m or 15m',
    ],
    [
      'a section of the wrong kind',
      `${BASE}extensions: []\n`,
      'smx.yaml:3:13 extensions: a list does not fit, expected a mapping',
    ],
    [
      'a bad name',
      `${BASE}extensions: { P1: { use: x } }\n`,
      'smx.yaml:3:15 extensions.P1: "P1" is not a legal name, expected lower case letters, digits and -, at most 31 characters',
    ],
    [
      'a name of the box',
      `${BASE}extensions: { core: { use: x } }\n`,
      'smx.yaml:3:15 extensions.core: the name "core" belongs to the box itself, expected another name',
    ],
    [
      'an unknown time zone',
      `${BASE}timezone: Europe/Bozen\n`,
      'smx.yaml:3:11 timezone: "Europe/Bozen" is no known time zone, expected a time zone of the IANA data base like Europe/Rome',
    ],
    [
      'a bad switch',
      `${BASE}extensions: { p1: { use: x, control: maybe } }\n`,
      'smx.yaml:3:38 extensions.p1.control: "maybe" does not fit, expected on or off',
    ],
    ['a key that stands twice', `${BASE}site: b\n`, 'smx.yaml:3:1 site: this key stands twice, expected each key once'],
    [
      'a key that stands twice in a list of a section',
      `${BASE}extensions:\n  p1: { use: x }\n  p2: { use: x, config: { a: [0, { b: 1, b: 2 }] } }\n`,
      'smx.yaml:5:42 extensions.p2.config.a[1].b: this key stands twice, expected each key once',
    ],
    ['a file that is no mapping', '- a\n', 'smx.yaml:1:1 .: a list does not fit, expected a mapping'],
    [
      'a missing variable',
      `${BASE}extensions: { p1: { use: x, config: { key: "\${SMX_NO_SUCH}" } } }\n`,
      'smx.yaml:3:44 extensions.p1.config.key: ${SMX_NO_SUCH} is not set in the environment, expected a variable that is set where the core starts',
    ],
    [
      'an encoding of a link, which this version does not have',
      `${BASE}links: { g: { url: "mqtts://h", role: r, encoding: senml } }\n`,
      'smx.yaml:3:52 links.g.encoding: the encoding senml comes with a later version, expected json',
    ],
    [
      'a link that writes json on the local broker',
      `${BASE}links: { g: { url: "local:", role: r } }\n`,
      'smx.yaml:3:20 links.g.url: local: is for other encodings, which come with a later version; json is on the local broker already, expected an address like mqtts://host:8883',
    ],
    [
      'TLS for an address without it',
      `${BASE}links: { g: { url: "mqtt://h", role: r, tls: { ca: x } } }\n`,
      'smx.yaml:3:20 links.g.url: mqtt:// has no TLS, but tls: is set, expected mqtts:// or wss://',
    ],
    [
      'a login in an address',
      `${BASE}links: { g: { url: "mqtts://u:secret@h", role: r } }\n`,
      'smx.yaml:3:20 links.g.url: a login stands in the address, expected user and password under auth:',
    ],
    [
      'a certificate without its key',
      `${BASE}links: { g: { url: "mqtts://h", role: r, tls: { cert: x } } }\n`,
      'smx.yaml:3:47 links.g.tls: cert and key belong together, expected both or none',
    ],
  ])('%s', (_kind, text, expected) => {
    expect(told(text)).toEqual([expected]);
  });

  it('names both places of a name that is taken', () => {
    expect(told(`${BASE}extensions: { ab: { use: x } }\nlinks: { ab: { url: "local:", role: r } }\n`)).toContain(
      'smx.yaml:4:10 links.ab: the name "ab" is taken by extensions.ab at line 3, expected another name; users, tokens, links and instances share one name space',
    );
  });

  it('tells broken YAML with its line', () => {
    const [problem] = load('site: a\ndata: [\n').problems;
    expect(problem).toMatchObject({ code: 'SMX_CONFIG_SYNTAX', line: 3, path: ['data'] });
  });

  it('tells a file that is not there', () => {
    const { problems, fatal } = loadConfig(join(folder, 'none.yaml'));
    expect(problems[0]?.code).toBe('SMX_CONFIG_UNREADABLE');
    expect(fatal).toBe(true);
    expect(problemText(problems[0]!)).toMatch(/none\.yaml:1:1 \.: .*none\.yaml cannot be read .*ENOENT/);
  });

  it('never shows what came from the environment', () => {
    const text = told(`site: a\ndata: x\nlog: { level: "\${LEVEL}" }\n`, { LEVEL: 'hunter2' }).join();
    expect(text).toContain('${LEVEL}');
    expect(text).not.toContain('hunter2');
  });
});

describe('a broken section does not stop the rest', () => {
  it.each(['site', 'data', 'http'])('but %s does', (key) => {
    const lines: Record<string, string> = { site: 'site: a', data: 'data: x', http: 'http: {}' };
    lines[key] = `${key}: [1]`;
    expect(load(Object.values(lines).join('\n')).fatal).toBe(true);
  });

  it('runs the sound instances and names the others', () => {
    const { config, problems, fatal } = load(
      `${BASE}history: { flush: x }\nbroker: 5\nextensions: { a: { use: one }, b: { use: two, cfg: {} } }\n`,
    );
    expect(fatal).toBe(false);
    expect(problems).toHaveLength(3);
    expect([...(config?.instances.keys() ?? [])]).toEqual(['a']);
    expect(config?.named).toEqual([
      { kind: 'instance', name: 'a', use: 'one' },
      { kind: 'instance', name: 'b', use: 'two' },
    ]);
    // a broker section that cannot be read must not open a port the operator did not ask for
    expect(config?.broker).toBeNull();
  });
});

describe('a Modbus host', () => {
  it('belongs to one instance, whatever else its source says; the one that wants it too is named and left out', () => {
    const { problems, config } = load(
      `${BASE}extensions:
  one: { use: fronius, config: { source: "modbus://192.0.2.10" } }
  two: { use: sunspec, config: { source: "modbus://192.0.2.10:502" } }
  other: { use: sunspec, config: { source: "modbus://192.0.2.11:502" } }
  line: { use: sunspec, config: { source: "modbus+rtu:/dev/ttyUSB0?baud=9600" } }
  same: { use: sunspec, config: { source: "modbus+rtu:/dev/ttyUSB0?baud=19200" } }
`,
    );
    expect(problems.map(problemText)).toEqual([
      expect.stringMatching(/:5:\d+ extensions\.two\.config\.source: modbus:\/\/192\.0\.2\.10:502 is read by extensions\.one/),
      expect.stringMatching(/:8:\d+ extensions\.same\.config\.source: .*expected one instance for all units/),
    ]);
    expect([...config!.instances.keys()]).toEqual(['one', 'other', 'line']);
  });
});

describe('this box itself, and a Solar API', () => {
  it('belong to one instance by whatever name', () => {
    const { problems, config } = load(
      `${BASE}extensions:
  one: { use: fronius, config: { source: "modbus://localhost:1502", api: "http://localhost:8081" } }
  two: { use: sunspec, config: { source: "modbus://127.0.0.1:1502" } }
  six: { use: sunspec, config: { source: "modbus://[::1]:1502" } }
  api: { use: fronius, config: { api: "http://127.0.0.1:8081/" } }
  roof: { use: fronius, config: { api: "http://192.0.2.10" } }
  loft: { use: fronius, config: { source: "modbus://192.0.2.11", api: "http://192.0.2.10:80/solar_api" } }
  cellar: { use: sunspec, config: { source: "modbus://192.0.2.11" } }
  other: { use: fronius, config: { api: "http://192.0.2.12" } }
  host: { use: fronius, config: { api: "http://localhost.example" } }
`,
    );
    expect(problems.map(problemText)).toEqual([
      expect.stringMatching(/extensions\.two\.config\.source: modbus:\/\/127\.0\.0\.1:1502 is read by extensions\.one/),
      expect.stringMatching(/extensions\.six\.config\.source: .*is read by extensions\.one/),
      expect.stringMatching(/extensions\.api\.config\.api: http:\/\/127\.0\.0\.1:8081 is read by extensions\.one.*Solar API/),
      expect.stringMatching(/extensions\.loft\.config\.api: http:\/\/192\.0\.2\.10 is read by extensions\.roof/),
    ]);
    expect([...config!.instances.keys()]).toEqual(['one', 'roof', 'cellar', 'other', 'host']);
  });
});

describe('any input', () => {
  it('gives problems, never an exception or a hang', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.string().map((tail) => `${BASE}http: ${tail}`),
        ),
        (text) => {
          const { config, fatal, problems } = load(text);
          expect(fatal ? problems.length > 0 : config !== undefined).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('names an alias that stands within itself, and leaves the rest as it is', () => {
    const { problems, config } = load(
      `${BASE}extensions:\n  bad: { use: virtual-device, config: &x { battery: *x } }\n  good: { use: virtual-device }\n`,
    );
    expect(problems).toMatchObject([
      { path: ['extensions', 'bad', 'config', 'battery'], expected: 'the value itself written out' },
    ]);
    expect([...config!.instances.keys()]).toContain('good');
  });

  it('survives exploding aliases', () => {
    let text = 'a: &a0 [x, x, x, x, x, x, x, x, x]\n';
    for (let i = 1; i < 9; i++) text += `b${i}: &a${i} [${`*a${i - 1}, `.repeat(9)}]\n`;
    expect(load(text)).toMatchObject({ fatal: true, problems: [{ code: 'SMX_CONFIG_SYNTAX' }] });
  });
});
