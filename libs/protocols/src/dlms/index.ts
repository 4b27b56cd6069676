export { DlmsClient, type ClientState } from './client/client.js';
export { InvocationCounter, type CounterReserve } from './client/invocation-counter.js';
export type { Authentication, ClientSecurity, ClientTransport, DlmsClientOptions } from './client/options.js';
export type { NameReading, Reading, ShortNameReading } from './client/reading.js';
export type { Agreement, AssociationFault, ClientStep, ReadFault } from './client/step.js';
export { captureOf, type CaptureObject, type Selector } from './selector.js';
