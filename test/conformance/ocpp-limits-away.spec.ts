import { OcppSite } from './support/ocpp-site.js';

/** Limits of the site while the back end of a charge point is away, over real sockets. */
let site: OcppSite;

afterEach(() => site.close());

const inForce = (value: number): boolean => {
  const shown = site.shown('current/limit/in-force');
  return shown?.value === value && shown.quality === 'good';
};
const purposes = (): unknown[] => site.station.state.profiles.map(({ purpose }) => purpose);

describe.each(['1.6', '2.0.1'] as const)('a charge point of %s that is held', (version) => {
  beforeEach(async () => {
    site = await OcppSite.open({ away: 'hold' });
    await site.join({ version });
    await site.charging();
  });

  it('keeps its limit, gets another one and loses it, as if the back end were there', async () => {
    const { harness, station, csms } = site;
    await harness.command('ev1/current/limit', 10);
    await site.until('10 A', () => station.state.current[0] === 10 && inForce(10));
    await csms.goAway();
    await site.until('told', () => site.alarms('back-end-away').length === 1, 0);
    expect(await site.status()).toMatchObject({ backEnd: { connected: false }, outlets: [{ limit: { state: 'holding' } }] }); // prettier-ignore
    expect(await harness.command('ev1/current/limit', 8)).toEqual({ outcome: 'applied', value: 8 });
    await site.until('8 A', () => station.state.current[0] === 8 && inForce(8));
    expect(await harness.release('ev1/current/limit')).toEqual({ outcome: 'applied', value: null });
    await site.until('32 A', () => station.state.current[0] === 32);
    expect(station.state.profiles).toEqual([]);
    expect(await harness.command('ev1/current/limit', 12)).toEqual({ outcome: 'applied', value: 12 });
    await csms.comeBack();
    await site.until('back', () => site.alarms('back-end-away').length === 2 && csms.stations.includes('CP1'), 0);
    expect(site.alarms('back-end-away')).toEqual(['raised', 'cleared']);
    expect(station.state.dials).toBe(1);
    // what the back end does to it then is put right as ever
    await csms.call('CP1', 'ClearChargingProfile', {});
    await site.until('again', () => purposes().length === 2 && inForce(12));
    expect(csms.frames().some(({ bytes }) => Buffer.from(bytes).includes('SetChargingProfile'))).toBe(false);
  });
});

describe('a charge point that the box serves', () => {
  beforeEach(async () => {
    site = await OcppSite.open({ away: 'island', island: { tags: ['OWNER'] } });
    await site.join();
    await site.until('learnt', () => JSON.stringify(site.harness.seen.state.get('island/CP1/station') ?? '').includes('authorization'), 0); // prettier-ignore
  });

  it('is limited as ever while it begins, charges and ends, and the back end bills it once', async () => {
    const { harness, station, csms } = site;
    await harness.command('ev1/current/limit', 10);
    await csms.goAway();
    await site.until('told', () => site.alarms('back-end-away').length === 1, 0);
    expect(await site.status()).toMatchObject({ backEnd: { connected: false } });
    await site.charging();
    await site.until('10 A', () => station.state.current[0] === 10 && inForce(10));
    await site.until('a number of the box', () => Number(station.state.transaction?.id) >= 2_000_000_000);
    expect(await harness.command('ev1/current/limit', 8)).toEqual({ outcome: 'applied', value: 8 });
    await site.until('8 A', () => station.state.current[0] === 8 && inForce(8));
    expect(await harness.release('ev1/current/limit')).toEqual({ outcome: 'applied', value: null });
    await site.until('32 A', () => station.state.current[0] === 32);
    expect(await harness.command('ev1/current/limit', 12)).toEqual({ outcome: 'applied', value: 12 });
    expect(site.alarms('back-end-away')).toEqual(['raised']);
    await csms.comeBack();
    await site.until('back', () => site.alarms('back-end-away').length === 2 && csms.sessions.length === 1, 0);
    expect(site.alarms('back-end-away')).toEqual(['raised', 'cleared']);
    expect(await site.status()).toMatchObject({ backEnd: { connected: true } });
    await site.until('12 A', () => station.state.current[0] === 12 && inForce(12));
    station.plug(false);
    await site.until('billed', () => csms.sessions[0]?.endedAt !== undefined);
    expect([csms.sessions.length, csms.bill.orphans]).toEqual([1, 0]);
  });

  it('that dials while the back end is away is limited too, and the alarm lasts until that is there', async () => {
    const { harness, station, csms } = site;
    await csms.goAway();
    await site.until('told', () => site.alarms('back-end-away').length === 1, 0);
    station.cut();
    station.dial();
    await site.until('dialled', () => station.state.dials > 1 && station.state.isConnected);
    await site.until('seen', () => site.harness.seen.statuses.at(-1)!.text!.includes('the back end of CP1 is away; 1 connected'), 0); // prettier-ignore
    // that it is connected is looked into a moment after it is told
    await site.until('taken', async () => (await harness.command('ev1/current/limit', 10)).outcome === 'applied', 0);
    await site.until('10 A', () => inForce(10));
    expect(site.alarms('back-end-away')).toEqual(['raised']);
    await csms.comeBack();
    await site.until('back', () => site.alarms('back-end-away').length === 2, 0);
    expect(site.harness.seen.statuses.at(-1)).toMatchObject({ state: 'ok' });
  });
});

describe('alarms of a charge point', () => {
  it('tell of a back end that is away also where the charge point is refused, and not where the back end refuses it', async () => {
    site = await OcppSite.open();
    await site.csms.goAway();
    const refused = site.join({ retry: { least: 20, most: 50 } });
    await site.until('told', () => site.alarms('back-end-away').length === 1, 0.02);
    site.csms.refuse(401);
    await site.csms.comeBack();
    await site.until('it refuses', () => site.alarms('back-end-away').length === 2, 0.02);
    expect(site.harness.seen.statuses.at(-1)).toMatchObject({ state: 'warning', text: expect.stringContaining('401') });
    site.csms.refuse(null);
    await site.until('let in', () => site.csms.stations.length === 1, 0.02);
    await refused;
    expect(site.alarms('back-end-away')).toEqual(['raised', 'cleared']);
  });

  it('tell of a fault of an outlet, and of the charge point as a whole, until it is over', async () => {
    site = await OcppSite.open();
    await site.join();
    const say = (connectorId: number, status: string, errorCode = 'NoError') =>
      site.station.call('StatusNotification', { connectorId, status, errorCode, timestamp: new Date(site.clock.now()).toISOString() }); // prettier-ignore
    const fault = () => site.harness.seen.events.filter(({ code }) => code === 'fault').map(({ state, text }) => `${state} ${text}`); // prettier-ignore
    await say(1, 'Faulted', 'GroundFailure');
    await site.until('raised', () => fault().length === 1, 0);
    await say(1, 'Preparing');
    await site.until('cleared', () => fault().length === 2, 0);
    await say(0, 'Faulted', 'InternalError');
    await site.until('raised again', () => fault().length === 3, 0);
    expect(site.shown('status')?.value).toBe('faulted');
    await say(0, 'Available');
    await site.until('cleared again', () => fault().length === 4, 0);
    expect(site.shown('status')?.value).toBe('preparing');
    expect(fault()).toEqual([
      expect.stringMatching(/^raised .*GroundFailure/),
      'cleared over',
      expect.stringMatching(/^raised .*InternalError/),
      'cleared over',
    ]);
  });
});
