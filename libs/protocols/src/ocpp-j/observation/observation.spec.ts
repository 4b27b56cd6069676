import { inspect } from 'node:util';
import fc from 'fast-check';
import type { OcppVersion } from '../version.js';
import { versionOf } from '../version.js';
import type { Observation } from './observation.js';
import { Observer } from './observer.js';
import { scaleValue } from './scale.js';

const T = '2026-03-01T10:00:00Z';
const AT = Date.parse(T);

let next = 0;

/** One station: what it is told and tells, as frames. */
class Rig {
  readonly observer: Observer;
  constructor(version: OcppVersion = '1.6', open: ConstructorParameters<typeof Observer>[1] = []) {
    this.observer = new Observer(version, open);
  }
  /** The station calls and is answered. */
  says(action: string, payload: object, answer: object = {}): readonly Observation[] {
    const id = String((next += 1));
    const told = this.observer.fromChargePoint(JSON.stringify([2, id, action, payload]));
    return [...told, ...this.observer.fromBackEnd(JSON.stringify([3, id, answer]))];
  }
  /** The back end calls and is answered. */
  hears(action: string, payload: object, answer: object = {}): readonly Observation[] {
    const id = String((next += 1));
    const told = this.observer.fromBackEnd(JSON.stringify([2, id, action, payload]));
    return [...told, ...this.observer.fromChargePoint(JSON.stringify([3, id, answer]))];
  }
  measures(sampledValue: object[], more: object = {}): Record<string, number | null> {
    const told = this.says('MeterValues', { connectorId: 1, evseId: 1, meterValue: [{ timestamp: T, sampledValue }], ...more }); // prettier-ignore
    return Object.fromEntries(told.flatMap((o) => (o.kind === 'values' ? o.readings : [])).map(({ path, value }) => [path, value])); // prettier-ignore
  }
}

const started = (rig: Rig, more: object = {}, transactionId: unknown = 7): readonly Observation[] =>
  rig.says('StartTransaction', { connectorId: 1, idTag: 'AABB01', meterStart: 1000, timestamp: T, ...more }, { transactionId, idTagInfo: { status: 'Accepted' } }); // prettier-ignore
const stopped = (rig: Rig, more: object = {}): readonly Observation[] =>
  rig.says('StopTransaction', { transactionId: 7, meterStop: 3500, timestamp: T, ...more });

