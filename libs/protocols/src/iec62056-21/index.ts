export {
  decodeIdentification,
  encodeIdentification,
  type Identification,
  type IdentificationMode,
} from './identification.js';
export { ModeESignOn, type SignOnOptions, type SignOnStep } from './mode-e.js';
export { decodeRequest, encodeAcknowledgement, encodeRequest, FIRST_BAUD, type Acknowledgement } from './opening.js';
export { withEvenParity, withoutParity } from './parity.js';
