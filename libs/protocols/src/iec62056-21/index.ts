export {
  decodeIdentification,
  encodeIdentification,
  reactionTimeOf,
  speedOf,
  type Identification,
  type IdentificationMode,
} from './identification.js';
export { ModeESignOn, type SignOnOptions, type SignOnStep } from './mode-e.js';
export { decodeRequest, encodeAcknowledgement, encodeRequest, FIRST_BAUD, type Acknowledgement } from './opening.js';
export { withEvenParity, withoutParity } from './parity.js';
export { BlockFramer, type BlockFramerOptions, type Message, type Proof } from './block-framer.js';
export { blockCheck } from './characters.js';
export type { ClientOptions, Reading } from './client/client-options.js';
export { IecClient } from './client/client.js';
export type { ClientStep, ReadingFault, SessionFault } from './client/step.js';
export { encodeBlock, encodeCommand, type ReadCommand } from './command.js';
export {
  decodeAddress,
  decodeDataSets,
  obisOf,
  type Address,
  type DataSet,
  type DataValue,
  type StoredValue,
} from './data-set.js';
export { decodeDatedRows, type DatedRow } from './dated-rows.js';
export {
  decodeLog,
  decodeProfile,
  decodeRefusal,
  type ProfileBlock,
  type ProfileChannel,
  type ProfileFault,
  type Refusal,
} from './profile.js';
export { IecServer, type ServerOptions, type ServerStep } from './server/server.js';
export { decodeStamp, encodeStamp, joinStamp, type Stamp } from './stamp.js';
