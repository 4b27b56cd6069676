import { InForce } from './in-force.js';

describe('what is in force', () => {
  it('is what the router measures, as long as it was told nothing', () => {
    const battery = new InForce('target');
    expect(battery.value).toBeUndefined();
    battery.measures(-300);
    expect(battery.value).toBe(-300);
  });

  it.each([
    ['followed within losses', 1000, 955, 1000],
    ['acknowledged and not carried out', 1000, 8, 8],
    ['cut down by the router, which shows it', 400, 402, 400],
    ['shown as it was told while less is done', 5000, 1700, 1700],
  ])('a set-point that is %s', (_, shown, measured, value) => {
    const battery = new InForce('target');
    battery.wrote(1000);
    battery.measures(measured);
    battery.shows(shown);
    expect(battery.value).toBe(value);
  });

  it('a ceiling holds where less comes, and not where more does', () => {
    const pv = new InForce('ceiling');
    pv.wrote(-500);
    pv.shows(-500);
    pv.measures(-20);
    expect(pv.value).toBe(-500);
    pv.measures(-900);
    expect(pv.value).toBe(-900);
  });

  it('is unknown until both are newer than the write', () => {
    const battery = new InForce('target');
    battery.shows(0);
    battery.measures(0);
    battery.wrote(700);
    expect(battery.value).toBeUndefined();
    battery.shows(700);
    expect(battery.value).toBeUndefined();
    battery.measures(690);
    expect(battery.value).toBe(700);
    battery.measures(undefined);
    expect(battery.value).toBeUndefined();
  });

  it('is what it was before, where the router goes on as it did', () => {
    const battery = new InForce('target');
    battery.shows(1200);
    battery.measures(1150);
    battery.wrote(-700);
    battery.shows(-700);
    battery.measures(1148);
    expect(battery.value).toBe(1200);
    battery.measures(400);
    expect(battery.value).toBe(400);
  });

  it('goes by what was written, where the router shows nothing', () => {
    const battery = new InForce('target');
    battery.wrote(700);
    battery.measures(690);
    expect(battery.value).toBe(700);
    battery.measures(0);
    expect(battery.value).toBe(0);
    battery.forget();
    expect(battery.value).toBeUndefined();
  });
});
