import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import { DEFAULTS, TestBackEnd, testChargePoint, until, type Peer } from '../test-support/index.js';
import proxy from './index.js';

/* eslint-disable @typescript-eslint/no-explicit-any -- what is on the wire, as it was said */
type Json = any;

let backEnd: TestBackEnd;
let harness: Harness;
let station: Peer;
/** What the charge point answers to CALLs, by action; undefined: nothing, a text: that error. */
let answers: Record<string, (payload: Json) => object | string | undefined>;
/** CALLs that the charge point got. */
let asked: { id: string; action: string; payload: Json }[];

const CONFIGURATION = {
  configurationKey: [
    { key: 'ChargeProfileMaxStackLevel', value: '3' },
    { key: 'ChargingScheduleAllowedChargingRateUnit', value: 'Current' },
    { key: 'NumberOfConnectors', value: '1' },
  ],
};
let profiles: Map<number, Json>;

beforeEach(async () => {
  backEnd = await TestBackEnd.open();
  asked = [];
  profiles = new Map();
  answers = {
    GetConfiguration: () => CONFIGURATION,
    SetChargingProfile: ({ csChargingProfiles: profile }) => {
      profiles.set(profile.chargingProfileId, profile);
      return { status: 'Accepted' };
    },
    ClearChargingProfile: ({ id }) => {
      const isThere = id === undefined ? profiles.size > 0 : profiles.has(id);
      if (id === undefined) profiles.clear();
      profiles.delete(id);
      return { status: isThere ? 'Accepted' : 'Unknown' };
    },
    GetCompositeSchedule: ({ connectorId }) => {
      const highest = [...profiles.values()].sort((one, other) => other.stackLevel - one.stackLevel)[0];
      const chargingSchedule = highest?.chargingSchedule ?? {
        chargingRateUnit: 'A',
        chargingSchedulePeriod: [{ startPeriod: 0, limit: 32 }],
      };
      return { status: 'Accepted', connectorId, scheduleStart: new Date().toISOString(), chargingSchedule };
    },
  };
});

afterEach(async () => {
  await harness.stop();
  await backEnd.close();
  expect(harness.seen.exceptions).toEqual([]);
  expect(harness.seen.refused).toEqual([]);
});

async function run(config: object = {}, state: Record<string, unknown> = {}): Promise<void> {
  harness = runExtension(proxy, { config: { ...DEFAULTS, backend: backEnd.url, ...config }, state });
  await harness.until(() => /:\d+\/ocpp/.test(harness.seen.statuses.at(-1)?.text ?? ''));
}

async function join(offer = 'ocpp1.6'): Promise<void> {
  const address = /wss?:\/\/\S+(?=\/ID)/.exec(harness.seen.statuses.map(({ text }) => text).join())![0];
  const before = backEnd.peers.length;
  ({ peer: station } = await testChargePoint(`${address}/CP1`, { offer }));
  station.ws.on('message', (data: Buffer) => {
    const [type, id, action, payload] = JSON.parse(data.toString());
    if (type !== 2) return;
    asked.push({ id, action, payload });
    const answer = answers[action]?.(payload);
    if (typeof answer === 'string') station.ws.send(JSON.stringify([4, id, answer, '', {}]));
    else if (answer !== undefined) station.ws.send(JSON.stringify([3, id, answer]));
  });
  await until(() => backEnd.peers.length > before, 'the connection at the back end');
  backEnd.last.ws.on('message', (data: Buffer) => {
    const [type, id, action] = JSON.parse(data.toString());
    if (type === 2)
      backEnd.last.ws.send(
        JSON.stringify([
          3,
          id,
          action === 'StartTransaction' ? { transactionId: 42, idTagInfo: { status: 'Accepted' } } : {},
        ]),
      );
  });
  await harness.until(() => online() === true);
}

let calls = 0;
const say = (action: string, payload: object): void =>
  station.ws.send(JSON.stringify([2, `m${++calls}`, action, payload]));
