export type { MonthPeak } from './month-peaks.js';
export type { PeakOptions, PeakState } from './peak-engine.js';
export { PeakPoints } from './peak-points.js';
