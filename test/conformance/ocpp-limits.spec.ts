import { isDeepStrictEqual } from 'node:util';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Harness } from '@smx-edge/extension-api/runtime';
import type { VirtualClock } from '@smx-edge/model';
import type { ChargePoint, ChargePointOptions, Csms } from '@smx-edge/site-simulator';
import Ajv from 'ajv';
import { OcppSite } from './support/ocpp-site.js';

/** Limits of the site on simulated charge points, over real sockets and a clock of the test. */
const SCHEMAS = resolve(__dirname, '../../../shared/data/ocpp/schemas');
const SHARED = { '1.6': 'v16/SetChargingProfile.json', '2.0.1': 'v201/SetChargingProfileRequest.json' } as const;

let site: OcppSite;
let clock: VirtualClock;
let csms: Csms;
let harness: Harness;
let station: ChargePoint;

async function begin(options: Partial<ChargePointOptions> = {}): Promise<void> {
  site = await OcppSite.open();
  await site.join(options);
  ({ clock, csms, harness, station } = site);
}

const until: OcppSite['until'] = (...how) => site.until(...how);
const charging = (): Promise<void> => site.charging();
const shown = (path: string) => site.shown(path);
const alarms = (code: string): unknown[] => site.alarms(code);
const purposes = (): unknown[] => station.state.profiles.map(({ purpose, stackLevel }) => [purpose, stackLevel]);

afterEach(() => site.close());

