export type { SunSpecPoint } from './part-points.js';
export { PART_IDS, partsOf, type SunSpecPart } from './parts.js';
export { SunSpecUnit, type SunSpecReading } from './sunspec-unit.js';
