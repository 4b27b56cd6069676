import fc from 'fast-check';
import { AUTOMATIC, CHARGE, ControlRig, DISCHARGE, SETPOINT } from '../../../test-support/control-rig.js';
import { type WriteFault } from '../../../test-support/control-unit.js';

let rig: ControlRig;
beforeEach(() => (rig = new ControlRig()));
afterEach(() => {
  expect(rig.harness.seen.exceptions).toEqual([]);
  expect(rig.unit.invalid).toEqual([]);
});

describe('whatever is asked, refused, lost, cut short or set by others', () => {
  const paths = [SETPOINT, CHARGE, DISCHARGE] as const;
  const fault: fc.Arbitrary<WriteFault | undefined> = fc.constantFrom<(WriteFault | undefined)[]>(undefined, undefined, undefined, 'ignored', 'clamped', 'lost', 'unanswered', 'half', 2, 3, 4, 6); // prettier-ignore
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('ask' as const), path: fc.constantFrom(...paths), watts: fc.integer({ min: -5500, max: 5500 }) }) }, // prettier-ignore
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('end' as const), path: fc.constantFrom(...paths) }) },
    fc.record({ kind: fc.constant('scale' as const), exponent: fc.constantFrom(-2, -1, 0) }),
    fc.record({ kind: fc.constant('max' as const), watts: fc.constantFrom(4000, 5000, 12_800) }),
    fc.record({ kind: fc.constant('other' as const), out: fc.integer({ min: 0, max: 100 }), mode: fc.nat(3) }),
    fc.constant({ kind: 'restart' as const }),
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('crash' as const), after: fc.nat(4), watts: fc.integer({ min: -5000, max: 5000 }) }) }, // prettier-ignore
  );

  it('never has an invalid window on the wire, and ends automatic or as others left it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(step, fc.array(fault, { maxLength: 4 })), { maxLength: 12 }),
        async (steps) => {
          rig = new ControlRig();
          await rig.begin();
          let isForeign = false;
          for (const [one, faults] of steps) {
            rig.unit.faults = [...faults];
            if (one.kind === 'ask') {
              const watts = one.path === SETPOINT ? one.watts : Math.abs(one.watts);
              const { outcome } = await rig.harness.command(one.path, watts);
              isForeign &&= outcome === 'refused' || outcome === 'ignored';
            } else if (one.kind === 'end') await rig.harness.release(one.path);
            else if (one.kind === 'scale')
              rig.unit.set(124, { InOutWRte_SF: one.exponent, OutWRte: 100, InWRte: 100, StorCtl_Mod: 0 });
            else if (one.kind === 'max') rig.unit.set(124, { WChaMax: one.watts });
            else if (one.kind === 'restart') rig.unit.set(124, AUTOMATIC);
            else if (one.kind === 'crash') {
              // in the midst of the writes of a command, or after them
              rig.unit.falls = one.after;
              const { outcome } = await rig.harness.command(SETPOINT, one.watts);
              isForeign &&= outcome === 'refused' || outcome === 'ignored';
              [rig.unit.falls, rig.unit.isSilent] = [undefined, false];
              await rig.again();
            } else {
              rig.unit.set(124, { OutWRte: one.out, InWRte: 100, StorCtl_Mod: one.mode });
              isForeign = true;
            }
            rig.unit.faults = [];
            await rig.poll();
          }
          for (const path of paths) expect(await rig.harness.release(path)).toMatchObject({ outcome: 'applied' });
          expect(rig.unit.invalid).toEqual([]);
          expect(rig.harness.seen.state.size).toBe(0);
          if (!isForeign) expect(rig.unit.values(124)['StorCtl_Mod']).toBe(0);
          await rig.harness.stop();
        },
      ),
      { numRuns: 150 },
    );
  });
});
