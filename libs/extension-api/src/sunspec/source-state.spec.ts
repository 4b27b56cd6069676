import { ModbusException } from '../modbus/types.js';
import { sourceState, type SourceFacts } from './source-state.js';
import { unitFault } from './unit-fault.js';

const facts = (more: Partial<SourceFacts>): SourceFacts => ({
  ...{ label: 'modbus://192.0.2.1:502', reading: [], faults: [], missed: [], strange: [] },
  ...more,
});
const exception = (unit: number, n: number) => unitFault(unit, new ModbusException(n, `unit ${unit}: exception ${n}`));

describe('the state of a source', () => {
  it('is well where all that answers is read, and an inverter sleeps', () => {
    expect(sourceState(facts({ reading: [1, 200] }))).toEqual({ state: 'ok', text: 'reading units 1 and 200' });
    expect(sourceState(facts({ reading: [200], faults: [exception(1, 11)] }))).toMatchObject({ state: 'ok' });
  });

  it('warns where one of several gives nothing, and is an error where none does', () => {
    expect(sourceState(facts({ reading: [200], faults: [exception(1, 4)] }))).toEqual({
      state: 'warning',
      text: expect.stringMatching(
        /^reading unit 200; unit 1 refuses to be read \(exception 4\); allow Modbus/,
      ) as string,
    });
    expect(sourceState(facts({ faults: [exception(1, 4)] })).state).toBe('error');
  });

  it('is not well where a unit is read and gives nothing', () => {
    const told = /^unit 1 gives no value .*; choose these in the settings/;
    expect(sourceState(facts({ reading: [1], empty: [1] }))).toMatchObject({
      ...{ state: 'error', text: expect.stringMatching(told) as string },
    });
    expect(sourceState(facts({ reading: [1, 200], empty: [1] }))).toMatchObject({
      ...{ state: 'warning', text: expect.stringMatching(/^reading unit 200; unit 1 gives no value/) as string },
    });
  });

  it('says what a unit answered that was looked for, and not that nobody does', () => {
    const missed = { missed: [1, 200] };
    expect(sourceState(facts({ ...missed, away: [exception(1, 4)] }))).toEqual({
      ...{ state: 'error', text: expect.stringMatching(/^unit 1 refuses .* allow Modbus/) as string },
    });
    expect(sourceState(facts({ ...missed, away: [exception(1, 11)] })).state).toBe('warning');
  });

  it('says how far a search is, and what to do where it found nothing', () => {
    const search = { unit: 200, n: 2, of: 14 };
    expect(sourceState(facts({ search }))).toMatchObject({ state: 'busy', progress: 1 / 14 });
    expect(sourceState(facts({ missed: [1, 200] })).text).toMatch(/no unit of .* answers \(asked 1, 200\); give/);
    expect(sourceState(facts({ missed: [1, 200], strange: [1] })).text).toMatch(/is no SunSpec device; switch/);
  });
});
