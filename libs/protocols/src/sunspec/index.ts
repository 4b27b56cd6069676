export { encodeModel, encodeWrite, type ModelValues, type RegisterWrite } from './encode.js';
export type { Absence, FieldValue, Registers } from './field.js';
export { decodeModel, type Decoded, type Fields, type ModelFault, type ModelPlace } from './model.js';
export type { FieldDefinition, FieldType, ModelDefinition, Symbols } from './models/definition.js';
export { modelOf, MODELS } from './models/index.js';
export { HoleSearch, joined, rangesOf } from './reading.js';
export { heldWindow, planWindow, storageWindow, type StorageWindow, type WindowPlan } from './storage-window.js';
export { ChainWalk, type Chain, type ChainEnd, type RegisterRange } from './walk.js';
