import { DeviceNames } from './device-names.js';

const place = (unit: number, kind: 'inverter' | 'pv' | 'battery' | 'meter', more: object = {}) => ({ unit, kind, index: 0, ...more }); // prettier-ignore

describe('names of devices', () => {
  it('are those of their kind, the first meter that of the connection, further ones numbered', () => {
    const names = new DeviceNames({});
    expect(['inverter', 'pv', 'battery'].map((kind) => names.nameOf(place(1, kind as 'pv')))).toEqual([
      ...['inverter', 'pv', 'battery'],
    ]);
    expect([200, 201].map((unit) => names.nameOf(place(unit, 'meter')))).toEqual(['pcc', 'meter2']);
    expect([2, 1].map((unit) => names.nameOf(place(unit, 'inverter')))).toEqual(['inverter2', 'inverter']);
  });

  it('stay with their place over restarts, whatever answers first, and where a device is exchanged', () => {
    const first = new DeviceNames({});
    for (const unit of [1, 2]) first.nameOf(place(unit, 'inverter', { serial: `${unit}` }));
    const second = new DeviceNames({}, first.names);
    expect([2, 1].map((unit) => second.nameOf(place(unit, 'inverter', { serial: '9' })))).toEqual([
      'inverter2',
      'inverter',
    ]);
    // a name that the config makes no more is free
    const third = new DeviceNames({ inverter: 'roof' }, second.names);
    expect([2, 1, 3].map((unit) => third.nameOf(place(unit, 'inverter')))).toEqual(['roof', 'roof2', 'roof3']);
  });

  it('by serial number go before all others, and nobody else gets them', () => {
    const names = new DeviceNames({ '77': 'garage', '88': 'pcc', meter: 'grid' });
    expect(names.nameOf(place(2, 'inverter', { serial: '77' }))).toBe('garage');
    expect(names.nameOf(place(2, 'battery', { serial: '77' }))).toBe('garage-battery');
    expect(names.nameOf(place(200, 'meter', { serial: '1' }))).toBe('grid');
    expect(names.nameOf(place(201, 'meter', { serial: '88' }))).toBe('pcc');
    expect(new DeviceNames({ '88': 'pcc' }).nameOf(place(200, 'meter'))).toBe('meter2');
  });
});
