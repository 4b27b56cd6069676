export { SunSpecUnit, type SunSpecReading } from './sunspec-unit.js';
