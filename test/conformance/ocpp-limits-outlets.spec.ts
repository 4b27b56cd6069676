import { OcppSite } from './support/ocpp-site.js';
import { TwoOutlets } from './support/two-outlets.js';

/** Limits of two outlets of one charge point: each its own, and none of the other. */
let site: OcppSite;
let twins: TwoOutlets;

afterEach(async () => {
  twins.close();
  await site.close();
});

const inForce = (outlet: number): unknown => site.shown('current/limit/in-force', `ev${outlet}`)?.value;

describe.each(['1.6', '2.0.1'] as const)('two outlets of %s', (version) => {
  const default16 = (outlet: number, limit: number) => ({ connectorId: outlet, csChargingProfiles: { chargingProfileId: 50 + outlet, stackLevel: 2, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Relative', chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit }] } } }); // prettier-ignore
  const default2 = (outlet: number, limit: number) => ({ evseId: outlet, chargingProfile: { id: 50 + outlet, stackLevel: 2, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Relative', chargingSchedule: [{ id: 1, chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit }] }] } }); // prettier-ignore
  const theirs = version === '1.6' ? default16 : default2;
  const clearOf = (outlet: number) => version === '1.6' ? { connectorId: outlet } : { chargingProfileCriteria: { evseId: outlet } }; // prettier-ignore

  beforeEach(async () => {
    site = await OcppSite.open();
    twins = new TwoOutlets(version);
    await twins.dial(`${site.address}/CP1`);
    await site.until('both', () => [1, 2].every((n) => site.shown('status', `ev${n}`)?.value === 'available'), 0);
  });

  it('have limits of their own, and lose each its own', async () => {
    const { harness } = site;
    expect(await harness.command('ev1/current/limit', 10)).toEqual({ outcome: 'applied', value: 10 });
    expect(await harness.command('ev2/current/limit', 16)).toEqual({ outcome: 'applied', value: 16 });
    await site.until('proved', () => inForce(1) === 10 && inForce(2) === 16);
    expect(twins.of(1)).toEqual([['TxDefaultProfile', 6], ['TxDefaultProfile', 10]]); // prettier-ignore
    expect(twins.of(2)).toEqual([['TxDefaultProfile', 6], ['TxDefaultProfile', 16]]); // prettier-ignore
    expect(new Set(twins.profiles.map(({ id }) => id)).size).toBe(4);
    await harness.release('ev1/current/limit');
    await site.until('one is free', () => inForce(1) === 32);
    expect([twins.of(1).length, twins.of(2).length, inForce(2)]).toEqual([0, 2, 16]);
  });

  it('are put right each by itself after the back end cleared one', async () => {
    const { harness, csms } = site;
    await harness.command('ev1/current/limit', 10);
    await harness.command('ev2/current/limit', 16);
    twins.set.length = 0;
    await csms.call('CP1', 'ClearChargingProfile', clearOf(2));
    expect(twins.of(2)).toEqual([]);
    await site.until('again', () => twins.of(2).length === 2);
    expect(twins.set).toEqual([2, 2]);
  });

  it('are never above what the back end allows, and what it put there is there again afterwards', async () => {
    const { harness, csms } = site;
    // where the lower one of a pair would stand
    await csms.call('CP1', 'SetChargingProfile', theirs(1, 12));
    expect(twins.of(1)).toEqual([['TxDefaultProfile', 12]]);
    await harness.command('ev1/current/limit', 20);
    await harness.command('ev2/current/limit', 20);
    await site.until('both', () => inForce(1) === 12 && inForce(2) === 20);
    await harness.release('ev1/current/limit');
    await site.until('theirs', () => inForce(1) === 12);
    expect(twins.profiles.filter(({ outlet }) => outlet === 1)).toEqual([{ outlet: 1, id: 51, purpose: 'TxDefaultProfile', stackLevel: 2, limit: 12 }]); // prettier-ignore
  });

  it('do not get back what the back end has cleared meanwhile', async () => {
    const { harness, csms } = site;
    await csms.call('CP1', 'SetChargingProfile', theirs(1, 12));
    const known = async (): Promise<number> => (await site.status()).limits.backEnd.length;
    await site.until('seen', async () => (await known()) === 1, 0);
    await harness.command('ev1/current/limit', 10);
    await csms.call('CP1', 'ClearChargingProfile', version === '1.6' ? { id: 51 } : { chargingProfileId: 51 });
    await site.until('seen', async () => (await known()) === 0, 0);
    await harness.release('ev1/current/limit');
    await site.until('free', () => inForce(1) === 32);
    expect(twins.of(1)).toEqual([]);
  });
});
