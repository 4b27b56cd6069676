export { SMX_FAULTS, SmxDevice, type SmxOptions } from './smx-device.js';
export { SMXCORE_FAULTS, SmxCoreDevice, type SmxCoreOptions } from './smxcore-device.js';
