export type { ClosedQuarter, DemandReading } from './demand-reading.js';
export type { MonthPeak } from './month-peaks.js';
export { PeakAlarm } from './peak-alarm.js';
export { PeakEngine, type PeakFacts, type PeakOptions, type PeakState } from './peak-engine.js';