describe.each(['1.6', '2.0.1'] as const)('a limit on a charge point of %s', (version) => {
  it('is proved, kept by the car, and gone after its lease', async () => {
    await begin({ version });
    await charging();
    expect(await harness.command('ev1/current/limit', 10)).toEqual({ outcome: 'applied', value: 10 });
    await until('10 A', () => station.state.current[0] === 10 && shown('current/limit/in-force')?.value === 10);
    // three phases of 230 V
    expect(await harness.command('ev1/power/limit', 5520)).toEqual({ outcome: 'applied', value: 5520 });
    await until('8 A', () => station.state.current[0] === 8 && shown('power/limit/in-force')?.value === 5520);
    await harness.release('ev1/power/limit');
    await harness.release('ev1/current/limit');
    expect(station.state.profiles).toEqual([]);
    await until('32 A', () => station.state.current[0] === 32);
  });

  it('falls to the safe value where the box cannot reach it any more', async () => {
    await begin({ version });
    await charging();
    const from = clock.now();
    await harness.command('ev1/current/limit', 16);
    await until('16 A', () => station.state.current[0] === 16);
    expect(station.state.profiles).toHaveLength(2);
    station.cut();
    await csms.goAway();
    await until('6 A', () => station.state.current[0] === 6, 10);
    expect(clock.now() - from).toBeGreaterThanOrEqual(600_000);
  });

  const file = join(SCHEMAS, SHARED[version]);
  (existsSync(file) ? it : it.skip)('is a frame that the schema of its version allows', async () => {
    await begin({ version });
    const sent: unknown[] = [];
    const dialect = (station as unknown as { dialect: { answer(...of: unknown[]): unknown } }).dialect;
    const answer = dialect.answer.bind(dialect);
    dialect.answer = (action, payload, door) => {
      if (action === 'SetChargingProfile') sent.push(payload);
      return answer(action, payload, door);
    };
    await harness.command('ev1/current/limit', 10.5);
    await harness.command('ev1/power/limit', 4321);
    expect(sent.length).toBeGreaterThan(2);
    const schema = JSON.parse(readFileSync(file, 'utf8').replace(/"(id|\$id|\$schema)": *"[^"]*",?/g, '')) as object;
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(withoutSteps(schema) as object);
    for (const payload of sent) expect([validate(payload), validate.errors]).toEqual([true, null]);
  });
});

/** A tenth is no multiple of a tenth in binary (errata of every implementation). */
const withoutSteps = (schema: unknown): unknown =>
  JSON.parse(JSON.stringify(schema, (key, value: unknown) => (key === 'multipleOf' ? undefined : value)));

describe('a charge point with a mind of its own', () => {
  it('that refuses its highest level and limits of the whole station gets one below', async () => {
    await begin({ faults: [{ kind: 'max-level' }, { kind: 'no-station-profile' }] });
    expect(await harness.command('ev1/current/limit', 10)).toMatchObject({ outcome: 'applied' });
    expect(purposes()).toEqual([['TxDefaultProfile', 6], ['TxDefaultProfile', 7]]); // prettier-ignore
  });

  it('that takes none gives no proof before a car charges, and is refused then', async () => {
    await begin({ faults: [{ kind: 'no-profiles' }] });
    expect(await harness.command('ev1/current/limit', 10)).toMatchObject({ outcome: 'applied' });
    await until('no proof', () => shown('current/limit/in-force')?.reason?.includes('running transaction') === true, 0);
    expect(shown('current/limit/in-force')?.value).toBeNull();
    await harness.release('ev1/current/limit');
    await charging();
    expect(await harness.command('ev1/current/limit', 10)).toMatchObject({
      outcome: 'refused',
      code: 'SMX_OCPP_LIMIT',
    });
  });

  it('whose firmware is another is asked anew what it takes, and limited in that way', async () => {
    await begin({ faults: [{ kind: 'no-station-profile' }] });
    const boot = (firmwareVersion: string) =>
      station.call('BootNotification', { chargePointVendor: 'v', chargePointModel: 'm', firmwareVersion });
    const firmware = (): string | undefined =>
      (harness.seen.state.get('capabilities/CP1') as { firmware?: string } | undefined)?.firmware;
    // the boot may be looked into while the command goes on
    await boot('1');
    expect(await harness.command('ev1/current/limit', 10)).toEqual({ outcome: 'applied', value: 10 });
    const first = [['TxDefaultProfile', 7], ['TxDefaultProfile', 8]]; // prettier-ignore
    await until('the first way', () => isDeepStrictEqual(purposes(), first) && firmware() === '1');
    station.clearFault();
    station.settings.put('ChargeProfileMaxStackLevel', '4');
    await boot('2');
    const second = [['ChargePointMaxProfile', 3], ['ChargePointMaxProfile', 4]]; // prettier-ignore
    await until('the new way', () => isDeepStrictEqual(purposes(), second) && firmware() === '2');
    await harness.release('ev1/current/limit');
    await until('nothing', () => station.state.profiles.length === 0);
  });

  it('whose car draws more than its limit is told of, until it keeps it', async () => {
    await begin();
    await charging();
    await harness.command('ev1/current/limit', 10);
    await until('10 A', () => shown('current/limit/in-force')?.value === 10 && station.state.current[0] === 10);
    const measure = async (amps: number): Promise<void> => {
      const sampledValue = ['L1', 'L2', 'L3'].map((phase) => ({ measurand: 'Current.Import', unit: 'A', phase, value: String(amps) })); // prettier-ignore
      await station.call('MeterValues', { connectorId: 1, meterValue: [{ timestamp: new Date(clock.now()).toISOString(), sampledValue }] }); // prettier-ignore
      await until('looked at', () => shown('current/l1')?.value === amps, 0);
    };
    station.settings.put('MeterValueSampleInterval', '0');
    // what comes in the second in which the limit was accepted says nothing about it
    const accepted = clock.now();
    await until('a second later', () => clock.now() - accepted >= 2000);
    const from = clock.now();
    await measure(16);
    await until('20 s', () => clock.now() - from >= 20_000);
    await measure(17);
    await until('35 s', () => clock.now() - from >= 35_000);
    expect(alarms('limit-exceeded')).toEqual([]);
    await measure(18);
    await until('told', () => alarms('limit-exceeded').length === 1);
    await until('doubted', () => shown('current/limit/in-force')?.quality === 'uncertain');
    expect(shown('current/limit/in-force')).toMatchObject({ value: 10, reason: expect.stringMatching('draws more') });
    await measure(10);
    await until('over', () => alarms('limit-exceeded').length === 2);
    expect(alarms('limit-exceeded')).toEqual(['raised', 'cleared']);
  });

  it('gets its limit again after the back end cleared it, and then not within 30 s', async () => {
    await begin();
    await harness.command('ev1/current/limit', 10);
    await csms.call('CP1', 'ClearChargingProfile', {});
    await until('again', () => station.state.profiles.length === 2);
    await csms.call('CP1', 'ClearChargingProfile', {});
    const at = clock.now();
    await until('and again', () => station.state.profiles.length === 2);
    expect(clock.now() - at).toBeGreaterThan(20_000);
  });
});
