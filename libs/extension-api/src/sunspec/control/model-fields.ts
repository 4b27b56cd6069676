import { encodeWrite, type Decoded, type RegisterWrite } from '@smx-edge/protocols/sunspec';
import type { ModelRead } from '../sunspec-unit.js';
import type { Values } from './hold-state.js';

/** Undefined where the device does not implement the field, or its number means nothing. */
export function numberOf({ fields }: Decoded, name: string): number | undefined {
  const value = fields[name]?.value;
  return typeof value === 'number' ? value : undefined;
}

/** The write that puts a field back to what was found there; none where it stands there. */
export function givenBack({ place, words, model }: ModelRead, found: Values, name: string): RegisterWrite[] {
  const value = found[name];
  return value === undefined || numberOf(model, name) === value ? [] : [encodeWrite(place, words, { [name]: value })];
}
