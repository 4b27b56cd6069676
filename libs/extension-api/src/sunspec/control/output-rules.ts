import { encodeWrite, type RegisterWrite } from '@smx-edge/protocols/sunspec';
import type { ModelRead } from '../sunspec-unit.js';
import type { HoldRules } from './hold-rules.js';
import { shows, stepOf, type Values } from './hold-state.js';
import { numberOf } from './model-fields.js';

const [LIMIT, ENABLED, TIMER] = ['WMaxLimPct', 'WMaxLim_Ena', 'WMaxLimPct_RvrtTms'];
const ON = 1;

/** What an inverter may give. */
export interface OutputWish {
  /** Of its maximum. */
  readonly percent: number;
  /** It follows a meter, and will be another soon. */
  readonly isMoving: boolean;
}

/**
 * What an inverter gives at most, % of its maximum, by model 123. Value, times and enabling go in one write, so that the device
 * never has a new limit with the time of another; as a limit that is enabled takes a new value with its next enabling only.
 */
export const OUTPUT_RULES: HoldRules<OutputWish> = {
  name: 'output',
  model: 123,
  fields: [LIMIT, ENABLED],
  marks: ({ isMoving }) => (isMoving ? [ENABLED] : [LIMIT, ENABLED]),
  kept: ['WMaxLimPct_WinTms', TIMER, 'WMaxLimPct_RmpTms'],
  isFree: (model, found) => numberOf(model, ENABLED) !== ON || shows(model, found),
  // it takes the enabling away and leaves the value
  isEnded: (model, ours) => ours.some((state) => shows(model, { ...state, [ENABLED]: 0 })),
  plan: (read, { percent }, revert) => {
    const { model } = read;
    // 0 stops the inverter, which is something else than little
    const least = percent > 0 ? stepOf(model, LIMIT) : 0;
    const write = limitWrite(read, {
      [LIMIT]: Math.min(100, Math.max(least, percent)),
      [TIMER]: revert,
      [ENABLED]: ON,
    });
    return shows(model, { [LIMIT]: write.values[LIMIT]!, [ENABLED]: ON }) ? [] : [write];
  },
  // a limit that stood there before, such as an installer's, stands there again
  free: (read, found) => [limitWrite(read, found)],
  timer: () => undefined,
  refresh: (read, revert) => [
    limitWrite(read, { [LIMIT]: numberOf(read.model, LIMIT)!, [TIMER]: revert, [ENABLED]: ON }),
  ],
};

/** Times that are not given are 0: at once, and for ever. */
function limitWrite({ place, words }: ModelRead, values: Values): RegisterWrite {
  return encodeWrite(place, words, {
    ...{ [LIMIT]: 0, WMaxLimPct_WinTms: 0, [TIMER]: 0, WMaxLimPct_RmpTms: 0, [ENABLED]: 0 },
    ...values,
  });
}
