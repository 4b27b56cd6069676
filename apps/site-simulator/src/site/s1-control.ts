import type { Meter } from '../line/index.js';
import { DISTURBANCES, S1Port, type DisturbanceKind } from '../s1-meter/index.js';
import { Fields, invalid } from './fields.js';

const DEEDS = [...DISTURBANCES, 'flicker', 'still', 'tell'] as const;

/** % of the voltage and seconds, where nothing is said. */
const USUAL: Readonly<Record<DisturbanceKind, { to: number; for: number }>> = {
  dip: { to: 60, for: 0.2 },
  swell: { to: 115, for: 0.2 },
  interruption: { to: 0, for: 1 },
  change: { to: 96, for: 60 },
};
const SECONDS = { min: 0.001, max: 86_400 };

/**
 * What the street does before an S1 port for `{"meter", "do", …}`, and what really runs behind it. `to` is in % of the
 * voltage, `for` in seconds, `phases` from 1. Throws SMX_CONFIG_INVALID, SMX_CONFIG_UNKNOWN_KEY, SMX_SIMULATOR_SETPOINT.
 */
export function disturb(meter: Meter | undefined, fields: Fields): object {
  if (!(meter instanceof S1Port)) throw invalid(fields.at('meter'), 'a meter with an S1 port', fields.take('meter'));
  const deed = fields.oneOf('do', DEEDS);
  switch (deed) {
    case 'tell': {
      const since = fields.number('since');
      fields.end();
      return { truth: meter.tell(since) };
    }
    case 'still':
      fields.end();
      meter.still();
      break;
    case 'flicker': {
      const depth = fields.number('depth', { min: 0, max: 30 }) ?? 2;
      const frequency = fields.number('frequency', { min: 0.1, max: 40 }) ?? 8.8;
      const duration = (fields.number('for', SECONDS) ?? 60) * 1000;
      fields.end();
      meter.flick({ depth, frequency }, duration);
      break;
    }
    case undefined:
      throw invalid(fields.at('do'), `one of ${DEEDS.join(', ')}`, undefined);
    default: {
      const to = fields.number('to', { min: 0, max: 200 }) ?? USUAL[deed].to;
      const duration = (fields.number('for', SECONDS) ?? USUAL[deed].for) * 1000;
      const phases = phasesOf(fields);
      fields.end();
      meter.disturb({ kind: deed, to, duration, phases });
    }
  }
  return { ok: true };
}

function phasesOf(fields: Fields): number[] {
  const list = fields.list('phases') ?? [1, 2, 3];
  return list.map((each) => {
    if (each !== 1 && each !== 2 && each !== 3) throw invalid(fields.at('phases'), 'a list of 1, 2 and 3', list);
    return each - 1;
  });
}
