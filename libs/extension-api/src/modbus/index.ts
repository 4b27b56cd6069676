export { openModbus } from './open-modbus.js';
export type { LinkOptions, OpenModbus } from './types.js';
