export type { Config, DoorConfig, InstanceSection, LinkSection } from './config.js';
export { configError, loadConfig, type Loaded } from './load.js';
export { problemSection, problemText, shownFile, type Problem } from './problem.js';
export { ConfigSchema } from './schema.js';
