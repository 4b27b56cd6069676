export type { ClientState, MeterClient } from './client/client.js';
export type { Authentication, ClientSecurity, ClientTransport, DlmsClientOptions } from './client/options.js';
export type { CaptureObject, NameReading, Reading, Selector, ShortNameReading } from './client/reading.js';
export type { Agreement, AssociationFault, ClientStep, ReadFault } from './client/step.js';
export { InvocationCounter, type CounterReserve } from './client/invocation-counter.js';
