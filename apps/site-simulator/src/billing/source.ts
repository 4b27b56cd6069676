import type { House } from '../house/index.js';
import type { MeterMemory } from './memory.js';

/** What a billing meter measures and remembers. */
export interface MeterSource {
  readonly house: House;
  readonly memory: MeterMemory;
  /** True time, ms UTC; between the seconds of the house too. */
  now(): number;
}
