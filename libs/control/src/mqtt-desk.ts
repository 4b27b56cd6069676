import type { View } from '@smx-edge/access';
import { isSmxError } from '@smx-edge/model';
import { rspOf } from './answer.js';
import type { Control } from './control.js';
import type { Follower } from './followers.js';
import { stageOf } from './record.js';
import { scheduleWish, senmlWish, type SetpointLookup } from './schedule-wish.js';
import { commandWish } from './wish.js';

/** A message of a party on a down topic, as brokers and links hand it over (contracts §5). */
export interface DownCommand {
  readonly principal: string;
  readonly id: string | null;
  readonly body: Readonly<Record<string, unknown>>;
  readonly received: number;
  answer(answer: Readonly<Record<string, unknown>>): void;
}

/** `cmd`: a command, or the end of one, answered stage by stage. */
export async function takeCommand(control: Control, view: View, message: DownCommand): Promise<void> {
  const { body, id, principal, received } = message;
  const follow: Follower = (record, stage) => message.answer(rspOf(record, stage));
  try {
    if (body['cancel'] === true) {
      const open = await control.cancel({ principal, id: id ?? '' }, 'cancelled by its party', follow);
      if (open === undefined)
        refuse(message, { code: 'SMX_COMMAND_UNKNOWN', reason: 'there is no such command of yours' });
      // what was over before has nothing more to come
      else if (open.over === true && stageOf(open).t < received) follow(open, stageOf(open));
      return;
    }
    const wish = commandWish(body, { code: 'SMX_MESSAGE_MALFORMED', strict: false });
    if (wish.t === undefined)
      refuse(message, { code: 'SMX_MESSAGE_MALFORMED', reason: 't: expected the issue time, ms UTC' });
    else await control.submit(view, wish, follow);
  } catch (error) {
    if (!isSmxError(error)) throw error;
    refuse(message, { code: error.code, reason: error.message });
  }
}

/** `schedule`: set-points in advance, native or as a SenML pack, or the end of a schedule. */
export async function takeSchedule(
  control: Control,
  view: View,
  { message, at }: { readonly message: DownCommand; readonly at: SetpointLookup },
): Promise<void> {
  const { body, id, principal } = message;
  const follow: Follower = (record, stage) => message.answer(rspOf(record, stage));
  try {
    if (body['cancel'] === true) {
      const open = control.schedules.find(principal, id ?? '');
      if (open === undefined)
        refuse(message, { code: 'SMX_COMMAND_UNKNOWN', reason: 'there is no such schedule of yours' });
      else control.schedules.cancel(open, 'cancelled by its party');
      return;
    }
    const { senml } = body;
    const wish = Array.isArray(senml) ? senmlWish(senml, at) : scheduleWish(body, at);
    if (wish.t === undefined && !Array.isArray(senml))
      refuse(message, { code: 'SMX_MESSAGE_MALFORMED', reason: 't: expected the issue time, ms UTC' });
    else await control.schedules.submit(view, wish, follow);
  } catch (error) {
    if (!isSmxError(error)) throw error;
    refuse(message, { code: error.code, reason: error.message });
  }
}

function refuse(message: DownCommand, why: { readonly code: string; readonly reason: string }): void {
  message.answer({ id: message.id, state: 'refused', ...why, t: message.received });
}
