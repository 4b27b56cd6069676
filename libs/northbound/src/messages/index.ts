import type { TSchema } from '@sinclair/typebox';
import { CMD, HB, RSP, SCHEDULE } from './orders.js';
import { REQ, RES } from './requests.js';
import { ACK, EVENTS, GAP, INST, PROFILE_ROWS } from './streams.js';
import { CAT, NOW, STATE } from './tree.js';

export { DEVICE, EVENT, PROFILE, PROFILE_RUN } from './records.js';
export { orNull, quality, time, tuple, value, word } from './fields.js';

/** One kind of payload of smx/1. */
export interface MessageKind {
  /** Below `smx/1/{site}/{party}/`. */
  readonly topic: string;
  readonly direction: 'up' | 'down';
  readonly qos: 0 | 1;
  readonly retained: boolean;
  readonly schema: TSchema;
}

const up = (topic: string, schema: TSchema): MessageKind =>
  ({ topic, direction: 'up', qos: 1, retained: false, schema }) as const;
const down = (topic: string, schema: TSchema): MessageKind => ({ ...up(topic, schema), direction: 'down' });

/** Every kind of payload of smx/1 (contracts §5), by name. For builds and tests; a running box does not load it. */
export const MESSAGES: Readonly<Record<string, MessageKind>> = {
  state: { ...up('state', STATE), retained: true },
  cat: { ...up('cat', CAT), retained: true },
  now: { ...up('now', NOW), qos: 0, retained: true },
  inst: up('t/inst', INST),
  profile: up('t/profile', PROFILE_ROWS),
  event: up('t/event', EVENTS),
  gap: up('t/{stream}', GAP),
  ack: down('ack/{stream}', ACK),
  cmd: down('cmd', CMD),
  rsp: up('rsp', RSP),
  schedule: down('schedule', SCHEDULE),
  hb: { ...down('hb', HB), qos: 0 },
  req: down('req', REQ),
  res: up('res', RES),
};
