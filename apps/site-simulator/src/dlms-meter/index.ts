export { DlmsPort, type DlmsPortOptions, type LogicalDevice } from './dlms-port.js';
export { DLMS_FAULT_KINDS, type DlmsFault, type DlmsFaultKind } from './line-faults.js';
export { MeterMemory } from './memory.js';
export { isSpeed } from './optical.js';
