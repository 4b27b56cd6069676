export type { MonthPeak } from './month-peaks.js';
export type { PeakOptions } from './peak-engine.js';
export { PeakPoints } from './peak-points.js';
export { PeakProfile } from './peak-profile.js';
