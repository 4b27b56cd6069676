export { parseSiteConfig, readSiteConfig, type MeterConfig, type SiteConfig } from './config.js';
export { control } from './control.js';
export { startSite, type Site } from './site.js';
export { houseState } from './state.js';
