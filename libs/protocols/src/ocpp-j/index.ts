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
export { versionOf, type OcppVersion } from './version.js';
export { EV_STATUSES, type EvStatus } from './observation/connector-status.js';
export type { Detachment, DetachmentCause } from './observation/detachment.js';
export { IdTag } from './observation/id-tag.js';
export { MEASURANDS, type Measurand } from './observation/measurands.js';
export { readMeterValues, type Reading, type ReadingSet } from './observation/meter-values.js';
export type { Observation, Session } from './observation/observation.js';
export { Observer } from './observation/observer.js';
export { FrameSieve, type FrameWeight } from './observation/sieve.js';
export type { OpenSession } from './observation/sessions.js';
export { CAPABILITY_KEYS, readCapabilities, type LimitCapabilities, type RateUnit } from './limits/capabilities.js';
export {
  askComposite,
  limitAt,
  readComposite,
  type CompositeSchedule,
  type SchedulePeriod,
} from './limits/composite-schedule.js';
export { LimitPlan, type LimitState } from './limits/limit-plan.js';
export { askCapabilities, answerOf16, callOf, orderOf16 } from './limits/versions.js';
export { profileOutcome, type ProfileOutcome } from './limits/outcome.js';
export { limitIn, type Limit, type OwnProfile, type PlannedCall, type ProfileSettings } from './limits/profiles.js';
export { rungsOf, type FailSafe, type LimitPurpose, type LimitTarget, type Rung } from './limits/rungs.js';
