export type { SunSpecPoint } from './part-points.js';
export type { CounterDoor, PartCounter, PartKind } from './part-counters.js';
export { PartPublisher, type PartPublisherOptions, type UnitDevices } from './part-publisher.js';
export { PART_IDS, partsOf, type SunSpecPart } from './parts.js';
export type { SourceState } from './source-state.js';
export { SunSpecReader, type SunSpecReaderOptions, type UnitReading } from './sunspec-reader.js';
export { SunSpecUnit, type PlacedModel, type SunSpecReading } from './sunspec-unit.js';
export { unitFault, type UnitFault } from './unit-fault.js';
export { UnitSearch, unitsUpTo, type LiveUnit, type SearchOutcome } from './unit-search.js';
