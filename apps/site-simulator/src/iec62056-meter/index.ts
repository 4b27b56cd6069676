export { DIALECT_NAMES, type DialectName } from './dialect.js';
export { IecPort, type IecPortOptions } from './iec-port.js';
export { IEC_FAULTS, type IecFault } from './line-faults.js';
export { IEC_MODES, type IecMode } from './meters.js';
