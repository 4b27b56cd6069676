export { startGesscon, type Gesscon, type GessconOptions } from './gesscon.js';
export { loadConfig, type Config } from './config/config.js';
