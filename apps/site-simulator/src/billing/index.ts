export { BillingPort, type MeterTools } from './billing-port.js';
export { isSummer, MeterMemory, type MeterEvent, type MeterRow } from './memory.js';
export { ENERGY, INSTANTANEOUS, MORE, type Quantity } from './quantities.js';
export type { MeterSource } from './source.js';
