export { CONTROL_IDS, SunSpecControl, type SunSpecControlOptions } from './sunspec-control.js';
export { SunSpecControls, type SunSpecControlsOptions } from './sunspec-controls.js';