describe('values of 1.6', () => {
  it.each([
    [{ value: '1234.5' }, { 'energy/active/import': 1234.5 }],
    [{ value: '0.29', measurand: 'Energy.Active.Import.Register', unit: 'kWh' }, { 'energy/active/import': 290 }],
    [{ value: '7.36', measurand: 'Power.Active.Import', unit: 'kW' }, { 'power/active': 7360 }],
    [{ value: '7.36', measurand: 'Power.Active.Export', unit: 'kW' }, { 'power/active': -7360 }],
    [{ value: '230.1', measurand: 'Voltage', phase: 'L1-N', unit: 'V' }, { 'voltage/l1': 230.1 }],
    [{ value: '400', measurand: 'Voltage', phase: 'L3-L1' }, { 'voltage/l3-l1': 400 }],
    [{ value: '16.0', measurand: 'Current.Offered', unit: 'A' }, { 'current/offered': 16 }],
    [{ value: '5', measurand: 'Current.Import', phase: 'N' }, { 'current/n': 5 }],
    [{ value: '81', measurand: 'SoC', unit: 'Percent', location: 'EV' }, { soc: 81 }],
    [{ value: '20', measurand: 'Temperature', unit: 'Celcius' }, { temperature: 20 }],
    [{ value: '293.15', measurand: 'Temperature', unit: 'K' }, { temperature: 20 }],
    [{ value: '68', measurand: 'Temperature', unit: 'Fahrenheit' }, { temperature: 20 }],
    [{ value: '49.98', measurand: 'Frequency', unit: 'Hertz' }, { frequency: 49.98 }],
    // numbers where text is due, and the other way round: reported of many stations
    [{ value: 12, measurand: 'Power.Active.Import', unit: 'W' }, { 'power/active': 12 }],
    // what is no number of its unit is null and never 0
    [{ value: '', measurand: 'Power.Active.Import' }, { 'power/active': null }],
    [{ measurand: 'Power.Active.Import' }, { 'power/active': null }],
    [{ value: 'NaN', measurand: 'Power.Active.Import' }, { 'power/active': null }],
    [{ value: '1e99', measurand: 'Power.Active.Import' }, { 'power/active': null }],
    [{ value: '5', measurand: 'Power.Active.Import', unit: 'A' }, { 'power/active': null }],
    [{ value: '-5', measurand: 'Energy.Active.Import.Register' }, { 'energy/active/import': null }],
    [{ value: '101', measurand: 'SoC' }, { soc: null }],
    // no points
    [{ value: '5', measurand: 'Energy.Active.Import.Interval' }, {}],
    [{ value: '5', measurand: 'constructor' }, {}],
    [{ value: '5', measurand: 'SoC', phase: 'L1' }, {}],
    [{ value: '5', measurand: 'Power.Active.Import', phase: 'L9' }, {}],
    [{ value: 'AbCd', format: 'SignedData' }, {}],
    [{ value: '5', measurand: 'Voltage', location: 'Upstream' }, {}],
  ])('%j is %j', (sample, readings) => {
    expect(new Rig().measures([sample])).toEqual(readings);
  });

  it('at the outlet win over those at the inlet, in any order', () => {
    const inlet = { value: '1', measurand: 'Voltage', location: 'Inlet' };
    const outlet = { value: '2', measurand: 'Voltage' };
    expect(new Rig().measures([inlet, outlet])).toEqual({ voltage: 2 });
    expect(new Rig().measures([outlet, inlet])).toEqual({ voltage: 2 });
    expect(new Rig().measures([inlet])).toEqual({ voltage: 1 });
  });

  it('are netted where taken and given come together', () => {
    const taken = { value: '0.1', measurand: 'Power.Active.Import' };
    expect(new Rig().measures([taken, { value: '0.3', measurand: 'Power.Active.Export' }])).toEqual({ 'power/active': -0.2 }); // prettier-ignore
    expect(new Rig().measures([taken, { value: 'x', measurand: 'Power.Active.Export' }])).toEqual({ 'power/active': null }); // prettier-ignore
  });

  it('of three phases make the whole, of two they do not', () => {
    const phases = ['L1', 'L2', 'L3'].map((phase, i) => ({ value: `${i}.1`, measurand: 'Power.Active.Import', phase }));
    expect(new Rig().measures(phases)).toMatchObject({ 'power/active': 3.3, 'power/active/l3': 2.1 });
    expect(new Rig().measures(phases.slice(1))).not.toHaveProperty('power/active');
    expect(new Rig().measures([...phases, { value: '9', measurand: 'Power.Active.Import' }])).toMatchObject({ 'power/active': 9 }); // prettier-ignore
  });

  it('have the time of the station, and none where it gives none', () => {
    const told = (timestamp: unknown): unknown => new Rig().says('MeterValues', { connectorId: 1, meterValue: [{ timestamp, sampledValue: [{ value: '1' }] }] })[0]; // prettier-ignore
    expect(told('2026-03-01T11:00:00.2973429+01:00')).toMatchObject({ t: AT + 297, outlet: 1, isLate: false });
    expect(told('2026-03-01T10:00:00')).toMatchObject({ t: AT });
    for (const none of ['yesterday', 5, null, '2026-13-45T99:00:00Z', undefined])
      expect(told(none)).not.toHaveProperty('t');
  });
});

