export * from './dlms-meter/index.js';
export * from './energy-router/index.js';
export * from './house/index.js';
export * from './iec62056-meter/index.js';
export type { Meter, SiteDevice } from './line/index.js';
export * from './p1-meter/index.js';
export * from './site/index.js';
export * from './solar-api/index.js';
export * from './sunspec-inverter/index.js';
