export { listPorts } from './list-ports.js';
export type { PortInfo } from './messages.js';
export { PortProcess } from './port-process.js';
