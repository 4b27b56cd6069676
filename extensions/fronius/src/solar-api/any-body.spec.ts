import fc from 'fast-check';
import type { SolarApiBody } from '@smx-edge/protocols/solar-api';
import { Inventory } from './inventory.js';
import { Questions, type Told } from './questions.js';

/** What firmwares give for a value, and what they should not. */
const leaf = fc.oneof(
  fc.constantFrom(null, 0, -1, 1e9, 8.4e252, 16777215, '', 'n.a.', 'normal', 'Running', '&#83;', true, 'constructor', '__proto__'), // prettier-ignore
  fc.double(),
  fc.string({ maxLength: 12 }),
);
const KEYS = ['Site', 'Inverters', 'P_PV', 'P_Akku', 'P_Grid', 'P', 'SOC', 'Battery_Mode', 'Meter_Location', 'PAC', 'UAC', 'UDC', 'IDC', 'TOTAL_ENERGY', 'DeviceStatus', 'StatusCode', 'Controller', 'Details', 'Serial', 'Enable', 'PowerReal_P_Sum', 'Meter_Location_Current', 'EnergyReal_WAC_Sum_Consumed', 'Value', 'Unit', 'UniqueID', 'CustomName', 'DT', '0', '1', '2', '240', '__proto__']; // prettier-ignore
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof({ depthSize: 'small', withCrossShrink: true }, leaf, tie('node'), fc.array(tie('tree'), { maxLength: 2 })), // prettier-ignore
  node: fc.dictionary(fc.constantFrom(...KEYS), tie('tree'), { maxKeys: 8 }),
}));
const bodies = fc.array(fc.dictionary(fc.constantFrom(...KEYS), tree, { maxKeys: 8 }), { minLength: 4, maxLength: 8 });

describe('whatever a logger answers', () => {
  it('gives points that are numbers, words, or null with a reason', async () => {
    await fc.assert(
      fc.asyncProperty(bodies, async (given) => {
        let turn = 0;
        const ask = async (): Promise<SolarApiBody> => ({ t: undefined, request: {}, data: given[turn++ % given.length]! }); // prettier-ignore
        const inventory = new Inventory({ now: () => 0, believed: 1000 });
        const questions = new Questions({ inventory, isKnown: () => true, ask });
        const told: Told[] = [];
        for (let round = 0; round < 2; round++) for (const each of questions.all()) told.push(await each.ask());
        for (const part of told.flatMap(({ parts }) => parts)) {
          expect(part.serials.every((serial) => typeof serial === 'string' && serial !== '')).toBe(true);
          for (const { path, value, quality, reason } of part.points) {
            expect(path).toMatch(/^[a-z0-9][a-z0-9/-]*$/);
            if (value === null) expect([quality, typeof reason]).toEqual(['bad', 'string']);
            else if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
            else expect(typeof value).toBe('string');
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});
