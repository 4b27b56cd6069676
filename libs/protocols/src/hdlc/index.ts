export { decodeAddress, encodeAddress, addressText, type AddressSize, type HdlcAddress } from './address.js';
export { ClientLink, type ClientLinkOptions, type LinkStep } from './client-link.js';
export type { HdlcControl } from './control.js';
export { fcs16 } from './fcs16.js';
export { decodeFrame, encodeFrame, type FrameFault, type HdlcFrame } from './frame.js';
export { HdlcFramer, type HdlcCounts } from './framer.js';
export { agree, decodeLimits, DEFAULT_LIMITS, encodeLimits, type LinkLimits } from './negotiation.js';
export { ServerLink, type ServerLinkOptions, type ServerStep } from './server-link.js';
