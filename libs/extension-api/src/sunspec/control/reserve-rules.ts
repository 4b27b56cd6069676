import { encodeWrite } from '@smx-edge/protocols/sunspec';
import type { HoldRules } from './hold-rules.js';
import { shows } from './hold-state.js';
import { givenBack } from './model-fields.js';

const RESERVE = 'MinRsvPct';

/** What a store is not discharged below, %, by model 124; there is no timer for it. */
export const RESERVE_RULES: HoldRules<number> = {
  name: 'reserve',
  model: 124,
  fields: [RESERVE],
  marks: () => [RESERVE],
  kept: [],
  isFree: (model, found) => shows(model, found),
  isEnded: () => false,
  plan: ({ place, words, model }, percent) => {
    const write = encodeWrite(place, words, { [RESERVE]: percent });
    return shows(model, write.values) ? [] : [write];
  },
  free: (read, found) => givenBack(read, found, RESERVE),
  timer: () => undefined,
  refresh: () => [],
};
