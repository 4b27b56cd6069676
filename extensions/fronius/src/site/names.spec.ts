import { silentLog } from '@smx-edge/model';
import type { Identity } from './identity.js';
import { Names } from './names.js';

const identity = (given: Partial<Identity> & Pick<Identity, 'kind'>): Identity => ({
  number: '1',
  serials: [],
  ...given,
});

describe('names of devices', () => {
  const kept = new Map<string, unknown>();
  const state = {
    get: async <T>(key: string) => kept.get(key) as T | undefined,
    set: async (key: string, value: unknown) => void kept.set(key, structuredClone(value)),
  };
  const named = async (asked: Record<string, string>, ...identities: Identity[]): Promise<string[]> => {
    const names = await Names.load({ state, log: silentLog }, asked);
    const given: string[] = [];
    for (const one of identities) given.push(names.of(one));
    return given;
  };
  beforeEach(() => kept.clear());

  it('are plain for the first of a kind, and told apart by number else', async () => {
    const inverters = ['1', '2', '55'].map((number) => identity({ kind: 'inverter', number }));
    expect(await named({}, ...inverters)).toEqual(['inverter', 'inverter2', 'inverter55']);
    const meters = ([['feed-in', 0], ['consumption', 1], ['sub-load', 256], ['ev', 512], ['generator', 3]] as const).map(([place, location], i) => identity({ kind: 'meter', number: String(i), place, location })); // prettier-ignore
    expect(await named({}, ...meters)).toEqual(['pcc', 'load', 'load-256', 'ev-512', 'generator']);
  });

  it('are those of the config, by serial number, usual name or kind', async () => {
    const meter = identity({ kind: 'meter', place: 'sub-load', location: 256, serials: ['90 01'] });
    expect(await named({ '90 01': 'heat-pump' }, meter)).toEqual(['heat-pump']);
    expect(await named({ 'load-256': 'wash' }, meter)).toEqual(['wash']);
    const inverters = ['1', '2'].map((number) => identity({ kind: 'inverter', number, serials: [number] }));
    expect(await named({ inverter: 'roof' }, ...inverters)).toEqual(['roof', 'inverter2']);
  });

  it('stay over restarts, whichever is found first then', async () => {
    const [one, two] = ['7001', '7002'].map((serial, i) => identity({ kind: 'inverter', number: String(i + 1), serials: [serial] })); // prettier-ignore
    expect(await named({}, one!, two!)).toEqual(['inverter', 'inverter2']);
    expect(await named({}, two!, one!)).toEqual(['inverter2', 'inverter']);
    // the serial number is written otherwise, and a third comes
    const third = identity({ kind: 'inverter', number: '3', serials: ['7003'] });
    expect(await named({}, third, { ...one!, serials: ['70-01 '] })).toEqual(['inverter3', 'inverter']);
  });
});
