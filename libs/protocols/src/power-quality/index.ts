export { Week, type Criterion, type Excluded } from './en50160.js';
export { HARMONICS as HARMONIC_LIMITS } from './en50160-limits.js';
export type { EventBegin, EventKind, PowerQualityEvent } from './event.js';
export type { IntervalKind, IntervalValues } from './interval.js';
export type { PowerQualityListener } from './listener.js';
export { USUAL_THRESHOLDS, type EventThresholds, type PowerQualityOptions, type Wiring } from './options.js';
export { PowerQuality } from './power-quality.js';
export type { SampleBlock } from './sample-store.js';
export type { Values } from './values.js';
