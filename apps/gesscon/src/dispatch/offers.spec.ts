import { offersOf } from './offers.js';

const WRITE = { write: { lease: 900_000 } };

it('offers what may be commanded of devices that are there, and says which are on line', () => {
  const points = [
    { path: 'pcc/power/active', every: 0 },
    { path: 'battery/power/setpoint', every: 0, ...WRITE },
    { path: 'heater/power', every: 0 },
    { path: 'heater/limit', ...WRITE },
    { path: 'charger/power', every: 0, ...WRITE },
    { path: 'relay/on', ...WRITE },
  ];
  const devices = ['pcc', 'battery', 'heater'].map((name) => ({ name, online: name !== 'heater' }));
  expect(offersOf({ points, devices })).toEqual([
    { path: 'battery/power/setpoint', isUp: true },
    { path: 'heater/limit', isUp: false },
    // no value of it is granted, so the catalogue does not say whether its device is there
    { path: 'relay/on', isUp: true },
  ]);
});
