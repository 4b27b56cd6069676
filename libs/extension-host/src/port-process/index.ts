export type { PortInfo } from './messages.js';
export { PortProcess } from './port-process.js';
