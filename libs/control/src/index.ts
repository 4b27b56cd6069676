export { commandAnswer, rspOf, scheduleAnswer, type CommandAnswer, type ScheduleAnswer } from './answer.js';
export { Control, RateError, type ControlOptions, type SetpointDoor } from './control.js';
export { takeCommand, takeSchedule, type DownCommand } from './mqtt-desk.js';
export { stageOf, type CommandRecord } from './record.js';
export type { ScheduleRecord } from './schedule.js';
export { scheduleWish, senmlWish, type SetpointLookup } from './schedule-wish.js';
export { commandWish, type CommandWish } from './wish.js';
