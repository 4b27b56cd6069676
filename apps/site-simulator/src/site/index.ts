export { parseSiteConfig, readSiteConfig, type SiteConfig } from './config.js';
export type { MeterConfig } from './meter-config.js';
export { control } from './control.js';
export { startSite, type Site } from './site.js';
export { houseState } from './state.js';
