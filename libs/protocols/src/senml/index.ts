export { decodeSenml, type SenmlPack, type SenmlRecord } from './decode.js';
export { encodeSenml, type SenmlMeasurement } from './encode.js';
