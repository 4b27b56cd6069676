export { CONTROL_IDS, SunSpecControl, type SunSpecControlOptions } from './sunspec-control.js';
