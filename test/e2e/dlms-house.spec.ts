import { ProfileBook, runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import meterDlms from '@smx-edge/meter-dlms';
import { control, DlmsPort, parseSiteConfig, startSite, type Site } from '@smx-edge/site-simulator';

/** The reader of meters on the house's own meter over real sockets, with what goes wrong on real lines. */
const KEYS = { encryptionKey: '01'.repeat(16), authenticationKey: '02'.repeat(16) };
const LONG_KEYS = { encryptionKey: '01'.repeat(32), authenticationKey: '02'.repeat(32) };
const PATH = 'pcc/1-0:99.1.0';
const QUARTER = 900_000;

let site: Site;
let meter: DlmsPort;
let harness: Harness;
let profiles: ProfileBook;
let began: number;

async function open(given: object, config: object): Promise<void> {
  const meters = [{ protocol: 'dlms', port: 0, days: 2, ...given }];
  site = await startSite(parseSiteConfig({ meters }));
  meter = site.meters.get('dlms') as DlmsPort;
  read(config);
}

function read(config: object, state: Record<string, unknown> = {}): void {
  began = Date.now();
  const source = `tcp://127.0.0.1:${meter.address.port}`;
  harness = runExtension(meterDlms, { config: { source, 'back-fill': '30h', ...config }, profiles, state });
}

const say = (line: object): object => control(site, JSON.stringify(line));
const seen = (path: string): unknown => harness.seen.values.get(`pcc/${path}`)?.value;
const until = (condition: () => boolean): Promise<void> => harness.until(condition, 120_000);
const raised = (code: string): boolean =>
  harness.seen.events.some((event) => event.code === code && event.state === 'raised');

/** What the meter has since 30 h before `t`, as it should be here: row by row, and no other. */
function keptSince(t: number): unknown[] {
  const from = t - 30 * 3_600_000;
  const wh = (wattSeconds: number): string => String(Math.floor(wattSeconds / 3600));
  return meter.memory.rows
    .filter(({ end }) => end > from - (from % QUARTER))
    .map((row) => [row.end, wh(row.import), wh(row.export), wh(row.reactiveImport), wh(row.reactiveExport)]);
}

const here = (): unknown[] => profiles.rows(PATH).map((row) => [row[0], ...row.slice(-4)]);
const filled = (): boolean => here().length > 0 && profiles.rows(PATH).at(-1)![0] === meter.memory.rows.at(-1)!.end;

/** No row is missing, none came twice and none is wrong; a quarter hour may have ended before the reader began. */
function expectRows(): void {
  expect([keptSince(began), keptSince(began + QUARTER)]).toContainEqual(here());
}

beforeEach(() => (profiles = new ProfileBook()));

afterEach(async () => {
  await harness.stop();
  await site.stop();
  expect(harness.seen.exceptions).toEqual([]);
  expect(harness.seen.refused).toEqual([]);
});

describe.each([
  ['logical names on the network', { transport: 'wrapper' }, { transport: 'wrapper' }],
  ['logical names in blocks over HDLC', { blocks: 'get', maxPdu: 200, password: 'Reader-1' }, { client: 17, auth: 'low', password: 'Reader-1' }], // prettier-ignore
  ['general blocks on the network', { transport: 'wrapper', blocks: 'general' }, { transport: 'wrapper' }],
  ['short names as a ZMD has them', { referencing: 'sn', password: '00000000' }, { profile: 'landis-gyr-zmd', password: '00000000' }], // prettier-ignore
  ['short names on the network', { referencing: 'sn', transport: 'wrapper' }, { referencing: 'sn', transport: 'wrapper' }], // prettier-ignore
  ['suite 0, authenticated and encrypted', { security: KEYS }, { client: 1, auth: 'gmac', security: reader(KEYS, 0, 3) }], // prettier-ignore
  ['suite 1, authenticated', { transport: 'wrapper', security: { ...KEYS, suite: 1, policy: 1 } }, { transport: 'wrapper', client: 1, auth: 'gmac', security: reader(KEYS, 1, 1) }], // prettier-ignore
  ['suite 2, encrypted, by short names', { referencing: 'sn', security: { ...LONG_KEYS, suite: 2, policy: 2 } }, { referencing: 'sn', client: 1, auth: 'gmac', security: reader(LONG_KEYS, 2, 2) }], // prettier-ignore
  ['short names behind the sign-on of a meter of IEC 62056-21', { protocol: 'iec62056-21', name: 'dlms', mode: 'E', family: 'landis-gyr', password: '00000000' }, { profile: 'landis-gyr-zmd', transport: 'mode-e', password: '00000000', 'baud-delay': '20ms' }], // prettier-ignore
  ['one of two on a line', { devices: [{ physical: 1651 }, { physical: 1652 }] }, { physical: 1652 }],
  ['large frames in a window', { limits: { transmit: 512, receive: 512, window: 7 } }, {}],
])("the house's meter, %s", (title, given, config) => {
  it('is read as it counts: values, registers, clock, and each quarter hour once', async () => {
    await open(given, config);
    await until(() => filled() && seen('energy/active/import') !== undefined && seen('clock/offset') !== undefined);
    expectRows();
    // in a ZMD it stands in an attribute of its maker
    if (!('referencing' in given) && !('family' in given)) {
      const statuses = meter.memory.rows.map(({ status }) => status);
      expect(profiles.rows(PATH).map(([, status]) => status)).toEqual(statuses.slice(-here().length));
    }
    const { house } = site;
    expect(house.meter.wattHours('import') - Number(seen('energy/active/import'))).toBeLessThan(1000);
    expect(seen('serial')).toBe(title.startsWith('one of two') ? '53078126' : '53078125');
    expect(Math.abs(Number(seen('clock/offset')))).toBeLessThan(30);
    await until(() => Math.abs(Number(seen('voltage/l1')) - house.grid.voltage[0]!) < 0.06);
    await until(() => seen('power/active') === house.meter.power);
  });
});

/** The same keys as the reader's config has them. */
function reader(keys: typeof KEYS, suite: number, policy: number): object {
  return { suite, policy, 'encryption-key': keys.encryptionKey, 'authentication-key': keys.authenticationKey };
}

const NETWORK = { transport: 'wrapper' };
const SN = { referencing: 'sn' };
/** So slow that rows take seconds. */
const SLOW = { referencing: 'sn', baud: 19_200 };

/** Whatever happened, all rows are there, and values come again. */
async function expectAll(): Promise<void> {
  await until(filled);
  expectRows();
  expect(say({ clear: true })).toEqual({ ok: true });
  await until(() => seen('power/active') === site.house.meter.power);
}

describe.each([
  ['answers late and byte by byte', NETWORK, NETWORK, [{ fault: 'delay', by: 0.1, answers: 9 }, { fault: 'drip', by: 0.001, answers: 12 }]], // prettier-ignore
  ['is heard through noise', SN, SN, [{ fault: 'noise', share: 0.1, answers: 60 }]],
  ['gives back what is sent to it', SN, SN, [{ fault: 'echo' }]],
  ['gives each frame the same number', SN, { ...SN, 'lenient-sequence': true }, [{ fault: 'stuck' }]],
  ['says nothing for a while', SN, SN, [{ fault: 'silence', answers: 3 }]],
])("the house's meter that %s", (_, given, config, faults) => {
  it('is read to the last row', async () => {
    await open({ ...given, faults }, config);
    await expectAll();
  });
});

describe("the house's meter", () => {
  it.each([
    ['restarts', { fault: 'restart', by: 1 }],
    ['loses its power in the middle of an answer', { fault: 'power', by: 1 }],
    ['loses its line in the middle of an answer', { fault: 'cut' }],
  ])('that %s while rows are filled in is read to the last, and wrote down what happened', async (_, fault) => {
    await open(SLOW, SN);
    await until(() => here().length > 8);
    expect(filled()).toBe(false);
    expect(say(fault)).toEqual({ ok: true });
    await until(() => raised('meter-silent'));
    await expectAll();
    const events = meter.memory.events.map(({ what }) => what).slice(-2);
    if (fault.fault !== 'cut') expect(events).toEqual(['power-down', 'power-up']);
    expect(harness.seen.events).toContainEqual(expect.objectContaining({ code: 'meter-silent', state: 'cleared' }));
  });

  it.each([
    ['hdlc', SN],
    ['wrapper', {}],
  ])(
    'that still holds the association of a line that was cut (%s) is left alone for a while',
    async (transport, names) => {
      await open({ transport, ...names, faults: [{ fault: 'held' }] }, { transport, ...names });
      await until(() => seen('power/active') !== undefined);
      meter.cut();
      await until(() => raised('meter-busy'));
      expect([...harness.seen.devices.values()]).toMatchObject([{ online: false }]);
    },
  );

  it('with secrets tells the public client who it is and what time it has, and nothing else', async () => {
    await open({ password: 'Reader-1', security: KEYS }, {});
    await until(() => seen('clock/offset') !== undefined);
    expect(seen('serial')).toBe('53078125');
    expect([...harness.seen.values.keys()].sort()).toEqual(['pcc/clock/offset', 'pcc/serial']);
  });

  it('that releases with wrong lengths is let go of', async () => {
    await open({ faults: [{ fault: 'release' }] }, {});
    await until(() => seen('power/active') !== undefined);
    await harness.stop();
    expect(harness.seen.logs.filter(({ message }) => message.includes('release'))).toEqual([]);
  });

  it.each([
    ['has seen a higher counter of its reader', { fault: 'counter' }, {}, 'higher counter'],
    ['has another key', { fault: 'clock', by: 0 }, { 'encryption-key': '03'.repeat(16) }, 'keys'],
  ])('that %s is asked no more', async (_, fault, other, text) => {
    const security = { ...reader(KEYS, 0, 3), ...other };
    await open({ security: KEYS, faults: [fault] }, { client: 1, auth: 'gmac', security });
    await until(() => raised('meter-refused'));
    const { bytes } = meter;
    expect(harness.seen.events.find(({ code }) => code === 'meter-refused')?.text).toContain(text);
    await harness.stop();
    read({ client: 1, auth: 'gmac', security }, Object.fromEntries(harness.seen.state));
    await until(() => harness.seen.statuses.some(({ state }) => state === 'error'));
    expect(meter.bytes - bytes).toBeLessThan(40);
  });
});