describe('values of 2.x', () => {
  it.each([
    [{ value: 723358 }, { 'energy/active/import': 723358 }],
    [{ value: 7.36, measurand: 'Power.Active.Import', unitOfMeasure: { unit: 'kW' } }, { 'power/active': 7360 }],
    [{ value: 736, measurand: 'Power.Active.Import', unitOfMeasure: { unit: 'W', multiplier: 1 } }, { 'power/active': 7360 }],
    [{ value: 25, measurand: 'Current.Import', unitOfMeasure: { unit: 'A', multiplier: -1 } }, { current: 2.5 }],
    [{ value: 55, measurand: 'Display.PresentSOC' }, { soc: 55 }],
    [{ value: 0.30000000000000004, measurand: 'Voltage' }, { voltage: 0.3 }],
    [{ value: 5, unitOfMeasure: { unit: 'Wh', multiplier: 400 } }, { 'energy/active/import': null }],
  ])('%j is %j', (sample, readings) => {
    expect(new Rig('2.0.1').measures([sample])).toEqual(readings);
    expect(new Rig('2.1').measures([sample])).toEqual(readings);
  }); // prettier-ignore
});

describe('scaled values', () => {
  it('are the nearest double of the decimal', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 4 }), (digits, decimals) => {
        const text = (digits / 10 ** decimals).toFixed(decimals);
        expect(scaleValue(text, 'Wh', { unit: 'kWh', multiplier: 0 })).toBe(Number(`${text}e3`) + 0);
      }),
    );
  });
});

describe('the status of an outlet', () => {
  it.each([
    ['Available', 'available'],
    ['SuspendedEVSE', 'suspended-evse'],
    ['Finishing', 'finishing'],
  ])('%s of 1.6 is %s', (word, status) => {
    expect(new Rig().says('StatusNotification', { connectorId: 2, status: word, errorCode: 'NoError', timestamp: T })).toEqual([{ kind: 'status', outlet: 2, status, t: AT }]); // prettier-ignore
  });

  it('has the fault', () => {
    expect(new Rig().says('StatusNotification', { connectorId: 0, status: 'Faulted', errorCode: 'GroundFailure', info: 'x' })).toEqual([{ kind: 'status', outlet: 0, status: 'faulted', error: 'GroundFailure', info: 'x' }]); // prettier-ignore
  });

  it.each([{ status: 'Available' }, { connectorId: 1 }, { connectorId: 1, status: 'constructor' }, { connectorId: -1, status: 'Available' }])('is not told by %j', (payload) => {
    expect(new Rig().says('StatusNotification', payload)).toEqual([]);
  }); // prettier-ignore

  it('is in 2.x what the transaction says where a vehicle is there', () => {
    const rig = new Rig('2.0.1');
    const connector = (connectorStatus: string, connectorId = 1): unknown => rig.says('StatusNotification', { evseId: 1, connectorId, connectorStatus, timestamp: T }).map((o) => o.kind === 'status' && o.status); // prettier-ignore
    const charging = (chargingState: string | undefined, eventType = 'Updated'): unknown => rig.says('TransactionEvent', { eventType, timestamp: T, evse: { id: 1 }, transactionInfo: { transactionId: 'a', chargingState } }).flatMap((o) => (o.kind === 'status' ? [o.status] : [])); // prettier-ignore
    expect(connector('Available')).toEqual(['available']);
    expect(connector('Occupied')).toEqual(['occupied']);
    expect(charging('Charging', 'Started')).toEqual(['charging']);
    expect(charging(undefined)).toEqual(['charging']);
    expect(connector('Occupied')).toEqual(['charging']);
    expect(connector('Available', 2)).toEqual(['charging']);
    expect(charging('SuspendedEV')).toEqual(['suspended-ev']);
    expect(charging('Idle', 'Ended')).toEqual(['occupied']);
    expect(connector('Available')).toEqual(['available']);
    expect(connector('Faulted')).toEqual(['faulted']);
  });
});

