export { HARMONICS as HARMONIC_LIMITS } from './en50160-limits.js';
export { Week, type Criterion, type Excluded } from './en50160.js';
