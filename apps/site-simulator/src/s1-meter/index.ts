export { DISTURBANCES, type DisturbanceKind, type Flicker } from './disturbances.js';
export { S1_FAULTS, type S1Fault } from './line-faults.js';
export type { Distortion } from './mains.js';
export { S1Port, type DisturbanceWish, type S1PortOptions } from './s1-port.js';
export { CONNECTIONS, HIGHEST_ORDER, type Connection } from './sampling.js';
