import { encodeWrite, planWindow, type StorageWindow } from '@smx-edge/protocols/sunspec';
import type { HoldRules } from './hold-rules.js';
import { givenBack, numberOf } from './model-fields.js';

const TIMER = 'InOutWRte_RvrtTms';
const FROM_GRID = 'ChaGriSet';

/** The power of a store, by model 124: automatic where nobody holds it. */
export const WINDOW_RULES: HoldRules<StorageWindow> = {
  name: 'window',
  model: 124,
  fields: ['StorCtl_Mod', 'OutWRte', 'InWRte'],
  marks: () => ['StorCtl_Mod', 'OutWRte', 'InWRte'],
  kept: [TIMER, FROM_GRID],
  // its rates mean nothing while no bit of the mode is set
  isFree: (model) => numberOf(model, 'StorCtl_Mod') === 0,
  isEnded: (model) => numberOf(model, 'StorCtl_Mod') === 0,
  plan: ({ place, words, model }, window) => {
    const { writes } = planWindow(place, words, window);
    // charging by command may need the grid; the device grants it only where its owner does as well
    const isMissing = (window.least ?? 0) > 0 && numberOf(model, FROM_GRID) === 0;
    return isMissing ? [encodeWrite(place, words, { [FROM_GRID]: 1 }), ...writes] : writes;
  },
  free: (read, found) => [
    ...planWindow(read.place, read.words, {}).writes,
    ...givenBack(read, found, FROM_GRID),
    ...givenBack(read, found, TIMER),
  ],
  timer: ({ place, words, model }, revert) => {
    const seconds = numberOf(model, TIMER);
    return seconds === undefined || seconds === revert ? undefined : encodeWrite(place, words, { [TIMER]: revert });
  },
  // which register has a device count anew is said nowhere: both are what they are already
  refresh: ({ place, words, model }, revert) => {
    if (numberOf(model, TIMER) === undefined) return [];
    const [OutWRte, InWRte] = [numberOf(model, 'OutWRte')!, numberOf(model, 'InWRte')!];
    return [encodeWrite(place, words, { [TIMER]: revert }), encodeWrite(place, words, { OutWRte, InWRte })];
  },
};
