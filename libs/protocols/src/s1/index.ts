export type { Channel, PerPhase, S1Block } from './block.js';
export type { S1Counts } from './counts.js';
export { S1Decoder, type S1DecoderOptions } from './decoder.js';
export { S1Encoder, type S1Sample } from './encoder.js';
export type { S1Format } from './format.js';
export { S1_FRAME_LENGTH } from './frame.js';
