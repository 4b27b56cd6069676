export { FaultBook, type LineFault } from './fault-book.js';
export { listen, type Address } from './listen.js';
export { Pace } from './pace.js';
export { PacedWire } from './paced-wire.js';
export { Pty } from './pty.js';
