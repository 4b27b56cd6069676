export { ANSWER_TIMES, AnswerLine, ONCE, type AnswerFault } from './answer-line.js';
export { FaultBook, type Fault, type FaultRules } from './fault-book.js';
export { listen, type Address } from './listen.js';
export type { Faulty, Meter, SiteDevice } from './meter.js';
export { MeterPort, type MeterPlaces, type Wire, type WireEnd } from './meter-port.js';
export { Pace } from './pace.js';
