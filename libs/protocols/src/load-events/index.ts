/** Appliances of a house by the steps of its power; the explanation is in docs/explanation/load-recognition.md. */
export { LoadRecognition } from './load-recognition.js';
export { checkedLoads, type KeptLoads } from './kept-loads.js';
export type { Appliance, LoadOptions, LoadPhase, LoadStep, LoadWindow } from './load-window.js';
