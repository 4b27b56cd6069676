import { SmxError } from '@smx-edge/model';
import type { Decoded } from '@smx-edge/protocols/sunspec';
import type { SunSpecUnit } from '../sunspec-unit.js';
import { stepOf } from './hold-state.js';
import { numberOf } from './model-fields.js';
import { OUTPUT_RULES } from './output-rules.js';
import type { SetpointGroup } from './setpoint-group.js';

/** What percentages of an inverter's output are of, the first that it gives: its setting, else its nameplate. */
const REFERENCES = [
  [121, 'WMax'],
  [120, 'WRtg'],
] as const;

/** W; undefined where the unit has neither. Rejects with the fault of the link. */
export async function outputMax(unit: SunSpecUnit): Promise<number | undefined> {
  const { models } = await unit.read(REFERENCES.map(([id]) => id));
  for (const [id, name] of REFERENCES) {
    const model = models.find((each) => each.id === id);
    const watts = model && numberOf(model, name);
    if (watts !== undefined && watts > 0) return watts;
  }
  return undefined;
}

/** The most that an inverter gives, W AC, without sign. 0 stops it, which is not the same as feeding nothing into the grid. */
export function outputLimit(unit: SunSpecUnit, found: number): SetpointGroup<number, 'limit'> {
  let most = found;
  return {
    rules: OUTPUT_RULES,
    setpoints: (model: Decoded) =>
      OUTPUT_RULES.fields.some((name) => numberOf(model, name) === undefined)
        ? undefined
        : { limit: { path: 'power/limit', unit: 'W', min: 0, max: most } },
    wish: async ({ limit }) => {
      const watts = await outputMax(unit);
      if (watts === undefined)
        throw new SmxError(
          'SMX_PROTOCOL_ENCODE',
          'the device gives neither WMax nor WRtg, which its limit is percent of',
        );
      most = watts;
      return (limit! / watts) * 100;
    },
    held: (model) => {
      const percent = numberOf(model, 'WMaxLimPct');
      return { limit: numberOf(model, 'WMaxLim_Ena') === 1 && percent !== undefined ? (percent * most) / 100 : null };
    },
    step: (model) => (most * stepOf(model, 'WMaxLimPct')) / 100,
  };
}
