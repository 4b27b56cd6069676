export type { Config, DoorConfig, InstanceSection, TlsFiles } from './config.js';
export { configError, isFatal, loadConfig, type Loaded } from './load.js';
export { pathText, problemSection, problemText, type Problem } from './problem.js';
export { ConfigSchema } from './schema.js';
