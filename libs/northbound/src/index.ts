export { LocalBroker, type BrokerStatus, type LocalBrokerOptions } from './local-broker.js';
export type { DeviceMessage } from './device-shelf.js';
export type { DownHandler } from './down-desk.js';
export type { DownMessage } from './down-message.js';
export type { BrokerLimits } from './limits.js';
export type { DownKind } from './topics.js';
export { Links, type LinksOptions } from './link/links.js';
export type { LinkAccess, LinkOptions, LinkState, LinkStatus } from './link/link-options.js';
