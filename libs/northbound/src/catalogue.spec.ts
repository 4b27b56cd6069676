import { FixtureGate } from '../test-support/fixture.js';
import { makeCatalogue } from './catalogue.js';
import type { PartyView } from './doors.js';

interface Cat {
  readonly points: readonly Readonly<Record<string, unknown>>[];
}

const catOf = (view: PartyView): Cat => JSON.parse(makeCatalogue(view).payload.toString()) as Cat;

describe('the catalogue of a party', () => {
  const gate = new FixtureGate();
  gate.declare('pcc/power/active');
  gate.declare('battery/power/setpoint', { kind: 'setpoint', setpoint: { min: 0 } });
  gate.grant('agent', { command: ['battery/power/setpoint'] });
  const view = gate.view('agent')!;

  it('has a point that may only be commanded, without the form of values that never come', () => {
    const write = { min: 0, max: 5000, lease: 900_000 };
    const { points } = catOf(view);
    expect(points).toEqual([
      { id: 1, path: 'battery/power/setpoint', unit: 'W', type: 'number', kind: 'setpoint', write },
    ]);
    // what `now` and the certain lane give is made of these
    expect(makeCatalogue(view).points).toEqual([]);
  });

  it('leaves out a bound that neither grant nor device has', () => {
    const command = (): { between: [number, number]; lease: number } => ({ between: [-Infinity, Infinity], lease: 1 });
    expect(catOf({ ...view, command }).points[0]!['write']).toEqual({ min: 0, lease: 1 });
  });
});
