export { decodeFrame, encodeCall, type Frame } from './frame/frame.js';
export { FRAME_KINDS, type FrameHead, type FrameKind } from './frame/kind.js';
export { hasOwnShape, isMessageId, LONGEST_MESSAGE_ID, MESSAGE_ID_BYTES, ownMessageId } from './frame/message-id.js';
export { peekFrame } from './frame/peek.js';
export { Scheduler } from './scheduler/scheduler.js';
export {
  SCHEDULER_DEFAULTS,
  type Injection,
  type InjectionEnd,
  type SchedulerOptions,
  type Step,
} from './scheduler/step.js';