describe('a session of 1.6', () => {
  it('begins and ends once the back end has answered', () => {
    const rig = new Rig();
    expect(started(rig)).toEqual([{ kind: 'session-started', session: { outlet: 1, transactionId: '7', startedAt: AT, meterStart: 1000, idTag: expect.anything() } }]); // prettier-ignore
    expect(rig.observer.openSessions).toEqual([{ outlet: 1, transactionId: '7', startedAt: AT, meterStart: 1000 }]);
    expect(rig.measures([{ value: '2.5', unit: 'kWh' }], { transactionId: 7 })).toEqual({ 'energy/active/import': 2500, 'energy/session': 1500 }); // prettier-ignore
    expect(stopped(rig, { reason: 'EVDisconnected' })).toEqual([{ kind: 'session-ended', session: { outlet: 1, transactionId: '7', startedAt: AT, endedAt: AT, meterStart: 1000, meterStop: 3500, energy: 2500, reason: 'EVDisconnected', idTag: expect.anything() } }]); // prettier-ignore
    expect(rig.observer.openSessions).toEqual([]);
    expect(rig.measures([{ value: '4000' }])).toEqual({ 'energy/active/import': 4000 });
  });

  it('is not there before the answer, nor after a refusal', () => {
    const { observer } = new Rig();
    const start = '[2,"1","StartTransaction",{"connectorId":1,"idTag":"A","meterStart":0,"timestamp":"2026-03-01T10:00:00Z"}]'; // prettier-ignore
    expect(observer.fromChargePoint(start)).toEqual([]);
    expect(observer.fromBackEnd('[4,"1","InternalError","",{}]')).toEqual([]);
    expect(observer.fromBackEnd('[3,"1",{"transactionId":7}]')).toEqual([]);
    observer.fromChargePoint(start);
    expect(observer.fromBackEnd('[3,"1",{"transactionId":-7}]')).toMatchObject([{ session: { transactionId: '-7' } }]);
  });

  it('that is told again begins once', () => {
    const rig = new Rig();
    started(rig);
    expect(started(rig)).toEqual([]);
    expect(started(rig, { timestamp: '2026-03-02T10:00:00Z' })).toHaveLength(1);
  });

  it('goes on after a restart, and has no energy where its start was not seen', () => {
    const open = [{ outlet: 1, transactionId: '7', meterStart: 1000 }];
    expect(stopped(new Rig('1.6', open))).toMatchObject([{ session: { energy: 2500, reason: 'Local' } }]);
    const [ended] = stopped(new Rig());
    expect(ended).toMatchObject({ kind: 'session-ended', session: { transactionId: '7', meterStop: 3500 } });
    expect(ended).not.toHaveProperty('session.energy');
    expect(stopped(new Rig('1.6', [{ ...open[0]!, meterStart: 9000 }]))[0]).not.toHaveProperty('session.energy');
  });

  it('tells its summary late', () => {
    const rig = new Rig();
    started(rig);
    const [summary] = stopped(rig, { transactionData: [{ timestamp: T, sampledValue: [{ value: '1000', context: 'Transaction.Begin' }] }] }); // prettier-ignore
    expect(summary).toMatchObject({ kind: 'values', outlet: 1, isLate: true, context: 'Transaction.Begin', readings: [{ path: 'energy/active/import', value: 1000 }] }); // prettier-ignore
  });

  it('hands its tag out for a hash and shows it nowhere', () => {
    const told = started(new Rig());
    const [one] = told;
    if (one?.kind !== 'session-started') throw new Error('no session');
    expect(Buffer.from(one.session.idTag!.hashInput()).toString()).toBe('aabb01');
    for (const shown of [
      JSON.stringify(told),
      inspect(told, { depth: 9, showHidden: true }),
      String(one.session.idTag),
    ])
      expect(shown).not.toMatch(/aabb01/i);
  });
});

