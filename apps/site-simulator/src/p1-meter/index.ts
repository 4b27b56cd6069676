export type { Address } from './line-server.js';
export { startP1Site, type P1Site, type P1SiteOptions } from './p1-site.js';
export { houseTelegram, P1_VERSIONS, telegramInterval, type P1Version, type TelegramOptions } from './telegram.js';
