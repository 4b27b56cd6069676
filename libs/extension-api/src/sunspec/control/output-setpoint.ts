import { SmxError } from '@smx-edge/model';
import type { Decoded } from '@smx-edge/protocols/sunspec';
import type { SunSpecUnit } from '../sunspec-unit.js';
import type { ExportWatch } from './export-watch.js';
import { stepOf } from './hold-state.js';
import { numberOf } from './model-fields.js';
import { OUTPUT_RULES, type OutputWish } from './output-rules.js';
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

/**
 * The most that an inverter gives, W AC, without sign: by itself, and so that the site exports no more than a limit. 0 stops it, which
 * is not the same as feeding nothing into the grid.
 */
export function outputLimit(
  unit: SunSpecUnit,
  found: number,
  exported: ExportWatch,
): SetpointGroup<OutputWish, 'limit' | 'exportLimit'> {
  let most = found;
  /** What was put there last for the limit of export, W. */
  let ceiling: number | undefined;
  const heldWatts = (model: Decoded): number | null => {
    const percent = numberOf(model, 'WMaxLimPct');
    return numberOf(model, 'WMaxLim_Ena') === 1 && percent !== undefined ? (percent * most) / 100 : null;
  };
  const step = (model: Decoded): number => (most * stepOf(model, 'WMaxLimPct')) / 100;
  return {
    rules: OUTPUT_RULES,
    setpoints: (model: Decoded) => {
      if (OUTPUT_RULES.fields.some((name) => numberOf(model, name) === undefined)) return undefined;
      const bounds = { unit: 'W', min: 0, max: most };
      return {
        limit: { path: 'power/limit', ...bounds },
        ...(exported.hasMeter && { exportLimit: { path: 'export/limit', ...bounds } }),
      };
    },
    wish: async ({ limit = Infinity, exportLimit }) => {
      const watts = await outputMax(unit);
      if (watts === undefined)
        throw new SmxError(
          'SMX_PROTOCOL_ENCODE',
          'the device gives neither WMax nor WRtg, which its limit is percent of',
        );
      most = watts;
      ceiling = exported.allows(exportLimit, most);
      return { percent: (Math.min(limit, ceiling ?? Infinity) / watts) * 100, isMoving: ceiling !== undefined };
    },
    moves: ({ exportLimit }) => exported.allows(exportLimit, most) !== ceiling,
    held: (model, { limit, exportLimit } = {}) => {
      const watts = heldWatts(model);
      if (exportLimit === undefined) return { limit: watts, exportLimit: null };
      // it is held to both by the lower one
      const isHeld = watts !== null && ceiling !== undefined && watts <= ceiling + step(model);
      const limited = watts === null || limit === undefined ? null : Math.max(limit, watts);
      return { limit: limited, exportLimit: isHeld ? exportLimit : null };
    },
    step,
  };
}