describe('a session of 2.x', () => {
  const event = (rig: Rig, eventType: string, more: object = {}): readonly Observation[] =>
    rig.says('TransactionEvent', { eventType, timestamp: T, seqNo: 0, transactionInfo: { transactionId: 'tx-1' }, ...more }); // prettier-ignore
  const register = (value: number, context = 'Sample.Periodic'): object => ({ meterValue: [{ timestamp: T, sampledValue: [{ value, context }] }] }); // prettier-ignore
  const evse = { evse: { id: 3, connectorId: 1 } };
  const sessionsOf = (told: readonly Observation[]): unknown[] => told.flatMap((o) => (o.kind === 'session-started' || o.kind === 'session-ended' ? [[o.kind, o.session]] : [])); // prettier-ignore
  const charged = (told: readonly Observation[]): unknown => told.flatMap((o) => (o.kind === 'values' ? o.readings : [])).find(({ path }) => path === 'energy/session'); // prettier-ignore

  it('goes from Started to Ended, on the outlet that only the first message names', () => {
    const rig = new Rig('2.0.1');
    const begin = event(rig, 'Started', { ...evse, ...register(100, 'Transaction.Begin') });
    expect(sessionsOf(begin)).toEqual([['session-started', { transactionId: 'tx-1', outlet: 3, startedAt: AT, meterStart: 100 }]]); // prettier-ignore
    expect(charged(event(rig, 'Updated', { ...register(350.5), idToken: { idToken: 'R1', type: 'ISO14443' } }))).toEqual({ path: 'energy/session', unit: 'Wh', value: 250.5 }); // prettier-ignore
    const end = event(rig, 'Ended', { ...register(400, 'Transaction.End'), transactionInfo: { transactionId: 'tx-1', stoppedReason: 'EVDisconnected' } }); // prettier-ignore
    expect(sessionsOf(end)).toMatchObject([['session-ended', { outlet: 3, energy: 300, endedAt: AT, reason: 'EVDisconnected', idTag: expect.anything() }]]); // prettier-ignore
    expect(event(rig, 'Ended', register(400))).toEqual([]);
    expect(event(rig, 'Updated', evse)).toEqual([]);
  });

  it('whose start has no register is uncertain from the next one on, and has no energy at its end', () => {
    const rig = new Rig('2.1');
    event(rig, 'Started', evse);
    expect(charged(event(rig, 'Updated', register(100)))).toBeUndefined();
    expect(charged(event(rig, 'Updated', register(150)))).toMatchObject({ value: 50, quality: 'uncertain' });
    expect(sessionsOf(event(rig, 'Ended', register(160)))[0]).not.toHaveProperty('1.energy');
  });

  it('that was queued tells nothing live', () => {
    const rig = new Rig('2.0.1');
    const told = event(rig, 'Started', { ...evse, ...register(100), offline: true, transactionInfo: { transactionId: 'tx-1', chargingState: 'Charging' } }); // prettier-ignore
    expect(told.map(({ kind }) => kind)).toEqual(['session-started', 'values']);
    expect(told[1]).toMatchObject({ isLate: true });
  });
});

describe('what may detach a station', () => {
  const asked = (rig: Rig, action: string, payload: object, answer: object): unknown =>
    rig.hears(action, payload, answer).map((o) => o.kind === 'detachment' && [o.detachment.cause, o.detachment.key, o.detachment.stage]); // prettier-ignore

  it.each([
    ['AuthorizationKey', 'authorization-key', 'Accepted', 'accepted'],
    ['securityprofile', 'security-profile', 'RebootRequired', 'accepted'],
    ['CpoName', 'identity', 'Rejected', 'refused'],
  ])('is told of the key %s', (key, cause, status, stage) => {
    expect(asked(new Rig(), 'ChangeConfiguration', { key, value: 'secret' }, { status })).toEqual([[cause, key, 'asked'], [cause, key, stage]]); // prettier-ignore
  });

  it('is told of variables, network profiles and roots', () => {
    const variable = (component: string, name: string): object => ({
      component: { name: component },
      variable: { name },
    });
    const setVariableData = [variable('SecurityCtrlr', 'BasicAuthPassword'), variable('ClockCtrlr', 'TimeZone')];
    const setVariableResult = [{ ...setVariableData[1], attributeStatus: 'Accepted' }, { ...setVariableData[0], attributeStatus: 'Rejected' }]; // prettier-ignore
    const key = 'SecurityCtrlr.BasicAuthPassword';
    expect(asked(new Rig('2.0.1'), 'SetVariables', { setVariableData }, { setVariableResult })).toEqual([['authorization-key', key, 'asked'], ['authorization-key', key, 'refused']]); // prettier-ignore
    expect(asked(new Rig('2.1'), 'SetNetworkProfile', { configurationSlot: 1 }, { status: 'Accepted' })).toEqual([['network-profile', undefined, 'asked'], ['network-profile', undefined, 'accepted']]); // prettier-ignore
    expect(asked(new Rig(), 'InstallCertificate', { certificateType: 'CentralSystemRootCertificate' }, {})).toEqual([['root-certificate', 'CentralSystemRootCertificate', 'asked']]); // prettier-ignore
  });

  it('is told without what was set', () => {
    expect(JSON.stringify(new Rig().hears('ChangeConfiguration', { key: 'AuthorizationKey', value: 's3cr3t' }))).not.toContain('s3cr3t'); // prettier-ignore
  });

  it('is nothing else', () => {
    expect(new Rig().hears('ChangeConfiguration', { key: 'HeartbeatInterval', value: '60' })).toEqual([]);
    expect(new Rig().hears('ChangeConfiguration', { key: 'constructor' })).toEqual([]);
    expect(new Rig('2.1').hears('InstallCertificate', { certificateType: 'V2GRootCertificate' })).toEqual([]);
    // the station itself may not raise it
    expect(new Rig().says('ChangeConfiguration', { key: 'AuthorizationKey' })).toEqual([]);
  });
});

