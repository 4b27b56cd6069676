export { DlmsPort, type DlmsPortOptions } from './dlms-port.js';
export { DLMS_FAULT_KINDS, type DlmsFault, type DlmsFaultKind } from './line-faults.js';
export type { LogicalDevice } from './logical-device.js';
export { MeterMemory } from './memory.js';
export { isSpeed } from './optical.js';
