export type { Channel } from './channel.js';
export type { HarnessDevice, HarnessSample } from './harness-host.js';
export type { LineMakers } from './lines.js';
export { ProfileBook } from './profile-book.js';
export { replay, type ReplayOptions } from './replay.js';
export { runExtension, type Harness, type HarnessOptions } from './run-extension.js';
export { Runtime, wireError, type RuntimeOptions } from './runtime.js';
