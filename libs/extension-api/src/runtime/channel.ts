import type { ToChild, ToHost } from '../wire.js';

/** The way from an instance to its host, in order and reliable. */
export interface Channel {
  send(message: ToHost): void;
  /** True while the host does not keep up; samples are then coalesced to the newest per point. */
  readonly congested: boolean;
  onDrain(fn: () => void): void;
  onMessage(fn: (message: ToChild) => void): void;
}
