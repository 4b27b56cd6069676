export { RouterDevice, type RouterOptions } from './router-device.js';
export { ROUTER_FAULTS } from './router-faults.js';
export { ROUTER_PHASES } from './topics.js';
