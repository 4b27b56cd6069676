export { answersOf } from './answers.js';
export { DlmsPort, type DlmsPortOptions } from './dlms-port.js';
export { DLMS_FAULTS, type DlmsFault } from './line-faults.js';
export { logicalDevice, type DeviceOptions, type LogicalDevice } from './logical-device.js';
