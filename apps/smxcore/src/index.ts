export { ConfigSchema, loadConfig, problemText, type Config, type Loaded, type Problem } from './config/index.js';
export { checkConfig } from './core/check.js';
export { startCore, type Core, type CoreOptions } from './core/core.js';
export { openApiDocument } from './openapi/document.js';
export { schemaFiles } from './openapi/schema-files.js';