/** An order of the back end. */
const order = (action: string, payload: object): void =>
  backEnd.last.ws.send(JSON.stringify([2, `b${++calls}`, action, payload]));
const now = (ago = 0): string => new Date(Date.now() - ago).toISOString();
const seen = (path: string) => harness.seen.values.get(`ev1/${path}`);
const value = (path: string): unknown => seen(path)?.value;
const online = () => [...harness.seen.devices.values()].find(({ name }) => name === 'ev1')?.online;
const events = (code: string) => harness.seen.events.filter((event) => event.code === code);
const values = (
  sampledValue: object[],
  { transactionId, t = now() }: { transactionId?: number; t?: string } = {},
): void =>
  say('MeterValues', {
    connectorId: 1,
    ...(transactionId !== undefined && { transactionId }),
    meterValue: [{ timestamp: t, sampledValue }],
  });
const power = (watts: number) => ({ measurand: 'Power.Active.Import', unit: 'W', value: String(watts) });
const register = (wattHours: number) => ({
  measurand: 'Energy.Active.Import.Register',
  unit: 'Wh',
  value: String(wattHours),
});

describe('what a charge point says', () => {
  it('is a device with status, power, energy and plate, as it comes', async () => {
    await run();
    await join();
    say('BootNotification', {
      chargePointVendor: 'Alfen',
      chargePointModel: 'Eve',
      chargePointSerialNumber: 'ACE1',
      firmwareVersion: '6',
    });
    say('StatusNotification', { connectorId: 1, status: 'Charging', errorCode: 'NoError', timestamp: now() });
    values([
      power(3000),
      register(12_345),
      { measurand: 'Voltage', phase: 'L1-N', unit: 'V', value: '231.5' },
      { measurand: 'SoC', unit: 'Percent', value: '61' },
    ]);
    await harness.until(() => value('soc') === 61);
    expect(['status', 'power/active', 'energy/active/import', 'voltage/l1', 'serial'].map(value)).toEqual([
      'charging',
      3000,
      12_345,
      231.5,
      'ACE1',
    ]);
    expect([...harness.seen.devices.values()]).toMatchObject([
      { name: 'ev1', kind: 'evse', manufacturer: 'Alfen', model: 'Eve', serial: 'ACE1', online: true },
    ]);
    // nothing was said to it
    expect(asked).toEqual([]);
  });

  it('is stale once it is gone, and what it kept while it was alone is not live', async () => {
    await run();
    await join();
    say('StatusNotification', { connectorId: 1, status: 'Available', errorCode: 'NoError', timestamp: now() });
    values([power(3000)], { t: now(3_600_000) });
    values([power(1000)]);
    await harness.until(() => value('power/active') !== undefined);
    expect(
      harness.seen.batches
        .flat()
        .filter(({ path }) => path === 'ev1/power/active')
        .map(({ value: shown }) => shown),
    ).toEqual([1000]);
    station.ws.terminate();
    await harness.until(() => online() === false);
    expect(seen('status')).toMatchObject({ value: 'available', quality: 'stale' });
  });

  it('tells a session with its energy and a hash in place of the tag, once, also over a restart', async () => {
    await run();
    await join();
    say('StartTransaction', { connectorId: 1, idTag: 'DEADBEEF', meterStart: 1000, timestamp: now() });
    await harness.until(() => events('session.start').length === 1);
    values([register(1500)], { transactionId: 42 });
    await harness.until(() => value('energy/session') === 500);
    await harness.stop();
    const state = Object.fromEntries(harness.seen.state);
    await run({}, state);
    await join();
    say('StopTransaction', { transactionId: 42, meterStop: 3500, timestamp: now(), idTag: 'DEADBEEF' });
    await harness.until(() => events('session.stop').length === 1);
    expect(events('session.start')).toEqual([]);
    expect(events('session.stop')[0]).toMatchObject({
      device: 'ev1',
      data: { transaction: '42', energy: 2500, reason: 'Local', tag: expect.stringMatching(/^[0-9a-f]{16}$/) },
    });
    await harness.until(() => value('energy/session') === 2500);
    expect(JSON.stringify([harness.seen.events, [...harness.seen.state], harness.seen.logs])).not.toMatch(/deadbeef/i);
  });

  it('raises that the back end may detach the charge point, and clears it where it refuses', async () => {
    answers['ChangeConfiguration'] = ({ key }) => ({ status: key === 'SecurityProfile' ? 'Rejected' : 'Accepted' });
    await run();
    await join();
    order('ChangeConfiguration', { key: 'AuthorizationKey', value: 'secret-of-theirs' });
    order('ChangeConfiguration', { key: 'SecurityProfile', value: '2' });
    await harness.until(() => events('detachment.security-profile').length === 2);
    expect(events('detachment.authorization-key')).toMatchObject([{ state: 'raised', severity: 'alarm' }]);
    expect(events('detachment.security-profile').map(({ state }) => state)).toEqual(['raised', 'cleared']);
    expect(JSON.stringify(harness.seen.events)).not.toContain('secret-of-theirs');
    // it came through this box again
    await join();
    await harness.until(() => events('detachment.authorization-key').length === 2);
  });

  it('keeps names of outlets over a restart, and takes those of the config', async () => {
    await run({ stations: { CP1: { outlets: { 2: 'garage' } } } }, { outlets: { 'CP0/1': 'ev1', 'CP1/1': 'ev3' } });
    await harness.until(() => harness.seen.devices.size === 2);
    expect([...harness.seen.devices.values()].map(({ name, online: isOn }) => [name, isOn])).toEqual([
      ['ev3', false],
      ['garage', false],
    ]);
  });
});

