export type { BilledSession, Repeats } from './bill.js';
export { CSMS_FAULTS, type CsmsFault } from './csms-faults.js';
export { Csms } from './csms.js';
export type { RecordedFrame } from './frame-record.js';
export type { Handshake } from './handshake.js';
export type { CsmsOptions, CsmsTools } from './options.js';
