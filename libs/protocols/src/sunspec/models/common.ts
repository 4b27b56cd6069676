import { INFORMATION_MODELS, model } from './definition.js';

/** Who made the device, and which one it is. 65 registers where the maker leaves the pad away. */
export const COMMON = model({ id: 1, name: 'common', source: `${INFORMATION_MODELS}, common model` }, [
  ['Mn', 'string16'],
  ['Md', 'string16'],
  ['Opt', 'string8'],
  ['Vr', 'string8'],
  ['SN', 'string16'],
  ['DA', 'uint16', '', '', 'rw'],
  ['Pad', 'pad'],
]);