describe('inject', () => {
  const inject = (action: string, payload: object = {}, of = 'CP1') =>
    harness.call('inject', { station: of, action, payload });

  it('answers what the charge point answered, and its back end sees nothing', async () => {
    answers['Reset'] = () => undefined;
    await run();
    expect(await inject('GetConfiguration')).toEqual({ status: 'absent', wasSent: false });
    await join();
    expect(await inject('GetConfiguration')).toEqual({ status: 'ok', payload: CONFIGURATION });
    station.ws.once('message', (data: Buffer) =>
      station.ws.send(JSON.stringify([4, JSON.parse(data.toString())[1], 'NotSupported', 'no', {}])),
    );
    expect(await inject('UnlockConnector', { connectorId: 1 })).toEqual({
      status: 'error',
      code: 'NotSupported',
      text: 'no',
    });
    expect(backEnd.last.got).toEqual([]);
    const status: Json = await harness.call('status', { station: 'CP1' });
    expect(status.injections.map(({ action, status: how }: Json) => [action, how])).toEqual(
      [
        ['UnlockConnector', 'error'],
        ['GetConfiguration', 'ok'],
        ['GetConfiguration', 'absent'],
      ].slice(0, 2),
    );
    await expect(harness.call('status', { station: 'CP9' })).rejects.toThrow('No charge point "CP9"');
  });

  it('holds back the same TriggerMessage within 15 s and says until when', async () => {
    answers['TriggerMessage'] = () => ({ status: 'Accepted' });
    await run();
    await join();
    expect(await inject('TriggerMessage', { requestedMessage: 'MeterValues' })).toMatchObject({ status: 'ok' });
    expect(await inject('TriggerMessage', { requestedMessage: 'StatusNotification' })).toMatchObject({ status: 'ok' });
    expect(await inject('TriggerMessage', { requestedMessage: 'MeterValues' })).toMatchObject({
      status: 'error',
      code: 'SMX_OCPP_PACE',
      notBefore: expect.any(Number),
    });
    expect(asked).toHaveLength(2);
  });

  it('sends nothing that the version of the charge point does not have, and says where and what', async () => {
    await run();
    await join();
    expect(await inject('Reset', { type: 'Warm' })).toEqual({
      ...{ status: 'error', code: 'SMX_OCPP_PAYLOAD', wasSent: false },
      text: 'type must be one of Hard, Soft, by the schema of Reset in OCPP 1.6',
    });
    expect(await inject('GetVariables')).toMatchObject({ code: 'SMX_OCPP_PAYLOAD', text: expect.stringContaining('did you mean GetConfiguration?') }); // prettier-ignore
    expect(await inject('DataTransfer', { vendorId: 'v', data: 'x'.repeat(60_001) })).toMatchObject({ code: 'SMX_OCPP_PAYLOAD' }); // prettier-ignore
    expect(asked).toEqual([]);
    const status: Json = await harness.call('status', { station: 'CP1' });
    expect(status.counts.injected).toBe(0);
  });

  it('lets parties send so much and no more, and limits go before them', async () => {
    answers['ClearCache'] = () => ({ status: 'Accepted' });
    await run({ 'inject-per-minute': 4 });
    await join();
    const sent = Array.from({ length: 6 }, () => inject('ClearCache'));
    const limited = harness.command('ev1/current/limit', 10);
    const ends: Json[] = await Promise.all(sent);
    expect(ends.map(({ status, code }) => code ?? status)).toEqual([...Array<string>(4).fill('ok'), 'SMX_OCPP_PACE', 'SMX_OCPP_PACE']); // prettier-ignore
    expect(ends[4]).toMatchObject({ wasSent: false, notBefore: expect.any(Number), text: expect.stringMatching(/send it again in 15 s/) }); // prettier-ignore
    expect(await limited).toEqual({ outcome: 'applied', value: 10 });
    const order = asked.map(({ action }) => action);
    expect(order.lastIndexOf('ClearCache')).toBeGreaterThan(order.indexOf('GetConfiguration'));
  });

  it('uses ids of the form that the charge point expects', async () => {
    await run({ stations: { CP1: { 'id-style': 'numeric' } } });
    await join();
    await inject('GetConfiguration');
    expect(asked[0]!.id).toMatch(/^9\d{8}$/);
  });
});

