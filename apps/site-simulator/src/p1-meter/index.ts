export { LineFaults, P1_FAULTS, type P1Fault } from './line-faults.js';
export { P1Port, type P1PortOptions } from './p1-port.js';
export { startP1Site, type P1Site, type P1SiteOptions } from './p1-site.js';
export { houseTelegram, type TelegramOptions } from './telegram.js';
export { isP1Version, P1_VERSIONS, telegramInterval, type P1Version } from './versions.js';
