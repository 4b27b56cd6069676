export { GasMeter, type GasReading } from './gas.js';
export { Grid } from './grid.js';
export { GridMeter, type MonthPeak } from './grid-meter.js';
export { House, type HouseOptions } from './house.js';
export type { Load, Moment, PhasePower } from './load.js';
export { Noise } from './noise.js';
export { PvPlant, type PvOptions } from './pv-plant.js';
export { sunPosition, type Place, type Plane } from './sun.js';