describe('an observer', () => {
  it('knows the station', () => {
    expect(new Rig().says('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M', chargePointSerialNumber: 'S', firmwareVersion: '1' })).toEqual([{ kind: 'station', vendor: 'V', model: 'M', serial: 'S', firmware: '1' }]); // prettier-ignore
    expect(new Rig('2.1').says('BootNotification', { chargingStation: { vendorName: 'V', model: 'M' } })).toEqual([{ kind: 'station', vendor: 'V', model: 'M' }]); // prettier-ignore
  });

  it.each([
    ['ocpp1.6', '1.6'],
    ['ocpp2.0.1', '2.0.1'],
    ['OCPP2.1', '2.1'],
    [undefined, '1.6'],
    ['ocpp1.5', undefined],
    ['constructor', undefined],
  ])('of subprotocol %s looks at %s', (subprotocol, version) => expect(versionOf(subprotocol)).toBe(version));

  it('never throws, and gives no number that is none', () => {
    const actions = ['BootNotification', 'StatusNotification', 'MeterValues', 'StartTransaction', 'StopTransaction', 'TransactionEvent', 'ChangeConfiguration', 'SetVariables', 'toString']; // prettier-ignore
    const keys = ['connectorId', 'evseId', 'evse', 'id', 'meterValue', 'sampledValue', 'value', 'measurand', 'transactionInfo', 'transactionId', 'idTag', 'status', 'setVariableData', '__proto__']; // prettier-ignore
    const payload = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof({ maxDepth: 5 }, fc.constantFrom(1, '1', null, 'Available', T, -1, 1e400, 'x'), fc.array(tie('tree'), { maxLength: 3 }), fc.dictionary(fc.constantFrom(...keys), tie('tree'), { maxKeys: 5 })), // prettier-ignore
    })).tree;
    fc.assert(
      fc.property(fc.constantFrom('1.6', '2.0.1', '2.1' as const), fc.array(fc.tuple(fc.integer({ min: 2, max: 6 }), fc.constantFrom('1', '2'), fc.constantFrom(...actions), payload, fc.boolean()), { maxLength: 12 }), (version, frames) => {
        const observer = new Observer(version);
        for (const [type, id, action, tree, isUp] of frames) {
          const frame = JSON.stringify(type === 2 || type === 6 ? [type, id, action, tree] : [type, id, tree]);
          for (const told of isUp ? observer.fromChargePoint(frame) : observer.fromBackEnd(frame))
            if (told.kind === 'values')
              for (const { value } of told.readings) expect(value === null || Number.isFinite(value)).toBe(true);
        }
      }), // prettier-ignore
      { numRuns: 1000 },
    );
  });
});

it('a session with an id that is longer than any is none, for it would be kept and told', () => {
  const started = (transactionId: string): string =>
    JSON.stringify([2, 'm', 'TransactionEvent', { eventType: 'Started', transactionInfo: { transactionId }, evse: { id: 1 } }]); // prettier-ignore
  const observer = new Observer('2.0.1');
  expect(observer.fromChargePoint(started('x'.repeat(256)))).toEqual([]);
  expect(observer.openSessions).toEqual([]);
  expect(observer.fromChargePoint(started('x'.repeat(255)))).toMatchObject([{ kind: 'session-started' }]);
});
