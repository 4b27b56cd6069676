export { commandAnswer, rspOf, type CommandAnswer } from './answer.js';
export { Control, RateError, type ControlOptions, type SetpointDoor } from './control.js';
export { stageOf, type CommandRecord } from './record.js';
export type { SiteLimits } from './site-bounds.js';
export { commandWish, type CommandWish } from './wish.js';
export { takeCommand, type DownCommand } from './mqtt-desk.js';