describe('a limit', () => {
  it('is put on the charge point, proved, lowered at once, and taken off', async () => {
    await run();
    await join();
    expect(await harness.command('ev1/current/limit', 10)).toEqual({ outcome: 'applied', value: 10 });
    await harness.until(() => value('current/limit/in-force') === 10);
    expect(value('current/limit')).toBe(10);
    expect([...profiles.values()]).toMatchObject([
      {
        chargingProfilePurpose: 'ChargePointMaxProfile',
        stackLevel: 2,
        chargingSchedule: { chargingSchedulePeriod: [{ limit: 6 }] },
      },
      {
        chargingProfilePurpose: 'ChargePointMaxProfile',
        stackLevel: 3,
        chargingSchedule: { chargingSchedulePeriod: [{ limit: 10 }] },
      },
    ]);
    // 4140 W are 6 A on three phases: the lower of both counts
    expect(await harness.command('ev1/power/limit', 4140)).toEqual({ outcome: 'applied', value: 4140 });
    await harness.until(() => value('power/limit/in-force') === 4140);
    const status: Json = await harness.call('status', { station: 'CP1' });
    expect(status.limits.site).toMatchObject([
      { setpoint: 'ev1/current/limit', value: 10, counts: false },
      { setpoint: 'ev1/power/limit', value: 4140, counts: true, state: 'holding', accepted: 6 },
    ]);
    expect(await harness.command('ev1/current/limit', 16)).toEqual({ outcome: 'clamped', value: 6 });
    await harness.release('ev1/power/limit');
    expect(await harness.release('ev1/current/limit')).toEqual({ outcome: 'applied', value: null });
    expect(profiles.size).toBe(0);
    expect(harness.seen.state.get('profiles')).toEqual({});
    expect(backEnd.last.got).toEqual([]);
  });

  it('is refused where the charge point is absent, or takes none', async () => {
    await run({ stations: { CP1: {} } });
    await harness.until(() => harness.seen.refOf('ev1/current/limit') !== undefined);
    expect(await harness.command('ev1/current/limit', 10)).toMatchObject({
      outcome: 'refused',
      code: 'SMX_OCPP_ABSENT',
    });
    answers['SetChargingProfile'] = () => 'NotImplemented';
    await join();
    expect(await harness.command('ev1/current/limit', 10)).toMatchObject({
      outcome: 'refused',
      code: 'SMX_OCPP_LIMIT',
    });
  });

  it('goes back where the back end overwrites it', async () => {
    answers['Reset'] = () => ({ status: 'Accepted' });
    await run();
    await join();
    await harness.command('ev1/current/limit', 10);
    const sent = asked.length;
    order('ClearChargingProfile', {});
    await harness.until(() => asked.slice(sent).filter(({ action }) => action === 'SetChargingProfile').length === 2);
    expect(profiles.size).toBe(2);
    // a boot may have lost them as well, and is not answered more often than every 30 s
    say('BootNotification', { chargePointVendor: 'x', chargePointModel: 'y' });
    const status = async (): Promise<Json> => harness.call('status', { station: 'CP1' });
    await until(() => backEnd.last.texts.some((text) => text.includes('BootNotification')));
    expect((await status()).limits.site).toMatchObject([{ value: 10 }]);
  });

  it('is taken off at the end of the instance, and after a crash at the next start', async () => {
    await run();
    await join();
    await harness.command('ev1/current/limit', 10);
    const crashed = Object.fromEntries(harness.seen.state);
    expect(crashed['profiles']).toEqual({ CP1: [9_001_000, 9_001_001] });
    await harness.stop();
    expect(profiles.size).toBe(0);
    profiles.set(9_001_000, {}).set(9_001_001, {}).set(1, {});
    await run({}, crashed);
    await join();
    await until(() => profiles.size === 1, 'what was left is taken off');
    await until(() => JSON.stringify(harness.seen.state.get('profiles')) === '{}');
  });

  it('is put on an EVSE of 2.0.1 in its own words', async () => {
    answers['GetVariables'] = () => ({
      getVariableResult: [
        {
          attributeStatus: 'Accepted',
          attributeValue: '4',
          component: { name: 'SmartChargingCtrlr' },
          variable: { name: 'ProfileStackLevel' },
        },
      ],
    });
    answers['SetChargingProfile'] = ({ evseId, chargingProfile }) => {
      profiles.set(chargingProfile.id, { evseId, ...chargingProfile });
      return { status: 'Accepted' };
    };
    answers['ClearChargingProfile'] = ({ chargingProfileId }) => ({
      status: profiles.delete(chargingProfileId) ? 'Accepted' : 'Unknown',
    });
    answers['GetCompositeSchedule'] = ({ evseId }) => ({
      status: 'Accepted',
      schedule: {
        evseId,
        duration: 60,
        scheduleStart: now(),
        chargingRateUnit: 'A',
        chargingSchedulePeriod: [{ startPeriod: 0, limit: 12 }],
      },
    });
    await run();
    await join('ocpp2.0.1');
    expect(await harness.command('ev1/current/limit', 12)).toEqual({ outcome: 'applied', value: 12 });
    await harness.until(() => value('current/limit/in-force') === 12);
    expect([...profiles.values()]).toMatchObject([
      { evseId: 1, stackLevel: 3 },
      { evseId: 1, stackLevel: 4, chargingProfilePurpose: 'TxDefaultProfile' },
    ]);
    await harness.release('ev1/current/limit');
    expect(profiles.size).toBe(0);
  });
});
